"""Work by processes of their own: in order, in bounded memory, faults said, and nobody left behind."""

import os
import subprocess
import sys
import time
from array import array
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from data.errors import InputError
from reward_model import processes, scoring
from reward_model.features import ENCODER_START, NUMBER_COLUMNS
from reward_model.model import RewardModel
from reward_model.processes import AHEAD, FEW, worked
from reward_model.scoring import Given, scored


@pytest.fixture(autouse=True)
def _two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "WORKERS", 2)


def slower_first(n: int) -> tuple[int, int]:
    time.sleep(0.2 if n == 0 else 0.01)
    return n, os.getpid()


def refuse(n: int) -> int:
    if n == 7:
        raise InputError("Number 7 cannot be read.")
    return n


def die(n: int) -> int:
    os._exit(3) if n == 5 else None
    return n


def alive(process: int) -> bool:
    return Path(f"/proc/{process}/stat").exists() and " Z " not in Path(f"/proc/{process}/stat").read_text()


def test_results_come_in_order_from_other_processes() -> None:
    found = list(worked(slower_first, range(12)))
    assert [n for n, _ in found] == list(range(12))
    workers = {process for _, process in found}
    assert len(workers) == 2
    assert os.getpid() not in workers
    assert not any(map(alive, workers))


def test_a_few_chunks_are_worked_on_here() -> None:
    assert {process for _, process in worked(slower_first, range(FEW))} == {os.getpid()}


def test_few_chunks_are_held_at_a_time() -> None:
    asked = 0

    def chunks() -> Iterator[int]:
        nonlocal asked
        while asked < 100:
            asked += 1
            yield asked

    for done, _ in enumerate(worked(slower_first, chunks())):
        assert asked <= done + 1 + AHEAD * 2 + FEW


def test_what_the_work_says_is_wrong_comes_through() -> None:
    with pytest.raises(InputError, match="Number 7 cannot be read"):
        list(worked(refuse, range(20)))


def test_a_fault_of_the_chunks_ends_the_processes() -> None:
    def chunks() -> Iterator[int]:
        yield from range(20)
        raise InputError("The file ends.")

    found = worked(slower_first, chunks())
    workers = {next(found)[1] for _ in range(10)}
    with pytest.raises(InputError, match="The file ends"):
        list(found)
    assert not any(map(alive, workers))


def test_a_process_that_ends_is_said_to_have_ended() -> None:
    with pytest.raises(RuntimeError, match="ended before it was done"):
        list(worked(die, range(20)))


def test_processes_end_when_whoever_began_them_is_killed() -> None:
    code = (
        "import sys; from reward_model import processes; processes.WORKERS = 2\n"
        "from tests.test_reward_processes import slower_first\n"
        "for _, worker in processes.worked(slower_first, range(10_000)): print(worker, flush=True)"
    )
    began = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert began.stdout
    workers = {int(began.stdout.readline()) for _ in range(6)}
    began.kill()
    began.wait()
    began.stdout.close()
    ends = time.monotonic() + 10
    while any(map(alive, workers)) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not any(map(alive, workers))


def model() -> RewardModel:
    columns = np.arange(0, ENCODER_START, 3, dtype=np.int32)
    weights = np.random.default_rng(0).normal(size=len(columns)).astype(np.float32)
    low, high = np.zeros(NUMBER_COLUMNS), np.ones(NUMBER_COLUMNS)
    return RewardModel({"offset": 0.5}, columns, weights, low, high, np.zeros(0, dtype=np.uint64))


def flags(items: list[tuple[str, str]], kinds: list[str]) -> list[dict[str, float]]:
    return [{kinds[len(text) % 2]: 0.5} if len(text) % 3 else {} for _, text in items]


def test_many_answers_are_scored_and_flagged_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [Given((f"Question {n % 7}", f"Answer {n} " * (n % 5)), ["mine"] * (n % 11 == 0)) for n in range(100)]
    flagging = partial(flags, kinds=["toxic", "unfactual"])
    alone = scored(given, model(), flagging)
    monkeypatch.setattr(scoring, "AT_ONCE", 9)
    together = scored(given, model(), flagging)
    assert together.scores() == pytest.approx(alone.scores(), abs=1e-4)
    assert together.prompt == alone.prompt
    assert [together.kind(at) for at in range(100)] == [alone.kind(at) for at in range(100)]
    assert together.chance == alone.chance
    assert isinstance(together.flag, array)
