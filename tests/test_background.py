"""Work beside the screens: in a thread, and in a process of its own."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from app.apart import Ended, apart
from app.background import FAULT, Job, See, Stopped
from data.errors import InputError


def counting(to: int, report: Callable[[int], None]) -> tuple[int, int]:
    for n in range(to):
        report(n + 1)
    return to, os.getpid()


def refusing(_report: object) -> None:
    raise InputError("Too few.")


def failing(_report: object) -> None:
    raise ZeroDivisionError("planted")


def dying(_report: object) -> None:
    os._exit(7)


def printing(_report: object) -> str:
    print("to the log")  # noqa: T201
    return "quiet"


def sleeping(file: Path, _report: object) -> None:
    file.write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(600)


def measuring(text: str, _report: object) -> int:
    return len(text)


def see_all(_seen: object) -> bool:
    return True


def test_a_job_tells_its_progress_and_its_result() -> None:
    go, seen = Event(), Event()

    def work(see: See[int]) -> str:
        assert see(3) is True
        seen.set()
        go.wait(20)
        return "done"

    job = Job(work, 0)
    assert seen.wait(20)
    assert (job.progress, job.running) == (3, True)
    with pytest.raises(RuntimeError, match="not ended"):
        job.result()
    go.set()
    assert job.wait(20)
    assert (job.running, job.result(), job.error()) == (False, "done", "")


def test_a_job_can_be_stopped_and_keeps_what_it_came_to() -> None:
    def work(see: See[int]) -> int:
        told = 0
        while see(told):
            told += 1
            time.sleep(0.005)
        return told

    job = Job(work, 0)
    job.stop()
    assert job.wait(20)
    assert job.stopped
    assert job.result() == job.progress


def test_a_job_that_ends_because_it_was_stopped_has_no_error() -> None:
    def work(_see: See[int]) -> None:
        raise Stopped

    job = Job(work, 0)
    assert job.wait(20)
    assert job.error() == ""
    with pytest.raises(Stopped):
        job.result()


def test_a_job_keeps_a_sentence_and_says_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    refused, failed = Job(lambda _see: refusing(None), 0), Job(lambda _see: failing(None), 0)
    assert refused.wait(20)
    assert failed.wait(20)
    assert refused.error() == "Too few."
    assert failed.error() == FAULT
    assert "planted" in caplog.text
    with pytest.raises(ZeroDivisionError):
        failed.result()


def test_the_time_left_is_known_once_something_is_done() -> None:
    job = Job(lambda _see: 1, 0)
    job._began = time.monotonic() - 10
    assert job.seconds_left(0.02) is None
    assert job.seconds_left(0.5) == pytest.approx(10, abs=1)
    assert job.seconds_left(1.0) == 1.0


def test_work_in_a_process_of_its_own_reports_and_returns() -> None:
    seen: list[int] = []

    def see(n: int) -> bool:
        seen.append(n)
        return True

    (n, process) = apart(counting, 3, see=see, first=0)
    assert n == 3
    assert process != os.getpid()
    assert sorted(set(seen)) == [0, 1, 2, 3]
    assert apart(printing, see=see_all, first=0) == "quiet"


@pytest.mark.parametrize(
    ("work", "kind", "words"),
    [(refusing, InputError, "Too few"), (failing, RuntimeError, "planted"), (dying, RuntimeError, "ended with 7")],
)
def test_what_goes_wrong_in_the_process_is_raised_here(
    work: Callable[..., None], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        apart(work, see=see_all, first=0)


def test_a_process_is_killed_as_soon_as_nobody_wants_more(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    with pytest.raises(Ended):
        apart(sleeping, file, see=lambda _seen: not (file.exists() and file.read_text()), first=0)
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)


def test_work_stopped_while_its_order_is_still_being_written_ends_as_stopped() -> None:
    with pytest.raises(Ended):
        apart(measuring, "x" * 50_000_000, see=lambda _seen: False, first=0)
    assert apart(measuring, "x" * 3_000_000, see=see_all, first=0) == 3_000_000
