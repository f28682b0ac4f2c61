"""The Watch page on a real store: a file of released answers comes in, alarms are set, versions change."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from app.alarm_words import alarm_sentence
from app.names import as_written
from app.upload import shelf
from app.upload.shelf import Upload
from app.watch_jobs import Came, jobs, load_work, start
from data.schemas import Project
from data.store import Store
from reward_model.alarms import AlarmState
from reward_model.fit import FitRules
from reward_model.model import RewardModel, weights_bytes
from reward_model.training import trained
from reward_model.watch import Measure
from tests.conftest import MAIN, a_judgement, a_task
from tests.preferences_made import made_pairs

OWNER = "watch tests"
GOOD, BAD = "A careful answer because of evidence, number {n}.", "Whatever, dunno, lol, meh, number {n}."


@pytest.fixture(scope="module")
def model() -> RewardModel:
    return trained(made_pairs(30, each=2), rules=FitRules(families=("surface", "words")))


@pytest.fixture
def with_model(shared_store: Store, project: Project, model: RewardModel) -> Project:
    tasks = [a_task(p.prompt[0].content, p.chosen, p.rejected) for p in made_pairs(20, each=1)]
    shared_store.add(project.id, tasks, [a_judgement(task, ("r1",), ("r2",)) for task in tasks])
    shared_store.save_model(project.id, model.card, weights_bytes(model), "ann")
    return project


@pytest.fixture(autouse=True)
def uploaded(tmp_path: Path) -> Iterator[Upload]:
    path, monday = tmp_path / "uploaded", datetime(2026, 11, 2, 9, tzinfo=UTC)
    rows = [
        {
            "prompt": f"Say something about number {n}",
            "response": answer.format(n=n),
            "source": source,
            "written_at": (monday + timedelta(weeks=week)).isoformat(),
        }
        for source, answer, week in (("Old *one*", GOOD, 0), ("New", BAD, 1))
        for n in range(20)
    ]
    path.write_text("\n".join(json.dumps(row) for row in [*rows, {"prompt": "p"}]), encoding="utf-8")
    made = Upload("id of released", OWNER, "released.jsonl", path.stat().st_size, path)
    shelf._UPLOADS[made.id] = made
    yield made
    shelf._UPLOADS.pop(made.id, None)
    jobs.clear()


def page() -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/watch.py")
    at.session_state["watch_owner"] = OWNER
    at.session_state["watch_file_0"] = {"uploaded": {"id": "id of released"}}
    return at.run()


def loaded_page(project: Project) -> AppTest:
    at = page()
    at.button(key="watch_load").click().run()
    assert jobs()[project.id].wait(60)
    at.run()
    assert not at.exception
    return at


def text_of(at: AppTest) -> str:
    kinds = [at.markdown, at.caption, at.subheader, at.error, at.warning, at.success]
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def test_a_file_comes_in_once_and_the_newest_release_stands_beside_the_last(
    store: Store, with_model: Project, uploaded: Upload
) -> None:
    at = loaded_page(with_model)
    assert "41 rows = 40 new + 0 known before + 1 rejected." in text_of(at)
    assert at.subheader[0].value.startswith("New is preferred to Old \\*one\\* in ")
    assert "right in" in text_of(at)
    again = load_work(store, with_model, uploaded, 1)(lambda _: True)
    assert (again.rows, again.new, again.known, again.rejected) == (41, 0, 40, 1)
    assert store.watched_size(with_model.id).n == 40
    at.button(key="watch_next").click().run()
    assert not at.exception
    assert not uploaded.path.exists()


def test_an_alarm_that_a_lead_sets_goes_off(store: Store, with_model: Project) -> None:
    at = loaded_page(with_model)
    at.number_input(key=f"watch_alarm_{with_model.id}_win rate below_None").set_value(50.0)
    at.number_input(key=f"watch_alarm_{with_model.id}_score falls by_None").set_value(0.1)
    at.button(key="watch_save").click().run()
    assert not at.exception
    assert store.projects()[0].alarms == {"win rate below": 0.5, "score falls by": 0.1}
    assert [said.value.split(":")[0] for said in at.error] == ["Alarm", "Alarm"]
    assert "the limit is 50%" in at.error[0].value
    at.number_input(key=f"watch_alarm_{with_model.id}_win rate below_0.5").set_value(None)
    at.button(key="watch_save").click().run()
    assert store.projects()[0].alarms == {"score falls by": 0.1}


def test_a_new_version_scores_everything_again(store: Store, with_model: Project, model: RewardModel) -> None:
    at = loaded_page(with_model)
    store.save_model(with_model.id, model.card, weights_bytes(model), "bob")
    at.run()
    at.selectbox(key="watch_version").set_value(2).run()
    assert "Scores of two versions are on different scales" in text_of(at)
    at.button(key="watch_again").click().run()
    assert jobs()[with_model.id].wait(60)
    at.run()
    assert not at.exception
    assert store.watched_size(with_model.id)[:3] == (40, 2, 2)
    assert "Score all again" not in [button.label for button in at.button]


@pytest.mark.usefixtures("shared_store")
def test_without_a_model_the_page_says_what_will_be_here(project: Project) -> None:
    at = page()
    assert project
    assert not at.exception
    assert "Fit a reward model first" in text_of(at)


def test_a_name_of_others_is_shown_character_by_character() -> None:
    assert as_written(":tada: [x](y)\n*z*") == "\\:tada\\: \\[x\\]\\(y\\) \\*z\\*"


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (
            AlarmState("win rate below", 0.5, "B", Measure(0.4, 0.3, 0.48), "A", "alarm"),
            "Alarm: B is preferred to A in 40%",
        ),
        (
            AlarmState("score falls by", 0.2, "B", Measure(0.3, 0.1, 0.5), "A", "may be"),
            "Perhaps: The score of B in its newest week differs from that of A by −0.30 (−0.50 to −0.10)",
        ),
        (
            AlarmState("score falls by", 0.2, "B", Measure(-0.3, -0.5, -0.1), "B", "quiet"),
            "that of its weeks before by +0.30 (+0.10 to +0.50); the limit is a fall of 0.20.",
        ),
        (AlarmState("unlike share above", 0.2, "B", Measure(0.1, 0.0, 0.2), "", "quiet"), "Quiet: In the newest week"),
        (AlarmState("flagged share above", 0.2, "B", None, "", "no data"), "no flag model has looked"),
    ],
)
def test_an_alarm_says_what_was_measured(found: AlarmState, says: str) -> None:
    assert says in alarm_sentence(found)


def test_of_two_people_who_begin_at_once_one_begins(with_model: Project) -> None:
    go = Event()

    def work(_see: object) -> Came:
        go.wait(60)
        return Came(0, 0, 0, 0, ())

    first, second = start(with_model.id, work), start(with_model.id, work)
    go.set()
    assert first is not None
    assert second is None
    assert first.wait(60)
