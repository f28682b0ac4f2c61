"""What comes back of 500 made-up projects from every format but the rankings is what the format leaves, and no more."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data import intake
from data.export.files import KINDS
from data.export.formats import FORMATS
from data.export.messages import transcript
from data.export.preflight import preflight
from data.export.rows import Choice, Judged, Rows
from data.export.write import rows_of, settled
from data.intake.people import known_as
from data.intake.plans import reading
from data.intake.spill import Spill
from data.schemas import Judgement, Load, Message, Project, Ranking
from data.store import Store
from rankers.pairs import PairRules, preference_pairs
from tests.projects_made import projects_made
from tests.test_round_trip import Shelf, written
from tests.trips_left import LEFT, About, Form, Left, Made, Order, Said, pairs

MANY = settings(
    max_examples=500, deadline=None, suppress_health_check=list(HealthCheck), phases=set(Phase) - {Phase.explain}
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("formats"))


def handed_over(made: Made, name: str, kind: str, messages: bool | None) -> tuple[Rows, Form]:
    """The rows as an export hands them over, and how they are written."""
    tasks = {task.id: task for task in made[0]}
    found = preference_pairs(tasks, made[1], PairRules(flags="ignored"))
    judged = Judged(tasks, made[1], found.pairs, found.left_out, "ignored")
    wanted = Choice(name, messages, names=True, test_share=0, origins=("reference", "edit"))
    choice = settled(judged, wanted, kind)
    rows, _ = preflight(judged, choice, rows_of(judged, choice))
    return rows, Form(not choice.messages and not FORMATS[name].nested, kind == "csv")


def came_back(store: Store, project: Project) -> Left:
    """All that a project holds; whatever no format but the rankings brings must be empty."""
    about: dict[str, About] = {}
    ids: dict[str, dict[str, tuple[str, str | None]]] = {}
    for task in store.tasks(project.id):
        ids[task.id] = {one.id: (one.text, one.source) for one in task.responses}
        about[task.id] = tuple((m.role, m.content) for m in task.prompt), frozenset(ids[task.id].values())
    assert len(set(about.values())) == len(about)
    judgements = store.judgements(project.id)
    assert all(_is_bare(j) for j in judgements)
    said = {(about[j.task_id], j.annotator): _said(j, ids[j.task_id]) for j in judgements}
    assert len(said) == len(judgements)
    return Left(frozenset(about.values()), said)


def _is_bare(j: Judgement) -> bool:
    more = (j.flags, j.edits, j.reference, j.scores, j.shown_order, j.suggested, j.seconds, j.skip_reason)
    return not any(more) and j.revision == 1 and j.status == "submitted"


def _said(j: Judgement, of: dict[str, tuple[str, str | None]]) -> Said:
    def order(ranking: Ranking) -> Order:
        return tuple(frozenset(of[i] for i in tier) for tier in ranking)

    criteria = frozenset((name, order(ranking)) for name, ranking in j.criteria.items())
    return Said(order(j.ranking), j.margin, j.none_acceptable, j.unrankable, j.comment, criteria)


def loaded(path: Path, shelf: Shelf, recognised: str) -> tuple[Load, Store, Project, intake.Plan]:
    """The load of a file whose format nobody names, into an empty project; the second one adds nothing."""
    store, project = shelf.project()
    plan = intake.plan(path)
    assert plan.format == recognised
    load = intake.load(plan, store, project, "me")
    again = intake.load(plan, store, project, "me")
    assert (again.tasks, again.judgements, again.rows_used) == (0, 0, load.rows_used)
    return load, store, project, plan


@pytest.mark.parametrize("name", LEFT)
@MANY
@given(data=st.data(), made=projects_made())
def test_of_every_project_comes_back_what_the_format_leaves_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, shelf: Shelf, name: str, data: st.DataObject, made: Made
) -> None:
    fits = [kind for kind in sorted(KINDS) if kind != "csv" or not (FORMATS[name].nested or name == "trl-implicit")]
    kind = data.draw(st.sampled_from(fits))
    may = [None] if kind == "csv" or FORMATS[name].nested else [True] if name == "trl-implicit" else [None, True, False]
    rows, form = handed_over(made, name, kind, data.draw(st.sampled_from(may)))
    recognised, where, left_of = LEFT[name]
    left = left_of(made, form)
    if not rows.n:
        assert left == Left(frozenset(), {})
        return
    path = written(rows, tmp_path_factory.getbasetemp() / f"{name}.{kind}")
    load, store, project, plan = loaded(path, shelf, recognised)
    spill = Spill()
    called = reading(plan, spill, project.name)
    people = {who: who if who == where else known_as(where, who, called) for _, who in left.said}
    spill.close()
    assert len(set(people.values())) == len(people)
    named = {(about, people[who]): said for (about, who), said in left.said.items()}
    assert came_back(store, project) == Left(left.tasks, named)
    assert load.rows == rows.n


_SPEAKER = re.compile(r"(?:^|\n\n)(?:Human|Assistant):")


def bare(text: str) -> str:
    """A transcript without white space and speakers: where turns part is what it loses."""
    return re.sub(r"\s|Human:|Assistant:|System:", "", text)


@MANY
@given(made=projects_made(), kind=st.sampled_from(sorted(KINDS)))
def test_of_pairs_with_the_prompt_inside_as_text_every_word_comes_back(
    tmp_path_factory: pytest.TempPathFactory, shelf: Shelf, made: Made, kind: str
) -> None:
    rows, _ = handed_over(made, "trl-implicit", kind, False)
    said = [(transcript(task.prompt), better, worse) for task, better, worse, _ in pairs(made)]
    whole = {(bare(before + a), bare(before + b)) for before, a, b in said}
    sure = {
        frozenset(map(bare, (before + a, before + b)))
        for before, a, b in said
        if a.strip() != b.strip() and not (_SPEAKER.search(a) or _SPEAKER.search(b))
    }
    if not rows.n:
        return
    path = written(rows, tmp_path_factory.getbasetemp() / f"implicit.{kind}")
    _, store, project, _ = loaded(path, shelf, "preferences")
    left = came_back(store, project)
    back = {tuple(bare(_text(about) + text) for ((text, _),) in said.ranking) for (about, _), said in left.said.items()}
    assert back <= whole
    assert sure <= {frozenset(two) for two in back}


def _text(about: About) -> str:
    return transcript([Message.model_validate({"role": role, "content": text}) for role, text in about[0]])


def test_every_format_is_held_to_this() -> None:
    assert set(FORMATS) == {*LEFT, "rankings"}
