"""Comparing and uploading beside the Export page: progress is said, the end can be asked for, and begun again."""

from threading import Event

import pytest

from app.background import Job, See, Stopped
from app.export_jobs import KEPT, Done, Jobs, comparing, has_result, jobs
from data.schemas import Project
from data.store import Store
from tests.test_export_page import export_page
from tests.test_export_versions import exported, kept, prefer_first, tasks

pytestmark = pytest.mark.usefixtures("shared_store")


def waits(begun: Event) -> "Job[Done, str]":
    def work(see: See[Done]) -> str:
        begun.set()
        while see((3, 10)):
            Event().wait(0.01)
        raise Stopped

    return Job(work, (0, 1))


@pytest.fixture
def two_versions(store: Store, project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    given, folder = tasks(), tmp_path_factory.mktemp("versions")
    store.add(project.id, given, prefer_first(*given))
    for n in (10, 12):
        kept(store, project, exported(folder / str(n), given[:n], prefer_first(*given[:n])))
    return project


def test_a_comparison_that_goes_on_is_shown_ended_and_begun_again(two_versions: Project) -> None:
    begun = Event()
    key = (two_versions.id, "compare", (1, 2))
    job = jobs()._jobs[key] = waits(begun)
    assert begun.wait(10)
    at = export_page()
    at.selectbox(key="export_older").set_value(1).run()
    assert not at.exception
    at.button(key="export_compare_cancel").click().run()
    assert job.wait(10)
    at.run()
    assert any("The comparison was cancelled." in one.value for one in at.info)
    at.button(key="export_compare_again").click().run()
    assert "10 rows are the same; 2 added, 0 removed, 0 turned" in "".join(one.value for one in at.markdown)


def test_a_comparison_ends_where_somebody_asks_for_it(two_versions: Project) -> None:
    seen: list[Done] = []

    def see(done: Done) -> bool:
        seen.append(done)
        return False

    with pytest.raises(Stopped):
        comparing(two_versions.id, 1, 2)(see)
    assert seen == [(0, 22)]


def test_the_same_work_is_not_begun_twice_and_old_outcomes_go() -> None:
    made, begun = Jobs(), Event()
    running = made._jobs[1, "push", 1] = waits(begun)
    assert made.begin((1, "push", 1), lambda see: "other") is running
    for n in range(2 * KEPT):
        assert has_result(made.begin((1, "push", n + 2), lambda see: "done"))
    assert made.of((1, "push", 1)) is running
    assert len(made._jobs) == KEPT
    running.stop()
    assert running.wait(10)
    assert not has_result(running)
