"""What is counted while a file is read."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from data.intake.asked import Asked
from data.schemas import Rejection

MAX_KEPT = 1_000
"""Rejections that are kept with their sentences; all are counted."""


def _as_it_is(rejection: Rejection) -> Rejection:
    return rejection


@dataclass
class Tally:
    """Counts that grow as a file is read. `masked` counts by kind; `rejections` holds the first 1,000."""

    read: int = 0
    used: int = 0
    rejected: int = 0
    tasks: int = 0
    judgements: int = 0
    merged: int = 0
    masked: Counter[str] = field(default_factory=Counter)
    asked: Asked = field(default_factory=lambda: Asked(takes_criteria=True))
    stopped: bool = False
    rejections: list[Rejection] = field(default_factory=list)
    placed: Callable[[Rejection], Rejection] = _as_it_is

    def reject(self, rejection: Rejection) -> Rejection:
        """Count a row that cannot be used, and say in which of several files it is."""
        self.rejected += 1
        found = self.placed(rejection)
        if len(self.rejections) < MAX_KEPT:
            self.rejections.append(found)
        return found

    def check(self) -> None:
        """Raise RuntimeError unless every row that was read is used or rejected."""
        if not self.stopped and self.read != self.used + self.rejected:
            raise RuntimeError(f"{self.read} rows read, {self.used} used, {self.rejected} rejected: rows went missing")
