"""The same work on many chunks, on both cores: results come in order, and few chunks are held at a time.

`python -m reward_model.processes` is one of the processes: it reads the work and then chunks from its input, and writes
what comes of them to its output. Not by multiprocessing: its children run the main script again, which in the app is a
page, and stay when whoever began them is killed; these end when their input does.
"""

import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, TypeVar, cast

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")
ROOT = Path(__file__).parent.parent
WORKERS = min(2, os.cpu_count() or 1)
FEW = 4
"""Up to so many chunks are worked on here: processes take half a second to begin."""
AHEAD = 2
"""Chunks that wait for each process."""
_ALONE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1")


def worked(work: Callable[[Chunk], Result], chunks: Iterable[Chunk]) -> Iterator[Result]:
    """`work` of each chunk, in order; the work, chunks and results can be pickled. What the work raises comes through.

    Close it, or let it end, to end the processes.
    """
    rest = iter(chunks)
    few = list(islice(rest, FEW + 1))
    if len(few) <= FEW or WORKERS == 1:
        return map(work, chain(few, rest))
    return _side_by_side(work, chain(few, rest))


def _side_by_side(work: Callable[[Chunk], Result], chunks: Iterable[Chunk]) -> Iterator[Result]:
    begun = [_Process(work) for _ in range(WORKERS)]
    idle = SimpleQueue[_Process]()
    for process in begun:
        idle.put(process)

    def done(chunk: Chunk) -> Result:
        process = idle.get()
        try:
            return process.result(chunk)  # type: ignore[no-any-return]
        finally:
            idle.put(process)

    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            try:
                yield from _in_order(lambda chunk: pool.submit(done, chunk), chunks)
            finally:  # before the pool waits for its threads, which wait for the processes
                for process in begun:
                    process.end()
    finally:
        for process in begun:
            process.close()


def _in_order(submit: Callable[[Chunk], Future[Result]], chunks: Iterable[Chunk]) -> Iterator[Result]:
    waiting = deque[Future[Result]]()
    for chunk in chunks:
        waiting.append(submit(chunk))
        if len(waiting) > AHEAD * WORKERS:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


class _Process:
    """A process that does one kind of work, chunk after chunk."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reward_model.processes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ALONE, "PYTHONPATH": path},
        )
        self._told, self._heard = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        self._untold = [work]

    def result(self, chunk: Any) -> Any:
        """What the work makes of a chunk; what it raises is raised here."""
        try:
            self._tell(chunk)
            found = pickle.load(self._heard)  # noqa: S301  # written by our own process
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise RuntimeError("A process that read some of the answers ended before it was done.") from error
        if isinstance(found, Exception):
            raise found
        return found

    def _tell(self, chunk: Any) -> None:
        for what in (self._untold, [chunk]):
            while what:
                pickle.dump(what.pop(), self._told, pickle.HIGHEST_PROTOCOL)
        self._told.flush()

    def end(self) -> None:
        """End it, whatever it is doing; who waits for a result gets an error."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Close what it was told and heard by, once nobody waits for it."""
        for pipe in (self._told, self._heard):
            with suppress(OSError):
                pipe.close()


def _serve(told: IO[bytes], out: IO[bytes]) -> None:
    work = pickle.load(told)  # noqa: S301  # written by the process that began this one
    while True:
        pickle.dump(_tried(work, pickle.load(told)), out, pickle.HIGHEST_PROTOCOL)  # noqa: S301
        out.flush()


def _tried(work: Callable[[Any], Any], chunk: Any) -> Any:
    try:
        return work(chunk)
    except Exception as error:
        error.add_note(f"in a process of its own:\n{traceback.format_exc()}")
        return error


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began it is interrupted too, and ends it
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes to the log, not between the pickles
    with suppress(EOFError, BrokenPipeError):
        _serve(sys.stdin.buffer, out)
    os._exit(0)


if __name__ == "__main__":
    _main()
