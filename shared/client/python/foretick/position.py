"""How far a client has read."""

from __future__ import annotations

from typing import Any

Message = dict[str, Any]


class PositionTracker:
    """Run, and per partition the newest `src` that was taken; tells repeats and gaps."""

    def __init__(self, position: Message | None = None) -> None:
        self.position = position

    def restart(self, snapshot: Message) -> None:
        """Never goes back within a run: a server that is behind the one before sends again what was taken there."""
        run, src = snapshot["position"]["run"], dict(snapshot["position"]["src"])
        if self.position is not None and self.position["run"] == run:
            for partition, own in self.position["src"].items():
                src[partition] = max(own, src.get(partition, "-1"), key=int)
        self.position = {"run": run, "src": src}

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
        # Another one: who was handed the one before may have kept it.
        src = dict(self.position["src"])
        for partition, cover in update["covers"].items():
            if int(cover["upTo"]) > self._src(partition):
                src[partition] = cover["upTo"]
        self.position = {"run": self.position["run"], "src": src}

    def _src(self, partition: str) -> int:
        if self.position is None:
            return -1
        return int(self.position["src"].get(partition, "-1"))
