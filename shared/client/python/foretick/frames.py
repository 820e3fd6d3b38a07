"""Messages as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

SCORES = {
    "score_crps": "crps",
    "score_skill": "skillEwmaGaussian",
    "score_coverage80": "coverage80",
}


def to_pandas(message: dict[str, Any]) -> pandas.DataFrame:
    """A snapshot or an update, one row per symbol, origin and horizon.

    Columns `q0.1` and so on hold the quantiles, `score_...` how the symbol's forecasts of that horizon have done so far,
    `issued` when the server first had the forecast (none for what it read back at its start).
    """
    import pandas

    levels = [f"q{level:g}" for level in message["levels"]]
    rows = [
        {
            "symbol": forecast["symbol"],
            "origin": forecast["origin"],
            "event_time": int(forecast["eventTimeNs"]),
            "issued": forecast.get("issuedMs"),
            "measure": forecast.get("measure"),
            "value": forecast["originValue"],
            "horizon": horizon["horizonTicks"],
            "point": horizon["point"],
            **dict(zip(levels, horizon["quantiles"], strict=True)),
            "merged": forecast["merged"],
            "is_warming": forecast["isWarming"],
            "model_sha": forecast["modelSha"],
            **_score(forecast.get("score"), at),
        }
        for forecast in message["forecasts"]
        for at, horizon in enumerate(forecast["horizons"])
    ]
    columns = ["symbol", "measure", "origin", "event_time", "issued", "value", "horizon", "point"]
    columns += [*levels, "merged", "is_warming", "model_sha", *SCORES]
    table = pandas.DataFrame(rows, columns=columns)
    table = table.astype(dict.fromkeys(SCORES, "float64"))
    issued_ns = table["issued"].astype("Int64") * 1_000_000
    table["issued"] = pandas.to_datetime(issued_ns, unit="ns", utc=True)
    table["event_time"] = pandas.to_datetime(table["event_time"], unit="ns", utc=True)
    return table


def _score(score: dict[str, Any] | None, at: int) -> dict[str, float | None]:
    """Of one horizon; nothing where none has been realised."""
    if score is None:
        return {}
    return {column: score[name][at] for column, name in SCORES.items()}
