"""Heavy work in a process of its own, so that the pages of everybody stay quick; ended at once when it is stopped.

`python -m app.apart` is that process: it reads what to do from its input and writes what comes of it to its output.
Not by multiprocessing: its children run the main script again, which is the page that is being drawn.
"""

import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, TypeVar

from data.errors import InputError

Result = TypeVar("Result")
ROOT = Path(__file__).parent.parent
PROGRESS, DONE, REFUSED, FAILED, GONE = "progress", "done", "refused", "failed", "gone"
_EVERY = 0.2
_NICER = 5


class Ended(Exception):
    """Raised where the work was ended because `see` wanted no more."""


def apart(function: Callable[..., Result], *args: Any, see: Callable[[Any], bool], first: Any) -> Result:
    """`function(*args, report)` in a process of its own; what it reports is given to `see`, which begins with `first`.

    The function stands in a module that needs no Streamlit, its arguments and result can be pickled. When `see` returns
    False, asked at least five times a second, the process is killed and Ended raised. InputError comes through.
    """
    command = [sys.executable, "-m", "app.apart"]
    pipe, order = subprocess.PIPE, (function, args)
    process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe)  # noqa: S603  # our own module
    try:
        news: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        Thread(target=_talk, args=(process.stdin, process.stdout, order, news), daemon=True).start()
        return _followed(news, see, first, process)  # type: ignore[no-any-return]
    finally:  # the pipes are closed by the thread that uses them: closing them here may meet half of an order
        process.kill()
        process.wait()


def _talk(told: IO[bytes], heard: IO[bytes], order: Any, news: "SimpleQueue[tuple[str, Any]]") -> None:
    try:
        with heard:
            with told:
                pickle.dump(order, told)
            while True:
                news.put(pickle.load(heard))  # noqa: S301  # written by our own process
    except (EOFError, OSError, ValueError, pickle.UnpicklingError):
        news.put((GONE, None))
    except Exception:
        news.put((FAILED, traceback.format_exc()))


def _followed(
    news: "SimpleQueue[tuple[str, Any]]", see: Callable[[Any], bool], seen: Any, process: "subprocess.Popen[bytes]"
) -> Any:
    while True:
        if not see(seen):
            raise Ended
        try:
            kind, value = news.get(timeout=_EVERY)
        except Empty:
            continue
        if kind == DONE:
            return value
        if kind == GONE:
            raise RuntimeError(f"the process ended with {process.wait()}, before it was done")
        if kind != PROGRESS:
            raise _fault(kind, value)
        seen = value


def _fault(kind: str, value: Any) -> Exception:
    if kind == REFUSED:
        return InputError(value)
    return RuntimeError(f"in the process of its own:\n{value}")


def _work(order: IO[bytes], out: IO[bytes]) -> None:
    def tell(kind: str, value: Any) -> None:
        pickle.dump((kind, value), out)
        out.flush()

    try:
        function, args = pickle.load(order)  # noqa: S301  # written by the process that began this one
        tell(DONE, function(*args, lambda seen: tell(PROGRESS, seen)))
    except BrokenPipeError:
        raise SystemExit(1) from None
    except InputError as error:
        tell(REFUSED, str(error))  # with its template, so that it can be translated
    except Exception:
        tell(FAILED, traceback.format_exc())


def _main() -> None:
    os.nice(_NICER) if hasattr(os, "nice") else None
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what a library prints goes to the log, not between the pickles
        _work(sys.stdin.buffer, out)


if __name__ == "__main__":
    _main()
