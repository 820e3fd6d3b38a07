"""How far a client has read."""

from __future__ import annotations

from typing import Any

Message = dict[str, Any]


class PositionTracker:
    """Run, and per partition the newest `src` that was taken; tells repeats and gaps."""

    def __init__(self, position: Message | None = None) -> None:
        self.position = position

    def restart(self, snapshot: Message) -> None:
        position = snapshot["position"]
        self.position = {"run": position["run"], "src": dict(position["src"])}

    def forget_unless(self, run: str) -> None:
        if self.position is not None and self.position["run"] != run:
            self.position = None

    def has_gap(self, update: Message) -> bool:
        covers = update["covers"].items()
        return any(int(cover["after"]) > self._src(partition) for partition, cover in covers)

    def fresh(self, update: Message) -> list[Message]:
        """The update's forecasts that were not taken before."""
        return [
            forecast
            for forecast in update["forecasts"]
            if int(forecast["position"]["src"]) > self._src(str(forecast["position"]["partition"]))
        ]

    def advance(self, update: Message) -> None:
        if self.position is None:
            return
        for partition, cover in update["covers"].items():
            if int(cover["upTo"]) > self._src(partition):
                self.position["src"][partition] = cover["upTo"]

    def _src(self, partition: str) -> int:
        if self.position is None:
            return -1
        return int(self.position["src"].get(partition, "-1"))
