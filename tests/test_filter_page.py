"""The Filter page on a real store: a file is scored, looked at, and written in two parts."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.background import Stopped
from app.download import shelf as downloads
from app.filter_chart import fates_chart
from app.filtering import NOTHING_READ, Looked, fates, look_work, write_work
from app.names import inert
from app.session import Person
from app.upload import shelf
from app.upload.shelf import Upload
from data.export.again import AnswerFile
from data.schemas import Project
from data.store import Store
from reward_model.fit import FitRules
from reward_model.model import RewardModel, weights_bytes
from reward_model.scoring import no_flags
from reward_model.selection import Rules, selected
from reward_model.training import trained
from tests.conftest import MAIN
from tests.preferences_made import made_pairs

OWNER = "filter tests"
GOOD, BAD = "A careful answer because of evidence.", "Whatever, dunno, lol, meh."
ROWS: list[Mapping[str, Any]] = [
    {"id": 1, "prompt": "Say it", "response": BAD},
    {"id": 2, "prompt": "Sing it", "response": GOOD, "flags": ["toxic"]},
    {"id": 3, "prompt": "Say it", "response": GOOD},
    {"id": 4, "prompt": "No response"},
    {"id": 5, "prompt": "Sing it", "response": BAD},
]


@pytest.fixture(scope="module")
def model() -> RewardModel:
    return trained(made_pairs(30, each=2), rules=FitRules(families=("surface", "words")))


@pytest.fixture
def with_model(shared_store: Store, project: Project, model: RewardModel) -> Project:
    shared_store.save_model(project.id, model.card, weights_bytes(model), "ann")
    return project


@pytest.fixture
def uploaded(tmp_path: Path) -> Iterator[Upload]:
    path = tmp_path / "uploaded"
    path.write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")
    made = Upload("id of answers", OWNER, "answers.jsonl", path.stat().st_size, path)
    shelf._UPLOADS[made.id] = made
    yield made
    shelf._UPLOADS.pop(made.id, None)


def page(made: Upload | None = None) -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/filter.py")
    at.session_state["filter_owner"] = OWNER
    if made:
        at.session_state["filter_file_0"] = {"uploaded": {"id": made.id}}
    return at.run()


def waited(at: AppTest, name: str) -> AppTest:
    if name in at.session_state:
        at.session_state[name].wait(60)
        at.run()
    assert not at.exception
    return at


def text_of(at: AppTest) -> str:
    kinds = [at.markdown, at.caption, at.subheader, at.error, at.info]
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.mark.usefixtures("shared_store")
def test_without_a_model_the_page_says_what_will_be_here(project: Project) -> None:
    at = page()
    assert project
    assert not at.exception
    assert "Fit one first" in text_of(at)


@pytest.mark.usefixtures("with_model")
def test_the_counts_follow_the_choices_before_anything_is_written(uploaded: Upload) -> None:
    at = page(uploaded)
    at.button(key="filter_score").click().run()
    at = waited(at, "filter_look")
    assert at.subheader[0].value == "5 rows = 4 kept + 0 dropped + 1 rejected"
    assert at.button(key="filter_go").disabled
    at.number_input(key="filter_keep").set_value(1).run()
    assert at.subheader[0].value == "5 rows = 2 kept + 2 dropped + 1 rejected"
    assert "Not among the best: 2" in text_of(at)
    at.checkbox(key="filter_flagged").check().run()
    assert at.subheader[0].value == "5 rows = 2 kept + 2 dropped + 1 rejected"
    assert "Flagged: 1 · Not among the best: 1" in text_of(at)
    at.number_input(key="filter_margin").set_value(20.0).run()
    assert at.subheader[0].value == "5 rows = 0 kept + 4 dropped + 1 rejected"


@pytest.mark.usefixtures("with_model")
def test_both_files_can_be_downloaded_and_hold_every_row(uploaded: Upload) -> None:
    at = page(uploaded)
    at.button(key="filter_score").click().run()
    at = waited(at, "filter_look")
    at.number_input(key="filter_keep").set_value(1).run()
    at.button(key="filter_go").click().run()
    at = waited(at, "filter_write")
    written = at.session_state["filter_written"]
    kept, dropped = (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in (written.kept, written.dropped)
    )
    assert [row["id"] for row in kept] == [2, 3]
    assert [row["row"] for row in dropped] == [1, 4, 5]
    assert all(row["dropped_because"] for row in dropped)
    assert written.kept.name == "answers.kept.jsonl"
    assert written.kept.is_relative_to(downloads())
    at.button(key="filter_over").click().run()
    assert not at.exception
    assert not uploaded.path.exists()


@pytest.mark.usefixtures("with_model")
def test_a_file_without_an_answer_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "bad"
    path.write_text('{"prompt": "p"}\n', encoding="utf-8")
    made = Upload("id of bad", OWNER, "bad.jsonl", 9, path)
    shelf._UPLOADS[made.id] = made
    at = page(made)
    at.button(key="filter_score").click().run()
    at = waited(at, "filter_look")
    assert "No row of the file can be used." in at.error[0].value


def test_work_that_is_stopped_ends_without_a_result(model: RewardModel, uploaded: Upload) -> None:
    file = AnswerFile(uploaded.path, uploaded.name)
    looked = look_work(uploaded, 1, 1, model, no_flags)(lambda _: True)
    assert len(looked.found) == 4
    assert looked.file.rejected == 1
    with pytest.raises(Stopped):
        write_work(looked, Rules(1), "csv", uploaded.path.parent)(lambda _: False)
    assert file.rejected == 0


def test_the_picture_counts_every_answer_once(model: RewardModel, uploaded: Upload) -> None:
    looked: Looked = look_work(uploaded, 1, 1, model, no_flags)(lambda _: True)
    frame = fates(looked.found, selected(looked.found, Rules(1, 0.1, True)))
    assert frame["n"].sum() == 4
    assert fates_chart(frame, 0.1).to_dict()
    assert NOTHING_READ.share == 0


def test_an_annotator_cannot_open_the_page(monkeypatch: pytest.MonkeyPatch, with_model: Project) -> None:
    monkeypatch.setattr(session, "person", lambda: Person("ann", "annotator"))
    at = AppTest.from_file(MAIN, default_timeout=60).run()
    assert with_model
    with pytest.raises(ValueError, match=r"filter\.py"):
        at.switch_page("screens/filter.py")


def test_what_a_file_calls_its_columns_never_comes_alive() -> None:
    assert inert("there is no column “[x](http://a.b) <img>”") == r"there is no column “\[x\](http\://a.b) \<img>”"
    assert inert("Row 7: column “response” is missing.") == "Row 7: column “response” is missing."
