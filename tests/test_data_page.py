"""The Data screen: run by AppTest on a real store, and in a real browser with real uploads."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from app.upload import shelf
from app.upload.shelf import Upload
from data import intake
from data.errors import InputError
from data.intake import Dataset, Head, Undecided
from data.schemas import Project
from data.store import Store
from tests.browser import ServedApp
from tests.conftest import MAIN
from tests.workbooks_made import write_workbook

OWNER = "owner of this session"


@pytest.fixture(autouse=True)
def uploads_here(shared_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Uploads lie in the test's folder."""
    monkeypatch.setattr(shelf, "folder", lambda: tmp_path)
    yield
    shelf._UPLOADS.clear()


def upload(folder: Path, name: str, *lines: object) -> Upload:
    """A file as it lies on the server after its upload."""
    path = folder / f"uploaded {name}"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    made = Upload(f"id of {name}", OWNER, name, path.stat().st_size, path)
    shelf._UPLOADS[made.id] = made
    return made


def data_page(locale: str = "en", **boxes: Upload) -> AppTest:
    """The page, with these uploads in its boxes."""
    at = AppTest.from_file(MAIN, default_timeout=30)
    at.context["locale"] = locale
    at.session_state["data_owner"] = OWNER
    at.switch_page("screens/data.py")
    for key, made in boxes.items():
        at.session_state[key] = {"uploaded": {"id": made.id}}
    return at.run()


def finish_job(at: AppTest) -> AppTest:
    """The page once the work that it has started is done."""
    if "data_job" in at.session_state:
        at.session_state["data_job"].wait()
    return at.run()


def texts(at: AppTest) -> str:
    """All that the page says."""
    kinds = ("markdown", "caption", "info", "warning", "error", "success", "subheader", "text")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(at, kind))


def html(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


TASKS: list[dict[str, Any]] = [
    {"prompt": f"Question {n}?", "responses": ["**yes**", "no"], "models": ["m", "n"]} for n in range(30)
]
BAD: list[object] = [{"prompt": "alone", "responses": ["one"]}, "{broken", TASKS[0]]


def test_without_a_project_the_page_says_what_will_appear() -> None:
    at = data_page()
    assert not at.exception
    assert at.title[0].value == "Data"
    assert "there is no project: loading a file makes one" in texts(at)
    assert len(at.main.get("bidi_component")) == 1


def test_past_loads_come_first_with_counts_that_add_up(tmp_path: Path, store: Store, project: Project) -> None:
    for name, lines in (("a.jsonl", TASKS + BAD), ("b.jsonl", TASKS)):
        intake.load(intake.plan(upload(tmp_path, name, *lines).path, name=name), store, project, "lead")
    at = data_page()
    assert not at.exception
    assert "2 loads so far: 63 rows = 60 used + 3 rejected; 30 tasks and 0 judgements came in." in texts(at)
    frame = at.dataframe[0].value
    assert list(frame["File"]) == ["b.jsonl", "a.jsonl"]
    assert (frame["Rows"] == frame["Used"] + frame["Rejected"]).all()
    assert "Row 33: repeats row 1; remove one." in list(at.dataframe[1].value["Reason"])


def test_a_file_is_recognised_previewed_checked_and_loaded(tmp_path: Path, store: Store, project: Project) -> None:
    at = data_page(data_file_0=upload(tmp_path, "rows.jsonl", *TASKS, *BAD))
    assert not at.exception
    assert at.selectbox(key="data_format_id of rows.jsonl").value == "tasks"
    assert "rows.jsonl is a JSONL file" in texts(at)
    assert [tab.label for tab in at.tabs] == ["Task 1", "Task 2", "Task 3"]
    assert "Question 2?" in html(at)
    assert "<strong>yes</strong>" in html(at)
    at = finish_job(at.button(key="data_check").click().run())
    assert "33 rows = 30 usable + 3 rejected" in texts(at)
    assert [reason[:7] for reason in at.dataframe[0].value["Reason"]] == ["Row 31:", "Row 32:", "Row 33:"]
    assert at.button(key="data_load").label == "Load 30 rows"
    at.text_input(key="data_licence").set_value("MIT")
    at = finish_job(at.button(key="data_load").click().run())
    assert "rows.jsonl. 33 rows: 30 used, 3 rejected. New: 30 tasks and 0 judgements." in texts(at)
    (load,) = store.loads(project.id)
    assert (load.file, load.licence, load.loaded_by, load.tasks) == ("rows.jsonl", "MIT", "local", 30)
    at = at.button(key="data_again").click().run()
    assert at.session_state["data_round"] == 1
    assert shelf.upload_of(OWNER, "id of rows.jsonl") is None
    assert "1 load so far" in texts(at)


def test_a_first_file_makes_its_project(tmp_path: Path, store: Store) -> None:
    at = data_page(data_file_0=upload(tmp_path, "rows.jsonl", *TASKS))
    at = finish_job(at.button(key="data_check").click().run())
    assert at.button(key="data_load").disabled
    at.text_input(key="data_name").set_value(" First ").run()
    at = finish_job(at.button(key="data_load").click().run())
    assert not at.exception
    assert len(list(store.tasks(store.project("First").id))) == 30
    assert "1 load so far" in texts(at)


def test_a_file_goes_into_a_new_project_beside_the_open_one(tmp_path: Path, store: Store, project: Project) -> None:
    at = data_page(data_file_0=upload(tmp_path, "rows.jsonl", *TASKS))
    at.radio(key="data_into").set_value("A new project").run()
    at.text_input(key="data_name").set_value("Second").run()
    at = finish_job(at.button(key="data_check").click().run())
    at = finish_job(at.button(key="data_load").click().run())
    assert list(store.tasks(project.id)) == []
    assert len(list(store.tasks(store.project("Second").id))) == 30
    assert at.session_state["project"] == "Second"


def test_columns_can_be_mapped(tmp_path: Path, store: Store, project: Project) -> None:
    at = data_page(data_file_0=upload(tmp_path, "rows.csv", "Frage,Eins,Zwei", "Was?,dies,das"))
    assert "The format was not recognised from the columns “Frage”, “Eins”, “Zwei”" in texts(at)
    at = at.selectbox(key="data_format_id of rows.csv").set_value("tasks").run()
    assert "needs a column for prompt, responses" in texts(at)
    at.selectbox(key="data_column_id of rows.csv_tasks_prompt").set_value("Frage")
    at = at.multiselect(key="data_column_id of rows.csv_tasks_responses").set_value(["Eins", "Zwei"]).run()
    assert "Was?" in html(at)
    at = finish_job(at.button(key="data_check").click().run())
    assert "1 rows = 1 usable + 0 rejected" in texts(at)


def test_a_check_is_void_once_the_columns_change(tmp_path: Path, project: Project) -> None:
    at = data_page(data_file_0=upload(tmp_path, "rows.jsonl", *TASKS))
    at = finish_job(at.button(key="data_check").click().run())
    assert at.button(key="data_load").label == "Load 30 rows"
    at = at.multiselect(key="data_column_id of rows.jsonl_tasks_sources").set_value([]).run()
    assert at.button(key="data_check").label == "Check every row"


def test_votes_ask_for_their_texts(tmp_path: Path, store: Store, project: Project) -> None:
    vote = {"id": 1, "model_x": 7, "model_y": 8, "winner": "left", "worker": 3}
    text = {"id": 1, "text": "Which?", "model_x": 7, "result_x": "this", "model_y": 8, "result_y": "that"}
    votes, answers = upload(tmp_path, "votes.jsonl", vote), upload(tmp_path, "texts.jsonl", text)
    at = data_page(data_file_0=votes)
    assert "The votes come without the texts they are about" in texts(at)
    assert len(at.main.get("bidi_component")) == 2
    at = data_page(data_file_0=votes, data_texts_0=answers)
    assert "Which?" in html(at)
    at = finish_job(at.button(key="data_check").click().run())
    at = finish_job(at.button(key="data_load").click().run())
    assert [j.annotator for j in store.judgements(project.id)] == ["llmfao-3"]


def test_texts_that_do_not_fit_get_a_sentence(tmp_path: Path, project: Project) -> None:
    votes = upload(tmp_path, "votes.jsonl", {"id": 1, "model_x": 7, "model_y": 8, "winner": "left"})
    at = data_page(data_file_0=votes, data_texts_0=upload(tmp_path, "texts.jsonl", {"a": 1}))
    assert "The file of texts has no column for id" in texts(at)


@pytest.mark.parametrize(
    ("name", "lines", "said"),
    [
        ("rows.jsonl", [], "The file is empty"),
        ("rows.jsonl", ["{", "["], "None of the first 2 rows can be read. Row 1"),
    ],
)
def test_an_unusable_file_gets_its_sentence_and_no_controls(
    tmp_path: Path, project: Project, name: str, lines: list[object], said: str
) -> None:
    at = data_page(data_file_0=upload(tmp_path, name, *lines))
    assert not at.exception
    assert said in texts(at)
    assert list(at.main.selectbox) == []


def test_what_is_wrong_is_said_in_the_readers_language(tmp_path: Path, project: Project) -> None:
    broken = upload(tmp_path, "rows.jsonl", "{", "[")
    assert "Ни одну из первых строк не удалось прочитать, строк: 2. Строка 1: это не JSON" in texts(
        data_page("ru-RU", data_file_0=broken)
    )
    assert "前 2 行都无法读取。第 1 行：不是 JSON" in texts(data_page("zh-CN", data_file_0=broken))
    at = data_page("ru-RU", data_file_0=upload(tmp_path, "rows.jsonl", *BAD))
    assert "Строка 1: у запроса один ответ, а нужно от 2 до 9" in texts(at)


def test_a_file_without_one_task_says_why(tmp_path: Path, project: Project) -> None:
    at = data_page(data_file_0=upload(tmp_path, "rows.jsonl", {"prompt": "p", "responses": ["a"]}))
    assert "None of the first rows makes a task" in texts(at)
    assert "Row 1: the prompt has one response" in texts(at)
    at = finish_job(at.button(key="data_check").click().run())
    assert at.button(key="data_load").disabled


def test_somebody_elses_upload_is_not_shown(tmp_path: Path, project: Project) -> None:
    made = upload(tmp_path, "rows.jsonl", *TASKS)
    shelf._UPLOADS[made.id] = made._replace(owner="somebody else")
    assert list(data_page(data_file_0=made).main.selectbox) == []


def test_a_running_check_shows_how_far_it_is_and_can_be_cancelled(tmp_path: Path, project: Project) -> None:
    many = [{"prompt": f"Question {n}?", "responses": ["yes", "no", str(n)]} for n in range(60_000)]
    at = data_page(data_file_0=upload(tmp_path, "rows.jsonl", *many))
    at = at.button(key="data_check").click().run()
    assert "rows read" in at.get("progress")[0].proto.text
    at = at.button(key="data_cancel").click().run()
    at = finish_job(at)
    assert "The check was stopped after" in texts(at)
    assert at.button(key="data_load").label == "Load file"


def test_a_running_check_is_shown_when_its_file_is_gone(tmp_path: Path, project: Project) -> None:
    many = [{"prompt": f"Question {n}?", "responses": ["yes", "no", str(n)]} for n in range(60_000)]
    at = data_page(data_file_0=upload(tmp_path, "rows.jsonl", *many))
    at = at.button(key="data_check").click().run()
    shelf._UPLOADS.clear()
    at.run()
    assert at.segmented_control(key="data_from").disabled
    assert "rows read" in at.get("progress")[0].proto.text
    at.button(key="data_cancel").click().run()
    finish_job(at)


def test_one_can_start_over(tmp_path: Path, project: Project) -> None:
    at = data_page(data_file_0=upload(tmp_path, "rows.jsonl", *TASKS))
    at = at.button(key="data_over").click().run()
    assert list(at.main.selectbox) == []
    assert at.session_state["data_round"] == 1


def test_a_fault_while_loading_is_shown(tmp_path: Path, store: Store, project: Project) -> None:
    made = upload(tmp_path, "rows.jsonl", *TASKS)
    at = data_page(data_file_0=made)
    at = finish_job(at.button(key="data_check").click().run())
    made.path.write_text("")
    at = finish_job(at.button(key="data_load").click().run())
    assert "The file is empty" in texts(at)
    assert store.loads(project.id) == []


def test_a_browser_drops_a_packed_file_and_loads_it_by_keyboard(
    served_app: ServedApp, page: Page, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(x if isinstance(x, str) else json.dumps(x) for x in TASKS + BAD).encode()))
    page.goto(f"{served_app.url}/data")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("Uploaded: rows.jsonl.gz")).to_be_visible()
    name = page.get_by_label("Name of the new project")
    name.fill("Dropped")
    name.press("Enter")
    page.get_by_role("button", name="Check every row").press("Enter")
    expect(page.get_by_text("33 rows = 30 usable + 3 rejected")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download 3 rejected rows as CSV").press("Enter")
    assert "Row 31: the prompt has one response" in Path(started.value.path()).read_text("utf-8-sig")
    page.get_by_role("button", name="Load 30 rows").press("Enter")
    expect(page.get_by_text("New: 30 tasks and 0 judgements.")).to_be_visible()
    project = served_app.store.project("Dropped")
    assert len(list(served_app.store.tasks(project.id))) == 30


def test_a_browser_cancels_an_upload_and_says_what_is_wrong(served_app: ServedApp, page: Page, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"x" * 30_000_000)
    page.goto(f"{served_app.url}/data")
    page.locator("input[type=file]").wait_for(state="attached")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 500_000}
    session.send("Network.emulateNetworkConditions", slow)
    page.locator("input[type=file]").set_input_files(path)
    cancel = page.get_by_role("button", name="Cancel upload")
    expect(cancel).to_be_focused()
    cancel.press("Enter")
    expect(page.get_by_text("The upload was cancelled; nothing was kept.")).to_be_visible()
    expect(page.locator("input[type=file]")).to_be_focused()
    page.route("**/api/upload**", lambda route: route.abort())
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("The connection broke before the file had arrived; try again.")).to_be_visible()


def test_a_browser_drops_a_file_with_the_mouse_and_refuses_two(served_app: ServedApp, page: Page) -> None:
    page.goto(f"{served_app.url}/data")
    page.locator("input[type=file]").wait_for(state="attached")

    def drop(count: int) -> None:
        made = page.evaluate_handle(
            "count => { const all = new DataTransfer(); for (let n = 0; n < count; n++)"
            " all.items.add(new File(['prompt,response_a,response_b\\nWhich?,this,that\\n'], `r${n}.csv`));"
            " return all }",
            count,
        )
        page.dispatch_event(".drop", "drop", {"dataTransfer": made})

    drop(2)
    expect(page.get_by_text("These are several files; drop one at a time.")).to_be_visible()
    drop(1)
    expect(page.get_by_text("r0.csv is a CSV file of")).to_be_visible()


def test_the_sheet_of_a_workbook_can_be_chosen(tmp_path: Path, store: Store, project: Project) -> None:
    path = tmp_path / "uploaded"
    write_workbook(path, {"Empty": [], "One": [["prompt", "chosen", "rejected"], ["Q", "a", "b"]],
                        "Two": [["prompt", "chosen", "rejected"], ["Other?", "c", "d"]]})  # fmt: skip
    made = Upload("id of book", OWNER, "book.xlsx", path.stat().st_size, path)
    shelf._UPLOADS[made.id] = made
    at = data_page(data_file_0=made)
    sheet = at.selectbox(key="data_sheet_id of book")
    assert (list(sheet.options), sheet.value) == (["Empty", "One", "Two"], "One")
    at = sheet.set_value("Empty").run()
    assert "The workbook is empty" in texts(at)
    at = at.selectbox(key="data_sheet_id of book").set_value("Two").run()
    assert "Other?" in html(at)
    at = finish_job(at.button(key="data_check").click().run())
    finish_job(at.button(key="data_load").click().run())
    assert [task.prompt[0].content for task in store.tasks(project.id)] == ["Other?"]


def test_the_recognised_format_is_said_and_can_be_overruled(tmp_path: Path, project: Project) -> None:
    pair = {"prompt": "Q", "chosen": "a", "rejected": "b"}
    at = data_page(data_file_0=upload(tmp_path, "rows.jsonl", pair))
    assert "The format was recognised from the first rows" in texts(at)
    at = at.selectbox(key="data_format_id of rows.jsonl").set_value("tasks").run()
    assert "The format was recognised as “preferences”, and you have chosen another." in texts(at)


def test_personal_data_is_masked_if_asked(tmp_path: Path, store: Store, project: Project) -> None:
    row = {"prompt": "Write to ann@mail.org", "responses": ["Call +7 916 123-45-67", "ann@mail.org"]}
    at = data_page(data_file_0=upload(tmp_path, "rows.jsonl", row))
    assert "ann@mail.org" in html(at)
    at = at.checkbox(key="data_mask").check().run()
    assert "ann@mail.org" not in html(at)
    at = finish_job(at.button(key="data_check").click().run())
    assert "To be masked: e-mail addresses 2, phone numbers 1." in texts(at)
    at = finish_job(at.button(key="data_load").click().run())
    assert "Masked in what is new: e-mail addresses 2, phone numbers 1." in texts(at)
    assert list(at.dataframe[0].value["Masked"]) == [3]
    (task,) = store.tasks(project.id)
    assert task.prompt[0].content == "Write to [email]"


@pytest.mark.parametrize("read", [True, False])
def test_languages_and_topics_are_told_while_loading_unless_left_out(
    tmp_path: Path, store: Store, project: Project, *, read: bool
) -> None:
    row = {"prompt": "Which party would you vote for at the next election?", "responses": ["A", "B"]}
    at = data_page(data_file_0=upload(tmp_path, "rows.jsonl", row))
    assert at.checkbox(key="data_read").value
    if not read:
        at = at.checkbox(key="data_read").uncheck().run()
    at = finish_job(at.button(key="data_check").click().run())
    finish_job(at.button(key="data_load").click().run())
    (task,) = store.tasks(project.id)
    assert (task.language, task.topics) == (("en", ("politics",)) if read else ("", ()))


def hub_page(monkeypatch: pytest.MonkeyPatch, answer: Callable[[Dataset], Path]) -> AppTest:
    """The page asking for a dataset, and a Hub that answers with a file on this computer."""
    real = intake.head

    def head(place: Path | Dataset, **more: str) -> Head:
        if isinstance(place, Path):
            return real(place, **more)
        return replace(real(answer(place)), name=place.name)

    monkeypatch.setattr(intake, "head", head)
    at = data_page()
    at.segmented_control(key="data_from").set_value("A dataset of the Hugging Face Hub").run()
    return at


def look_up(at: AppTest, name: str) -> AppTest:
    at.text_input(key="data_hub_name").set_value(name)
    return answered(at.button(key="data_hub_look").click().run())


def answered(at: AppTest) -> AppTest:
    """The page once the Hub has answered."""
    if "data_hub_job" in at.session_state:
        at.session_state["data_hub_job"].wait()
        at.run()
    assert not at.exception
    return at


def test_a_dataset_of_the_hub_is_looked_up_chosen_and_loaded(
    tmp_path: Path, store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, asked = upload(tmp_path, "rows.jsonl", *TASKS).path, list[Dataset]()

    def answer(place: Dataset) -> Path:
        asked.append(place)
        if not place.config:
            raise Undecided("The dataset has several configurations; say which: “a”, “b”.", "config", ["a", "b"])
        if not place.split:
            raise Undecided("The dataset has several splits; say which: “train”, “test”.", "split", ["train", "test"])
        return rows

    at = look_up(hub_page(monkeypatch, answer), "hf:o/name ")
    assert "several configurations" in texts(at)
    for what, chosen in (("config", "b"), ("split", "train")):
        assert at.button(key="data_hub_on").disabled
        at.selectbox(key=f"data_hub_chosen_{what}").set_value(chosen).run()
        answered(at.button(key="data_hub_on").click().run())
    assert asked[-1] == Dataset("o/name", "b", "train")
    assert "Question 2?" in html(at)
    assert "hf:o/name:b:train holds rows as JSONL." in texts(at)
    at = finish_job(at.button(key="data_check").click().run())
    at = finish_job(at.button(key="data_load").click().run())
    (load,) = store.loads(project.id)
    assert (load.file, load.tasks) == ("hf:o/name:b:train", 30)
    at = at.button(key="data_again").click().run()
    assert at.text_input(key="data_hub_name").value == ""


@pytest.mark.parametrize("name", ["/etc/passwd", "../data/local", "data", "o/..", "http://x/y", "", "~/x"])
def test_no_path_of_the_server_is_taken_for_a_dataset(
    name: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = look_up(hub_page(monkeypatch, lambda place: pytest.fail(str(place))), name)
    assert "is no name of a dataset; write owner/name." in texts(at)
    assert list(at.main.selectbox) == []


def test_what_the_hub_refuses_is_one_sentence(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_place: Dataset) -> Path:
        raise InputError("The Hub cannot be reached; connect.")

    at = look_up(hub_page(monkeypatch, answer), "o/name")
    assert [error.value for error in at.error] == ["The Hub cannot be reached; connect."]


def test_a_hub_that_does_not_answer_can_be_given_up(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Event()

    def answer(_place: Dataset) -> Path:
        silent.wait(20)
        raise InputError("Too late.")

    at = hub_page(monkeypatch, answer)
    at.text_input(key="data_hub_name").set_value("o/name")
    at.button(key="data_hub_look").click().run()
    assert "Asking the Hugging Face Hub for hf:o/name" in at.get("progress")[0].proto.text
    at = at.button(key="data_hub_cancel").click().run()
    silent.set()
    assert "data_hub_job" not in at.session_state
    assert "Too late" not in texts(at.run())
