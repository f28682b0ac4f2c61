"""Independent parts of a fit, side by side on the processor's cores."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import TypeVar

from threadpoolctl import threadpool_limits

from reward_model.fit import Tick

WORKERS = min(2, os.cpu_count() or 1)
Part = TypeVar("Part")
Result = TypeVar("Result")


class _StoppedError(Exception):
    """The caller wants no more."""


def abreast(work: Callable[[Part, Tick], Result], parts: Sequence[Part], tick: Tick) -> list[Result]:
    """`work(part, tick)` for every part, in their order, on `WORKERS` threads: solvers let others run meanwhile.

    `tick` is called in the thread of the caller. What it raises, or `work` does, stops the rest: nothing more begins,
    and what runs ends at its next tick.
    """
    news: SimpleQueue[Future[Result] | None] = SimpleQueue()
    stopped = Event()

    def counted() -> None:
        if stopped.is_set():
            raise _StoppedError
        news.put(None)

    def one(part: Part) -> Result:
        with threadpool_limits(1, "openmp"):  # OpenMP is told in each thread, BLAS once for all of them
            return work(part, counted)

    with threadpool_limits(1), ThreadPoolExecutor(WORKERS) as pool:
        try:
            running = [pool.submit(one, part) for part in parts]
            for future in running:
                future.add_done_callback(news.put)
            _follow(news, len(running), tick)
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in running]


def _follow(news: "SimpleQueue[Future[Result] | None]", left: int, tick: Tick) -> None:
    while left:
        done = news.get()
        if done is None:
            tick()
        else:
            done.result()
            left -= 1
