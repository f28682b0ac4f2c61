"""Cleaning: what each rule finds in tasks, applied rule by rule and taken back."""

import json
from pathlib import Path

import pytest

from data import cleaning
from data.__main__ import main
from data.clean.command import excerpts
from data.clean.rules import About
from data.errors import InputError
from data.schemas import Finding, Message, Project, Response, Task, Term
from data.store import Store
from tests.conftest import a_judgement, a_task

PROMPT = "Describe in one short paragraph how a steam engine turns the heat of a coal fire into motion"
BROKEN = a_task("Say &amp; do", "Fine.</s>", "donâ€™t, mail me at ann@corp.org")
EMPTY = a_task("What is it?", "A cat.", "A dog.", " ")
SAME = a_task("Who is it?", "A cat.", "A dog.", "A cat.\n", sources=("a", "b", "c"))
ALL_SAME = a_task("Where is it?", "Here.", "Here.")
NEAR = [a_task(PROMPT, "Steam pushes.", "It boils."), a_task(f"{PROMPT}, please", "By steam.", "By fire.")]
LANGUAGE = a_task(
    "How do I cook rice for ten people?", "Boil it for a long time in a pot.", "Варите его долго в кастрюле."
)
ASKED = a_task("How do I say it in Russian: boil the rice", "Варите его долго в кастрюле.", "Boil it, I think.")


def found(rule: str, *tasks: Task, **about: object) -> list[Finding]:
    values = {"project": Project(name="P")} | about
    return list(cleaning.findings(lambda: tasks, [rule], About(**values)))  # type: ignore[arg-type]


def test_a_text_is_mended_at_once_and_the_reason_quotes_what_is_wrong() -> None:
    (html,) = found("html", BROKEN)
    assert (html.part, html.before, html.after) == ("prompt:0", "Say &amp; do", "Say & do")
    assert "&amp;" in html.why
    (mail,) = found("personal", BROKEN)
    assert (mail.part, mail.after) == ("response:r2", "donâ€™t, mail me at [email]")


def test_empty_answers_go_unless_somebody_has_judged_them() -> None:
    (gone,) = found("empty", EMPTY)
    assert gone.part == "responses"
    assert [one["id"] for one in json.loads(gone.after or "")] == ["r1", "r2"]
    (left,) = found("empty", EMPTY, judged={EMPTY.id})
    assert (left.part, left.after) == ("response:r3", None)
    (few,) = found("empty", a_task("Q", "A", ""))
    assert (few.part, few.after) == ("task", "")


def test_answers_that_are_the_same_become_one_unless_somebody_has_judged_them() -> None:
    (merged,) = found("same-answers", SAME)
    assert [one["source"] for one in json.loads(merged.after or "")] == ["a", "b"]
    assert "r3" in merged.why
    assert found("same-answers", SAME, judged={SAME.id}) == []
    assert found("same-answers", ALL_SAME)[0].part == "task"


def test_a_conversation_that_ends_with_the_assistant_is_set_aside() -> None:
    turns = (Message(role="user", content="Hi"), Message(role="assistant", content="Hello"))
    wrong = Task(id="t", prompt=turns, responses=(Response(id="a", text="x"), Response(id="b", text="y")), group="g")
    assert [(one.part, one.before, one.after) for one in found("turns", wrong, EMPTY)] == [("task", "in", "")]


def test_an_answer_in_another_language_is_pointed_out_unless_it_was_asked_for() -> None:
    (other,) = found("language", LANGUAGE, ASKED)
    assert (other.task_id, other.part, other.after) == (LANGUAGE.id, "response:r2", None)
    assert "en → ru" in other.why


def test_nearly_the_same_prompts_come_into_one_split_group() -> None:
    (moved,) = found("near-prompts", *NEAR, EMPTY)
    assert (moved.task_id, moved.part, moved.before, moved.after) == (NEAR[1].id, "group", NEAR[1].group, NEAR[0].group)
    again = [NEAR[0], NEAR[1].model_copy(update={"group": NEAR[0].group})]
    assert found("near-prompts", *again) == []


def test_groups_that_two_near_prompts_join_come_together_whole() -> None:
    mate = EMPTY.model_copy(update={"group": NEAR[1].group})
    assert {one.task_id for one in found("near-prompts", *NEAR, mate)} == {NEAR[1].id, mate.id}


def test_nearly_the_same_answers_are_pointed_out_but_not_one_answer_shown_twice() -> None:
    text = "The piston moves because the steam pushes it, and the wheel turns with the rod."
    first, second = a_task("One?", text, "No."), a_task("Two?", f"{text} Yes.", "Never.")
    shown_again = a_task("One?", text, "Not at all, my friend.")
    (one,) = found("near-answers", first, second, shown_again)
    assert one.after is None
    assert {one.task_id, one.why.split("“")[1].split()[0]} == {first.id, second.id}


def test_the_glossary_of_the_project_is_followed_in_its_language() -> None:
    terms = (Term(wrong="coal fire", right="furnace"), Term(wrong="heat", right="warmth", language="fr"))
    (one,) = found("glossary", NEAR[0], project=Project(name="P", glossary=terms))
    assert one.after == PROMPT.replace("coal fire", "furnace")
    assert found("glossary", NEAR[0]) == []


def test_every_rule_runs_on_every_task_and_says_what_it_is() -> None:
    tasks = [BROKEN, EMPTY, SAME, ALL_SAME, *NEAR, LANGUAGE, ASKED]
    made = list(cleaning.findings(lambda: tasks, list(cleaning.RULES), About(Project(name="P"))))
    assert {one.rule for one in made} >= {"html", "encoding", "template", "empty", "personal", "near-prompts"}
    for name, rule in cleaning.RULES.items():
        assert rule.label
        assert rule.says.endswith(".")
        assert rule.changes or not [one for one in made if one.rule == name and one.after is not None]
        assert [rule.look, rule.of_task, rule.of_all].count(None) == 2


def test_marks_show_where_a_rule_sees_something() -> None:
    about = About(Project(name="P"))
    assert [(mark.start, mark.end) for mark in cleaning.marks("personal", "to ann@corp.org", about)] == [(3, 15)]
    assert cleaning.marks("near-prompts", "x", about) == []


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(InputError, match="“tidy”"):
        found("tidy", EMPTY)


@pytest.mark.parametrize("rule", ["html", "near-answers"])
def test_a_search_ends_when_the_watch_says_so(rule: str) -> None:
    with pytest.raises(cleaning.Stopped):
        list(cleaning.findings(lambda: [BROKEN], [rule], About(Project(name="P")), lambda _progress: False))


@pytest.fixture
def loaded(any_store: Store) -> tuple[Store, Project]:
    project = any_store.create_project(Project(name="Dirty"))
    any_store.add(project.id, [BROKEN, EMPTY, SAME, *NEAR])
    return any_store, project


def test_rules_are_applied_one_after_the_other_and_taken_back(loaded: tuple[Store, Project]) -> None:
    store, project = loaded
    before = list(store.tasks(project.id))
    done = {rule: step.done for rule, step in cleaning.applied(store, project, list(cleaning.RULES), "lea")}
    assert done == {
        "encoding": 1,
        "html": 1,
        "template": 1,
        "empty": 1,
        "same-answers": 1,
        "personal": 1,
        "near-prompts": 1,
    }
    mended = store.task(project.id, BROKEN.id)
    assert [mended.prompt[0].content, *(one.text for one in mended.responses)] == [
        "Say & do",
        "Fine.",
        "don’t, mail me at [email]",
    ]
    assert not list(cleaning.applied(store, project, list(cleaning.RULES), "lea"))
    assert cleaning.undone(store, project, ["personal"], "lea").done == 1
    assert cleaning.undone(store, project, list(cleaning.RULES), "lea").done == 6
    assert list(store.tasks(project.id)) == before


def test_a_judged_task_keeps_its_answers(loaded: tuple[Store, Project]) -> None:
    store, project = loaded
    store.submit(project.id, a_judgement(SAME, ("r1",), ("r2",)))
    assert not list(cleaning.applied(store, project, ["same-answers"], "lea"))


def test_language_and_topics_of_tasks_are_read_and_kept(loaded: tuple[Store, Project]) -> None:
    store, project = loaded
    assert cleaning.read_tasks(store, project) == 5
    assert store.task(project.id, NEAR[0].id).language == "en"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'dirty.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    store = Store(url)
    project = store.create_project(Project(name="Dirty"))
    store.add(project.id, [BROKEN, EMPTY, SAME, *NEAR])
    store.close()
    return url


def test_the_command_finds_applies_and_takes_back(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clean", "--project", "Dirty"]) == 0
    said = capsys.readouterr().out
    assert "html: Leftover HTML, 1 found, 1 of them with a proposal" in said
    assert "    - Say &amp; do\n    + Say & do\n" in said
    assert main(["clean", "--project", "Dirty", "--rule", "html", "--apply"]) == 0
    assert "html: 1 changed, 0 refused" in capsys.readouterr().out
    assert main(["clean", "--project", "Dirty", "--rule", "html", "--apply"]) == 0
    assert capsys.readouterr().out == "0 changed\n"
    assert main(["clean", "--project", "Dirty", "--undo"]) == 0
    assert "1 taken back, 0 refused" in capsys.readouterr().out
    assert main(["clean", "--project", "Dirty", "--read"]) == 0
    assert "5 tasks read" in capsys.readouterr().out
    assert main(["clean", "--project", "Dirty", "--rule", "tidy"]) == 2


def test_an_example_shows_where_two_texts_differ() -> None:
    one, other = excerpts("a" * 100 + "b\n" + "c" * 100, "a" * 100 + "d" + "c" * 100)
    assert one == f"…{'a' * 40}b\\n{'c' * 40}…"
    assert other == f"…{'a' * 40}d{'c' * 40}…"


def test_the_rule_for_offence_asks_the_model_where_there_is_one() -> None:
    task = a_task("Who?", "You idiot", "A man beneath contempt")
    alone = list(cleaning.in_task("offence", task, About(Project(name="P"))))
    assert [one.part for one in alone] == ["response:r1"]
    asked = About(Project(name="P"), offence=lambda text: 0.9 if "contempt" in text else 0.05)
    (judged,) = cleaning.in_task("offence", task, asked)
    assert (judged.part, judged.after) == ("response:r2", None)
    assert judged.why.startswith("The flag model holds this for offensive: “A man")
