"""The Settings page on a real store, and the lists behind it."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.board.view import still_asked
from app.list_editor.list_editor import rows_sent
from app.project_settings import changed, removed, rows_of, short, things_of, uses
from app.session import Person, Role
from data.errors import InputError
from data.schemas import STANDARD_FLAGS, STANDARD_TOPICS, Criterion, FlagKind, Project
from data.store import Store
from tests.conftest import MAIN, a_judgement, a_task

pytestmark = pytest.mark.usefixtures("shared_store")
NONE: dict[str, dict[str, int]] = {"flags": {}, "topics": {}, "criteria": {}}


def settings() -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/settings.py").run()
    assert not at.exception
    return at


def shown(at: AppTest) -> list[dict[str, Any]]:
    """What the editors of the lists were given: flags, criteria, topics, glossary."""
    given = [json.loads(element.proto.json) for element in at.get("bidi_component")]
    return [one for one in given if "things" in one]


def write(at: AppTest, name: str, rows: list[dict[str, str]]) -> None:
    """Write a list as the editor in the browser does."""
    kept = at.session_state["settings_opened"]
    key = f"settings_{name}_{kept['version']}_{kept['resets'] if name == 'flags' else 0}"
    at.session_state[key] = {"things": rows}


def save(at: AppTest) -> AppTest:
    at.button(key="settings_save").click().run()
    assert not at.exception
    return at


def flag_rows(*, without: str = "") -> list[dict[str, str]]:
    return [row for row in rows_of("flags", STANDARD_FLAGS) if row["kind"] != without]


def new_flag(label: str, **words: str) -> dict[str, str]:
    return {"kind": "", "label": label, "definition": "", "example": "", **words}


def test_without_a_project_the_page_offers_to_load_a_file() -> None:
    assert [link.proto.label for link in settings().get("page_link")] == ["Load file"]


@pytest.mark.parametrize("role", ["annotator", "reviewer", "engineer"])
def test_nobody_but_a_lead_comes_to_the_page(role: Role, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "person", lambda: Person("eve", role))
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        settings()


def test_the_page_shows_how_the_project_is_set_up(project: Project) -> None:
    at = settings()
    assert at.text[0].value == "Project: Test"
    assert at.number_input[0].value == 1
    flags, criteria, topics, glossary = shown(at)
    assert [thing["label"] for thing in flags["things"]] == [flag.label for flag in STANDARD_FLAGS]
    assert [thing["label"] for thing in topics["things"]] == [topic.label for topic in STANDARD_TOPICS]
    assert criteria["things"] == []
    assert glossary["things"] == []


def test_everything_is_saved_at_once_and_said_so(store: Store, project: Project) -> None:
    at = settings()
    at.number_input[0].set_value(3)
    at.checkbox[0].check()
    at.checkbox[1].check()
    write(at, "flags", [new_flag("Скучно", definition="Усыпляет."), *flag_rows(without="spam")])
    write(at, "topics", [{"topic": "", "label": "Animals"}])
    write(at, "criteria", [{"criterion": "", "label": "Is it kind?", "definition": "To the reader."}])
    save(at)
    kept = store.projects()[0]
    assert (kept.overlap, kept.scores, kept.review) == (3, True, True)
    assert kept.flags[0] == FlagKind(kind="skuchno", label="Скучно", definition="Усыпляет.")
    assert kept.flags[1:] == tuple(flag for flag in STANDARD_FLAGS if flag.kind != "spam")
    assert [topic.topic for topic in kept.topics] == ["animals"]
    assert kept.criteria == (Criterion(criterion="is-it-kind", label="Is it kind?", definition="To the reader."),)
    assert [box.value for box in at.success] == ["Settings saved."]
    assert shown(at)[0]["things"][0]["kind"] == "skuchno"


def test_what_is_wrong_stands_under_its_list_and_nothing_is_saved(store: Store, project: Project) -> None:
    at = settings()
    at.number_input[0].set_value(5)
    write(at, "flags", [new_flag("", definition="Nameless."), *flag_rows()])
    write(at, "criteria", [{"criterion": "", "label": "x" * 81, "definition": ""}])
    save(at)
    assert [error.value for error in at.error] == [
        "A row has no name; give it one, or remove the row.",
        f"Criterion “{'x' * 81}”: label: is longer than 80 characters; shorten it.",
    ]
    assert store.projects() == [project]


@pytest.mark.parametrize("count", [0, 21])
def test_a_list_that_is_too_short_or_too_long_is_refused_in_its_place(
    count: int, store: Store, project: Project
) -> None:
    at = settings()
    write(at, "flags", [new_flag(f"Flag {n}") for n in range(count)])
    save(at)
    assert [error.value.split(":")[0] for error in at.error] == ["flags"]
    assert store.projects() == [project]


def test_settings_that_somebody_else_has_changed_are_not_overwritten(store: Store, project: Project) -> None:
    at = settings()
    store.update_project(project.model_copy(update={"overlap": 7}))
    write(at, "flags", flag_rows(without="spam"))
    save(at)
    assert "Somebody has changed the settings" in at.error[0].value
    assert store.projects()[0] == project.model_copy(update={"overlap": 7})
    at.button(key="settings_reload").click().run()
    assert at.number_input[0].value == 7
    write(at, "flags", flag_rows(without="spam"))
    save(at)
    assert len(store.projects()[0].flags) == len(STANDARD_FLAGS) - 1


def test_a_guideline_that_was_written_meanwhile_is_kept(store: Store, project: Project) -> None:
    at = settings()
    store.update_project(project.model_copy(update={"guideline": "Be kind."}))
    at.checkbox[0].check()
    save(at)
    assert (store.projects()[0].guideline, store.projects()[0].scores) == ("Be kind.", True)


def test_settings_that_were_changed_meanwhile_are_kept_when_the_guideline_is_saved(
    store: Store, project: Project
) -> None:
    at = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/guideline.py").run()
    at.text_area(key=f"guideline_text_{project.id}").set_value("Be kind.")
    store.update_project(project.model_copy(update={"overlap": 7}))
    at.button(key="guideline_save").click().run()
    assert (store.projects()[0].guideline, store.projects()[0].overlap) == ("Be kind.", 7)


def test_the_store_refuses_a_project_that_has_changed_meanwhile(any_store: Store) -> None:
    made = any_store.create_project(Project(name="Race"))
    any_store.update_project(made.model_copy(update={"overlap": 2}), made)
    with pytest.raises(InputError, match="changed this project meanwhile"):
        any_store.update_project(made.model_copy(update={"overlap": 3}), made)
    assert any_store.projects()[0].overlap == 2


def test_the_standard_flags_come_back_at_one_press(store: Store, project: Project) -> None:
    store.update_project(project.model_copy(update={"flags": (FlagKind(kind="dull", label="Dull", definition=""),)}))
    at = settings()
    assert [thing["kind"] for thing in shown(at)[0]["things"]] == ["dull"]
    at.button(key="settings_reset").click().run()
    assert [thing["kind"] for thing in shown(at)[0]["things"]] == [flag.kind for flag in STANDARD_FLAGS]
    assert [flag.kind for flag in store.projects()[0].flags] == ["dull"]
    save(at)
    assert store.projects()[0].flags == STANDARD_FLAGS


def test_a_flag_that_is_taken_out_says_how_many_judgements_keep_it(store: Store, project: Project) -> None:
    tasks = [a_task(f"Q {n}", "one", "two") for n in range(2)]
    flags = [{"response_id": i, "kind": "spam"} for i in ("r1", "r2")]
    store.add(project.id, tasks, [a_judgement(task, ("r1",), flags=flags) for task in tasks])
    at = settings()
    write(at, "flags", [row for row in flag_rows(without="spam") if row["kind"] != "toxic"])
    at.run()
    assert not [element for element in at.text if "Toxic" in str(element.value)]
    assert "“Spam” will be taken out; 2 judgements use it and keep it." in [element.value for element in at.text]


def test_uses_count_judgements_not_flags(store: Store, project: Project) -> None:
    task = a_task("Q", "one", "two")
    flags = [{"response_id": i, "kind": "sensitive-topic", "topic": "health"} for i in ("r1", "r2")]
    store.add(project.id, [task], [a_judgement(task, ("r1",), flags=flags, criteria={"kind": [["r1"]]})])
    assert uses(project.id, store.size(project.id)) == {
        "flags": {"sensitive-topic": 1},
        "topics": {"health": 1},
        "criteria": {"kind": 1},
    }


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Off  task!", "off-task"),
        ("Ёжик в тумане", "ezhik-v-tumane"),
        ("Щи йод", "shchi-jod"),
        ("Déjà vu", "deja-vu"),
        ("3 strikes", "strikes"),
        ("无聊", ""),
        ("x" * 80, "x" * 36),
    ],
)
def test_a_short_name_follows_from_the_label(label: str, name: str) -> None:
    assert short(label) == name


def test_new_names_differ_from_all_that_stand_stood_or_were_used() -> None:
    rows = [*flag_rows(without="spam"), new_flag("无聊"), new_flag("太长"), new_flag("Toxic?")]
    made = things_of("flags", rows, {"kind", "spam"})
    assert [thing["kind"] for thing in made[-3:]] == ["kind-2", "kind-3", "toxic-2"]


def test_a_standard_flag_that_comes_back_gets_its_own_name_again() -> None:
    rows = [*flag_rows(without="spam"), new_flag("Spam")]
    assert things_of("flags", rows, {"spam"})[-1]["kind"] == "spam"


def test_an_old_flag_keeps_its_name_whatever_it_is_called() -> None:
    (row,) = things_of("flags", [{"kind": "spam", "label": "Advertising", "definition": " d ", "example": ""}])
    assert (row["kind"], row["label"], row["definition"]) == ("spam", "Advertising", "d")


def test_empty_rows_are_left_out_and_two_of_one_name_are_refused() -> None:
    assert things_of("topics", [{"topic": "", "label": "  "}]) == []
    with pytest.raises(InputError, match="Two rows are called “spam”"):
        things_of("flags", [new_flag("Spam"), new_flag("spam ")])


def test_the_browser_cannot_give_names_or_send_anything_but_text() -> None:
    given = rows_of("flags", STANDARD_FLAGS[:1])
    hostile = [{"kind": "made-up", "label": "A"}, {"kind": "toxic", "label": 7, "evil": "x"}, "text", None, ["a"]]
    assert rows_sent("flags", hostile, given) == [
        {"kind": "", "label": "A", "definition": "", "example": ""},
        {"kind": "toxic", "label": "", "definition": "", "example": ""},
    ]
    assert len(rows_sent("flags", [{"label": "A"}] * 1000, given)) == 200


def test_a_name_that_is_sent_twice_is_refused() -> None:
    rows = [{"kind": "toxic", "label": label, "definition": "", "example": ""} for label in ("One", "Two")]
    made, faults = changed(Project(name="P"), {"flags": rows}, {}, NONE)
    assert made is None
    assert "same short name" in faults[""]


def test_removed_is_what_has_no_row_or_no_words_any_more() -> None:
    blank = {"label": "", "definition": " ", "example": ""}
    rows = [row | blank if row["kind"] == "toxic" else row for row in flag_rows(without="spam")]
    assert [row["kind"] for row in removed("flags", STANDARD_FLAGS, rows)] == ["toxic", "spam"]
    rows[1]["label"] = ""
    assert len(removed("flags", STANDARD_FLAGS, rows)) == 2


def test_a_draft_opens_without_what_its_project_has_stopped_asking_for() -> None:
    flag = {"answer": "A", "kind": "sensitive-topic", "topic": "health"}
    draft = {
        "flags": [flag, {"answer": "A", "kind": "gone", "topic": None}],
        "criteria": {"kind": [["A"]]},
        "scores": {"A": 3},
        "comment": "kept",
    }
    asked = still_asked(draft, Project(name="P", topics=()))
    assert asked == {"flags": [flag | {"topic": None}], "criteria": {}, "scores": {}, "comment": "kept"}
    same = Project(name="P", scores=True, criteria=(Criterion(criterion="kind", label="Kind"),))
    assert still_asked(draft, same) == draft | {"flags": [flag]}
