"""Parts of a fit side by side: the same answers, progress told in the caller's thread, and a stop that stops."""

import threading
import time

import pytest

from reward_model.abreast import WORKERS, abreast
from reward_model.fit import Tick


def squared(number: int, tick: Tick) -> int:
    tick()
    return number * number


def test_results_come_in_the_order_of_the_parts_and_every_tick_arrives_in_the_callers_thread() -> None:
    threads = list[int]()
    assert abreast(squared, range(20), lambda: threads.append(threading.get_ident())) == [n * n for n in range(20)]
    assert threads == [threading.get_ident()] * 20


def test_nothing_to_do_is_done() -> None:
    assert abreast(squared, [], lambda: None) == []


def test_a_stop_of_the_caller_begins_no_further_part() -> None:
    begun = list[int]()

    def work(number: int, tick: Tick) -> None:
        begun.append(number)
        tick()
        time.sleep(0.5)
        tick()

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        abreast(work, range(100), stop)
    assert len(begun) <= WORKERS


def test_what_a_part_raises_is_raised() -> None:
    def work(number: int, _tick: Tick) -> None:
        if number == 3:
            raise ValueError("the third")

    with pytest.raises(ValueError, match="the third"):
        abreast(work, range(100), lambda: None)
