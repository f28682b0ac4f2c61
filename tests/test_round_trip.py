"""What goes out comes back: 500 made-up projects, exported as rankings and loaded again, are the same."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import intake
from data.export.files import KINDS
from data.export.folder import DATA, finish_folder
from data.export.of_judgements import rankings
from data.export.rows import Choice, Judged, Rows
from data.schemas import Flag, Judgement, Project, Task
from data.store import Store
from tests.projects_made import projects_made

Made = tuple[list[Task], list[Judgement]]


class Shelf:
    """An empty project at every call, in a store that is renewed before it holds many."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._made = folder, 0

    def project(self) -> tuple[Store, Project]:
        if self._made % 50 == 0:
            self.store = Store(f"sqlite:///{self._folder / f'{self._made}.db'}")
        self._made += 1
        return self.store, self.store.create_project(Project(name=f"P{self._made}"))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("round"))


def exported(made: Made, path: Path, names: bool = True) -> Path:
    tasks, judgements = made
    judged = Judged({task.id: task for task in tasks}, judgements, [], {}, "ignored")
    return written(rankings(judged, Choice(names=names)), path)


def written(rows: Rows, path: Path) -> Path:
    """A file of these rows, of the kind that its name ends in."""
    is_folder = path.suffix == ".arrow"
    out = path / "train" / DATA if is_folder else path
    out.parent.mkdir(parents=True, exist_ok=True)
    KINDS[path.suffix[1:]].write(out, rows.columns, (row for _, row in rows.each()))
    if is_folder:
        finish_folder(path, rows.columns, {"train": "0" * 64})
    return path


def loaded(path: Path, store: Store, project: Project) -> Made:
    load = intake.load(intake.plan(path), store, project, "me")
    assert (load.format, load.rows_rejected, load.rejections) == ("rankings", 0, ())
    return list(store.tasks(project.id)), store.judgements(project.id)


def plain(made: Made) -> tuple[dict[str, Task], dict[tuple[str, str], Judgement]]:
    """What must come back, whatever the order of the rows; why a task was given out stays behind."""
    tasks, judgements = made
    return {t.id: t for t in tasks}, {
        (j.task_id, j.annotator): j.model_copy(update={"queue": None}) for j in judgements
    }


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(projects_made(), st.sampled_from(sorted(KINDS)))
def test_every_project_comes_back_as_it_went_out(
    tmp_path_factory: pytest.TempPathFactory, shelf: Shelf, made: Made, kind: str
) -> None:
    path = exported(made, tmp_path_factory.getbasetemp() / f"round.{kind}")
    store, project = shelf.project()
    assert plain(loaded(path, store, project)) == plain(made)
    again = intake.load(intake.plan(path), store, project, "me")
    assert (again.tasks, again.judgements, again.rows_rejected) == (0, 0, 0)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(projects_made())
def test_by_number_only_the_names_stay_behind(tmp_path: Path, shelf: Shelf, made: Made) -> None:
    _, judgements = loaded(exported(made, tmp_path / "round.jsonl", names=False), *shelf.project())
    assert all(j.annotator.startswith("annotator ") for j in judgements)
    assert len({j.annotator for j in judgements}) == len({j.annotator for j in made[1]})


def test_what_a_project_does_not_ask_for_is_added_or_said(tmp_path: Path, store: Store) -> None:
    task = Task.model_validate(
        {"id": "t", "group": "g", "prompt": [{"role": "user", "content": "p"}],
         "responses": [{"id": "r1", "text": "a"}, {"id": "r2", "text": "b"}]}
    )  # fmt: skip
    judgement = Judgement(
        task_id="t",
        annotator="ann",
        flags=(Flag(response_id="r1", kind="made-up"),),
        criteria={"tone": (("r1",),)},
        idempotency_key="k",
    )
    path = exported(([task], [judgement]), tmp_path / "round.jsonl")
    fresh = store.create_project(Project(name="fresh"))
    load = intake.load(intake.plan(path), store, fresh, "me")
    assert load.added == ("flag made-up", "criterion tone")
    assert [f.kind for f in store.project("fresh").flags][-1] == "made-up"
    assert [c.criterion for c in store.project("fresh").criteria] == ["tone"]
    busy = store.create_project(Project(name="busy"))
    store.add(busy.id, [task])
    load = intake.load(intake.plan(path), store, busy, "me")
    assert (load.added, load.unasked) == (("flag made-up",), ("criterion tone",))
    assert store.project("busy").criteria == ()
    assert store.loads(busy.id)[0] == load


def test_one_task_id_never_stands_for_two_contents(tmp_path: Path, store: Store, project: Project) -> None:
    path = tmp_path / "round.jsonl"
    made = Task.model_validate(
        {"id": "t", "group": "g", "prompt": [{"role": "user", "content": "p"}],
         "responses": [{"id": "r1", "text": "a"}, {"id": "r2", "text": "b"}]}
    )  # fmt: skip
    said = Judgement(task_id="t", annotator="ann", ranking=(("r1",), ("r2",)), idempotency_key="k")
    line = exported(([made], [said]), path).read_text()
    path.write_text(line + line.replace('"ann"', '"bo"').replace('"text": "a"', '"text": "x"'))
    load = intake.load(intake.plan(path), store, project, "me")
    assert load.rejections[0].reason.startswith("Row 2: column “task_id” is that of an earlier row with another prompt")
