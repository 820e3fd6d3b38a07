"""Whole forecasts out of deltas."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

Message = dict[str, Any]

# RFC 4648, section 4.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
VALUES = {letter: value for value, letter in enumerate(LETTERS)}


class ForecastBases:
    """The newest forecast of each symbol that came on the subscription, which deltas are added to."""

    def __init__(self) -> None:
        self._newest: dict[str, Message] = {}

    def restart(self, forecasts: list[Message] | None = None) -> None:
        """At each answer to a subscription nothing is known, at a snapshot its forecasts alone."""
        self._newest = {one["symbol"]: one for one in forecasts or []}

    def whole(self, update: Message) -> list[Message] | None:
        """The update's forecasts; None where one is to be added to what is not here."""
        forecasts = []
        for told in update["forecasts"]:
            if "from" in told:
                base = self._newest.get(told["symbol"])
                if base is None or base["origin"] != told["from"]:
                    return None
                told = rebuilt_forecast(base, told)
            self._newest[told["symbol"]] = told
            forecasts.append(told)
        return forecasts


def rebuilt_forecast(base: Message, delta: Message) -> Message:
    """The forecast that the delta stands for, to the last bit."""
    told = dict(delta)
    told.pop("from")
    scale = 10 ** told.pop("decimals")
    changes = accumulate(read_vlq(told.pop("changes")))
    weights = told.pop("weights", None)

    def moved(value: float) -> float:
        return (round(value * scale) + next(changes)) / scale

    horizons = [
        {
            "horizonTicks": horizon["horizonTicks"],
            "point": moved(horizon["point"]),
            "quantiles": [moved(value) for value in horizon["quantiles"]],
            "weights": horizon["weights"] if weights is None else weights[at],
        }
        for at, horizon in enumerate(base["horizons"])
    ]
    return {**base, **told, "horizons": horizons}


def read_vlq(text: str) -> list[int]:
    """Whole numbers from base64 VLQ, as in source maps."""
    numbers, number, shift = [], 0, 0
    for letter in text:
        value = VALUES[letter]
        number += (value & 31) << shift
        shift += 5
        if value < 32:
            numbers.append(-(number >> 1) if number & 1 else number >> 1)
            number, shift = 0, 0
    return numbers
