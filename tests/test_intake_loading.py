"""Loading into a project: counts that add up, twice the same file, stopping in the middle."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import intake
from data.errors import InputError
from data.intake import Progress, plans
from data.intake.content import Item
from data.intake.formats import FORMATS
from data.intake.spill import Spill
from data.schemas import Judgement, Load, Project, Rejection
from data.store import Store


def tasks_file(folder: Path, n: int, bad: int = 0) -> Path:
    rows = [json.dumps({"prompt": f"p{k}", "responses": ["a", "b", f"c{k}"]}) for k in range(n)]
    rows += [json.dumps({"prompt": f"bad {k}"}) for k in range(bad)]
    path = folder / "tasks.jsonl"
    path.write_text("\n".join(rows))
    return path


def pairs_file(folder: Path, *pairs: tuple[str, str], annotator: str = "7") -> Path:
    path = folder / "pairs.jsonl"
    lines = [{"prompt": "p", "chosen": c, "rejected": r, "annotator": annotator} for c, r in pairs]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_a_load_is_recorded_with_counts_that_add_up(tmp_path: Path, store: Store, project: Project) -> None:
    plan = intake.plan(tasks_file(tmp_path, 1203, bad=1100))
    load = intake.load(plan, store, project, "lead", licence="MIT")
    assert store.loads(project.id) == [load]
    assert (load.rows, load.rows_used, load.rows_rejected, load.tasks) == (2303, 1203, 1100, 1203)
    assert (load.file, load.format, load.licence, load.loaded_by) == ("tasks.jsonl", "tasks", "MIT", "lead")
    assert len(load.rejections) == 1000
    assert len(list(store.tasks(project.id))) == 1203


def test_a_check_counts_what_a_load_would_bring(tmp_path: Path, store: Store, project: Project) -> None:
    plan = intake.plan(tasks_file(tmp_path, 120, bad=7))
    told: list[Rejection] = []
    tally = intake.check(plan, on_rejection=told.append)
    load = intake.load(plan, store, project, "lead")
    assert (tally.read, tally.used, tally.rejected, tally.tasks) == (load.rows, load.rows_used, 7, load.tasks)
    assert tuple(told) == load.rejections


def test_the_same_file_again_adds_nothing(tmp_path: Path, store: Store, project: Project) -> None:
    for path in (tasks_file(tmp_path, 20), pairs_file(tmp_path, ("a", "b"), ("c", "d"))):
        first, again = (intake.load(intake.plan(path), store, project, "lead") for _ in range(2))
        assert first.rows_used == again.rows_used == first.tasks
        assert (again.tasks, again.judgements, again.rows_rejected) == (0, 0, 0)
    assert len(store.loads(project.id)) == 4


def test_a_judgement_that_differs_from_an_earlier_load_is_rejected(
    tmp_path: Path, store: Store, project: Project
) -> None:
    intake.load(intake.plan(pairs_file(tmp_path, ("a", "b"), ("c", "d"))), store, project, "lead")
    load = intake.load(intake.plan(pairs_file(tmp_path, ("b", "a"), ("c", "d"), ("e", "f"))), store, project, "lead")
    assert (load.rows_used, load.rows_rejected, load.tasks, load.judgements) == (2, 1, 1, 1)
    assert load.rejections[0].reason == (
        "Row 1: “imported-7” has judged these responses differently in this project; the earlier one stays."
    )
    assert len(store.judgements(project.id)) == 3


def test_two_projects_hold_the_same_file(tmp_path: Path, store: Store, project: Project) -> None:
    other = store.create_project(Project(name="Other"))
    plan = intake.plan(pairs_file(tmp_path, ("a", "b")))
    assert [intake.load(plan, store, p, "lead").judgements for p in (project, other)] == [1, 1]


def test_progress_is_told_and_grows(tmp_path: Path, store: Store, project: Project) -> None:
    seen: list[Progress] = []
    intake.load(intake.plan(tasks_file(tmp_path, 1500)), store, project, "lead", watch=seen.append)
    assert len(seen) > 10
    assert [p.rows for p in seen] == sorted(p.rows for p in seen)
    assert seen[-1].rows == seen[-1].tasks == 1500
    assert seen[-1].share == pytest.approx(1.0)


def test_a_stopped_load_keeps_what_is_stored_and_can_go_on(tmp_path: Path, store: Store, project: Project) -> None:
    plan = intake.plan(tasks_file(tmp_path, 1500))
    load = intake.load(plan, store, project, "lead", watch=lambda progress: progress.tasks < 500)
    assert load.rows == load.rows_used == load.tasks == len(list(store.tasks(project.id))) == 500
    assert load.rejections[0] == Rejection(
        row=0, reason="Loading was stopped after 500 rows; load the file again to go on."
    )
    assert intake.load(plan, store, project, "lead").tasks == 1000


def test_a_watch_that_raises_leaves_a_record(tmp_path: Path, store: Store, project: Project) -> None:
    def watch(progress: Progress) -> None:
        if progress.tasks:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        intake.load(intake.plan(tasks_file(tmp_path, 1500)), store, project, "lead", watch=watch)
    (load,) = store.loads(project.id)
    assert load.tasks == load.rows_used == len(list(store.tasks(project.id))) == 500
    assert load.rejections[0].row == 0


def test_a_stopped_check_says_so(tmp_path: Path) -> None:
    tally = intake.check(intake.plan(tasks_file(tmp_path, 1500)), lambda _progress: False)
    assert tally.stopped
    assert tally.read == 100


def test_a_stopped_load_of_responses_stores_nothing(tmp_path: Path, store: Store, project: Project) -> None:
    path = tmp_path / "responses.jsonl"
    path.write_text("\n".join(json.dumps({"prompt": f"p{n // 2}", "response": str(n)}) for n in range(1000)))
    load = intake.load(intake.plan(path), store, project, "lead", watch=lambda progress: progress.rows < 300)
    assert (load.rows, load.tasks) == (0, 0)
    assert intake.load(intake.plan(path), store, project, "lead").tasks == 500


def test_a_plan_that_lacks_something_leaves_no_record(tmp_path: Path, store: Store, project: Project) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="needs a column"):
        intake.load(intake.plan(path, "tasks"), store, project, "lead")
    assert store.loads(project.id) == []


def test_a_row_that_went_missing_is_a_loud_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lossy = replace(FORMATS["tasks"], read=lambda rows, _reading: iter(list[Item]()[: len(list(rows))]))
    monkeypatch.setattr(plans, "FORMATS", {"tasks": lossy})
    with pytest.raises(RuntimeError, match="3 rows read, 0 used, 0 rejected: rows went missing"):
        intake.check(intake.plan(tasks_file(tmp_path, 3)))


def test_a_file_with_an_odd_name_is_recorded(tmp_path: Path, store: Store, project: Project) -> None:
    plan = intake.plan(tasks_file(tmp_path, 2), name="a\x00b\udcff.jsonl")
    assert intake.load(plan, store, project, "lead").file == "ab?.jsonl"
    assert store.loads(project.id)[0].file == "ab?.jsonl"


def test_a_judgement_of_answers_that_were_merged_here_is_rejected(
    tmp_path: Path, store: Store, project: Project
) -> None:
    path = tmp_path / "votes.jsonl"
    path.write_text(json.dumps({"prompt": "p", "responses": ["a", "b", "c"], "ranks": [1, 2, 3], "annotator": 7}))
    (task,), _ = intake.preview(intake.plan(path))
    store.add(project.id, [task.model_copy(update={"responses": task.responses[:2]})])
    load = intake.load(intake.plan(path), store, project, "lead")
    assert "were changed in this project meanwhile" in load.rejections[0].reason
    assert store.judgements(project.id) == []


RANKED = st.lists(st.permutations(["a", "b", "c"]).map(lambda p: tuple(p[:2])), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RANKED, st.randoms())
def test_the_order_of_rows_does_not_change_what_is_stored(
    tmp_path: Path, store: Store, pairs: list[tuple[str, str]], random: Any
) -> None:
    """As long as nobody contradicts themselves: each pair of texts is judged in one direction only."""
    once = list({frozenset(pair): pair for pair in pairs}.values())
    shuffled = random.sample(once, len(once))
    results = []
    for n, order in enumerate((once, shuffled)):
        project = store.create_project(Project(name=f"{len(store.projects())} {n}"))
        intake.load(intake.plan(pairs_file(tmp_path, *order)), store, project, "lead")
        results.append({plain(j) for j in store.judgements(project.id)})
    assert results[0] == results[1]


def plain(judgement: Judgement) -> tuple[Any, ...]:
    return judgement.task_id, judgement.annotator, judgement.ranking, judgement.idempotency_key


def test_the_spill_tells_first_rows_and_keeps_groups_in_order() -> None:
    spill = Spill()
    assert [spill.first(key, row) for row, key in enumerate("abab")] == [0, 1, 0, 1]
    assert spill.put("k", "v")
    assert not spill.put("k", "other")
    assert (spill.get("k"), spill.get("none")) == ("v", None)
    spill.collect([("z", 1, "first"), ("a", 2, "second"), ("z", 3, "third")])
    assert [row for _, row, _ in spill.groups()] == [1, 3, 2]
    spill.close()


def test_what_a_load_says_survives_the_database(tmp_path: Path, store: Store, project: Project) -> None:
    load = intake.load(intake.plan(tasks_file(tmp_path, 3, bad=1)), store, project, "lead")
    assert Load.model_validate(load.model_dump()) == store.loads(project.id)[0]
