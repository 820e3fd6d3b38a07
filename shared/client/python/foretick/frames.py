"""Messages as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas


def to_pandas(message: dict[str, Any]) -> pandas.DataFrame:
    """A snapshot or an update, one row per symbol, origin and horizon; columns `q0.1` and so on hold the quantiles."""
    import pandas

    levels = [f"q{level:g}" for level in message["levels"]]
    rows = [
        {
            "symbol": forecast["symbol"],
            "origin": forecast["origin"],
            "event_time": int(forecast["eventTimeNs"]),
            "value": forecast["originValue"],
            "horizon": horizon["horizonTicks"],
            "point": horizon["point"],
            **dict(zip(levels, horizon["quantiles"], strict=True)),
            "merged": forecast["merged"],
            "is_warming": forecast["isWarming"],
            "model_sha": forecast["modelSha"],
        }
        for forecast in message["forecasts"]
        for horizon in forecast["horizons"]
    ]
    columns = ["symbol", "origin", "event_time", "value", "horizon", "point", *levels]
    table = pandas.DataFrame(rows, columns=[*columns, "merged", "is_warming", "model_sha"])
    table["event_time"] = pandas.to_datetime(table["event_time"], unit="ns", utc=True)
    return table
