"""Long work beside the screen: it goes on when the page is closed, tells how far it is, and can be stopped."""

import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Generic, TypeVar

from app.language import _, number
from data.errors import InputError
from data.intake import Progress

Result = TypeVar("Result")
Work = Callable[[Callable[[Progress], bool]], Result]


class Job(Generic[Result]):
    """One piece of work in a thread of its own, given a function to call with its progress."""

    def __init__(self, work: Work[Result]) -> None:
        self.progress = Progress(0, 0, 0, 0.0)
        self._work, self._stop, self._began = work, Event(), time.monotonic()
        self._result: Result | None = None
        self._fault: Exception | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._work(self._seen)
        except Exception as error:  # shown or raised where the result is asked for
            self._fault = error

    def _seen(self, progress: Progress) -> bool:
        self.progress = progress
        return not self._stop.is_set()

    def stop(self) -> None:
        """Ask the work to end."""
        self._stop.set()

    @property
    def running(self) -> bool:
        """Whether the work goes on."""
        return self._thread.is_alive()

    @property
    def stopped(self) -> bool:
        """Whether somebody asked the work to end."""
        return self._stop.is_set()

    def wait(self) -> None:
        """Wait until the work has ended."""
        self._thread.join()

    def error(self) -> str:
        """The sentence about input that the work could not use; empty when there is none."""
        return str(self._fault) if isinstance(self._fault, InputError) else ""

    def result(self) -> Result:
        """What the work came to; raises what made it fail."""
        if self._fault is not None:
            raise self._fault
        if self._result is None:
            raise RuntimeError("the work has not ended")
        return self._result

    def words(self) -> str:
        """How far the work is, for people: rows read, rows rejected, time left."""
        seen = self.progress
        left = (time.monotonic() - self._began) * (1 - seen.share) / seen.share if seen.share > 0.02 else None
        counts = {"rows": number(seen.rows), "rejected": number(seen.rejected)}
        if left is None:
            return _("{rows} rows read, {rejected} rejected", **counts)
        return _("{rows} rows read, {rejected} rejected, about {time} left", **counts, time=_duration(left))


def _duration(seconds: float) -> str:
    return _("{n} min", n=number(seconds / 60)) if seconds >= 90 else _("{n} s", n=number(max(seconds, 1)))
