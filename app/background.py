"""Long work beside the screens: it goes on when the page is closed, tells how far it is, and can be stopped."""

import logging
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Generic, TypeVar

from app.language import N_
from data.errors import InputError

Seen = TypeVar("Seen")
Result = TypeVar("Result")
See = Callable[[Seen], bool]
"""Takes note of a progress; False once somebody has asked the work to end."""
FAULT = N_("This failed by a fault of Rankdesk; the server's log says where. Nothing was stored.")
_LOG = logging.getLogger(__name__)


class Stopped(Exception):
    """Raised inside work that ends because somebody asked for it."""


class Job(Generic[Seen, Result]):
    """One piece of work in a thread of its own, begun at once: it is given a function to call with its progress."""

    def __init__(self, work: Callable[[See[Seen]], Result], first: Seen) -> None:
        self.progress = first
        self._stop, self._ended, self._began = Event(), Event(), time.monotonic()
        self._result: Result | None = None
        self._fault: Exception | None = None
        Thread(target=self._run, args=(work,), name="job", daemon=True).start()

    def _run(self, work: Callable[[See[Seen]], Result]) -> None:
        try:
            self._result = work(self._see)
        except Exception as error:  # said by `error`, raised by `result`
            self._fault = error
            if not isinstance(error, InputError | Stopped):
                _LOG.exception("work in the background failed")
        finally:
            self._ended.set()

    def _see(self, progress: Seen) -> bool:
        self.progress = progress
        return not self.stopped

    def stop(self) -> None:
        """Ask the work to end."""
        self._stop.set()

    @property
    def running(self) -> bool:
        """Whether the work goes on."""
        return not self._ended.is_set()

    @property
    def stopped(self) -> bool:
        """Whether somebody asked the work to end."""
        return self._stop.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the work has ended; False when it has not by then."""
        return self._ended.wait(seconds)

    def error(self) -> str:
        """Why there is no result, in one sentence to translate; empty when there is one, or it was stopped."""
        if isinstance(self._fault, InputError):
            return str(self._fault)
        return "" if self._fault is None or isinstance(self._fault, Stopped) else FAULT

    def result(self) -> Result:
        """What the work came to; raises what made it fail, Stopped among it."""
        if self.running:
            raise RuntimeError("the work has not ended")
        if self._fault is not None:
            raise self._fault
        return self._result  # type: ignore[return-value]  # the work ended without a fault

    def seconds_left(self, share: float) -> float | None:
        """How long it may still take when this share is done, in seconds, at least 1; None while too little is done."""
        passed = time.monotonic() - self._began
        return max(passed * (1 - share) / share, 1.0) if share > 0.02 else None
