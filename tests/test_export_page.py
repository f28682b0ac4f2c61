"""The Export page on a real store, the route that streams the files, and a real browser that saves one."""

import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import datasets
import pytest
import streamlit as st
from huggingface_hub import DatasetCard
from playwright.sync_api import Page
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from app import session
from app.download import shelf
from app.export_choices import PURPOSES
from app.exports import KEPT, Asked, file_name, link, size_in_words, waiting
from app.server import ROUTES
from app.session import Person
from app.tickets import ticket
from data.export.formats import FORMATS
from data.export.rows import Choice
from data.schemas import Judgement, Load, Project, Task
from data.store import Store
from tests.browser import ServedApp
from tests.conftest import MAIN, a_judgement, a_task

pytestmark = pytest.mark.usefixtures("shared_store")


def judged_tasks(n: int = 40) -> tuple[list[Task], list[Judgement]]:
    """n prompts with two answers; every fourth judgement is a tie, every tenth flags the better answer."""
    tasks = [a_task(f"Question {i}?", f"one {i}", "two", sources=("gpt", "llama")) for i in range(n)]
    flags = [{"response_id": "r1", "kind": "toxic"}]
    judgements = [
        a_judgement(t, *([("r1", "r2")] if i % 4 == 0 else [("r1",), ("r2",)]), flags=flags if i % 10 == 1 else [])
        for i, t in enumerate(tasks)
    ]
    return tasks, judgements


@pytest.fixture
def filled(store: Store, project: Project) -> Project:
    store.add(project.id, *judged_tasks())
    return project


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=ROUTES)) as made:
        yield made


def export_page() -> AppTest:
    return AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/export.py").run()


def links(at: AppTest) -> dict[str, str]:
    """Label → address of every link button."""
    return {element.proto.label: element.proto.url for element in at.get("link_button")}


def everything_on(at: AppTest) -> str:
    elements = [*at.markdown, *at.caption, *at.text, *at.subheader, *at.error]
    return "\n".join(str(element.value) for element in elements)


def choose_format(at: AppTest, purpose: str, name: str) -> None:
    at.segmented_control(key="export_purpose").set_value(purpose).run()
    at.radio(key=f"export_format_{purpose}").set_value(name).run()


def test_without_a_project_or_a_judgement_the_page_says_what_will_appear(store: Store) -> None:
    at = export_page()
    assert not at.exception
    assert "is downloaded here" in everything_on(at)
    project = store.create_project(Project(name="Empty"))
    store.add(project.id, judged_tasks(2)[0])
    at = export_page()
    assert not at.exception
    assert "There is nothing to export yet" in everything_on(at)
    assert not links(at)


def test_the_page_says_what_is_downloaded_and_what_is_left_out(filled: Project) -> None:
    at = export_page()
    assert not at.exception
    assert "Download 26 pairs" in links(at)
    said = everything_on(at)
    assert "26 written + 14 left out = 40 pairs" in said
    assert at.table[0].value.to_dict("list") == {
        "Reason": ["tie", "flagged response preferred"],
        "Number": ["10", "4"],
    }
    assert "columns `prompt`, `chosen`, `rejected`" in said
    assert "No prompt is on both sides" in said
    assert list(at.dataframe[0].value.columns) == ["prompt", "chosen", "rejected"]


def test_every_choice_changes_what_is_written(filled: Project) -> None:
    at = export_page()
    at.radio(key="export_flags").set_value("ignored").run()
    assert "Download 30 pairs" in links(at)
    at.slider(key="export_share").set_value(0).run()
    assert [label for label in links(at) if label.startswith(("Train", "Test"))] == ["Train: 30 pairs, 2.0 kB"]
    at.selectbox(key="export_weights").set_value("1").run()
    assert list(at.dataframe[0].value.columns) == ["prompt", "chosen", "rejected", "weight"]
    at.segmented_control(key="export_kind").set_value("csv").run()
    assert "so that no spreadsheet" in everything_on(at).lower()
    choose_format(at, "Everything", "rankings")
    assert "Download 40 judgements" in links(at)
    assert "Nothing: everything is written." in everything_on(at)
    at.checkbox(key="export_names").check().run()
    assert set(at.dataframe[0].value["annotator"]) == {"ann"}
    choose_format(at, "Train", "trl-unpaired")
    assert any("labelled responses" in label for label in links(at))
    assert not at.exception


def test_prompts_are_messages_when_they_are_asked_for(filled: Project) -> None:
    at = export_page()
    prompt = at.dataframe[0].value["prompt"].iloc[0]
    assert prompt.startswith("Question ")
    at.selectbox(key="export_messages").set_value("messages").run()
    assert at.dataframe[0].value["prompt"].iloc[0] == f'[{{"role": "user", "content": "{prompt}"}}]'


def test_what_cannot_be_written_is_said_where_the_download_would_be(store: Store, project: Project) -> None:
    task = a_task("Which?", "one", "two")
    store.add(project.id, [task], [a_judgement(task, ("r1", "r2"))])
    at = export_page()
    assert not at.exception
    assert [error.value for error in at.error] == ["There is nothing to export yet; rank some answers first."]
    choose_format(at, "Everything", "rankings")
    assert not at.error
    assert "Download 1 judgement" in links(at)


def test_every_format_is_offered_once_and_can_be_written(filled: Project) -> None:
    assert sorted(name for names in PURPOSES.values() for name in names) == sorted(FORMATS)
    at = export_page()
    for purpose, names in PURPOSES.items():
        for name in names:
            choose_format(at, purpose, name)
            assert not at.exception
            assert not at.error, name
            kinds = next(one for one in at.segmented_control if str(one.key).startswith("export_kind")).options
            assert ("CSV" in kinds) == (not FORMATS[name].nested)


def test_only_the_judgements_that_are_chosen_go_out(store: Store, project: Project) -> None:
    tasks = [
        a_task(f"Question {i}?", f"one {i}", "two").model_copy(
            update={"language": "en" if i % 2 else "ru", "topics": ("health",) if i < 4 else (), "gold": i == 0}
        )
        for i in range(12)
    ]
    judgements = [a_judgement(t, ("r1",), ("r2",), annotator=who) for t in tasks for who in ("ann", "bob")]
    store.add(project.id, tasks, judgements)
    at = export_page()
    assert "All 24 judgements are in" in everything_on(at)
    at.multiselect(key="export_languages").set_value(["en"]).run()
    assert "12 of 24 judgements are in" in everything_on(at)
    assert "Download 12 pairs" in links(at)
    assert "12 written + 12 left out = 24 pairs" in everything_on(at)
    at.multiselect(key="export_topics").set_value(["health"])
    at.multiselect(key="export_annotators").set_value(["bob"]).run()
    assert "Download 2 pairs" in links(at)
    at.multiselect(key="export_languages").set_value([]).run()
    at.checkbox(key="export_gold").check().run()
    assert "Download 3 pairs" in links(at)
    tomorrow = date.today() + timedelta(1)
    at.date_input(key="export_since").set_value(tomorrow + timedelta(1)).run()
    assert "0 of 24 judgements are in" in everything_on(at)
    at.date_input(key="export_until").set_value(tomorrow).run()
    assert [error.value.split(":")[0] for error in at.error] == ["The days end before they begin"]


def test_several_annotators_become_one_pair_when_that_is_asked(store: Store, project: Project) -> None:
    tasks = [a_task(f"Question {i}?", f"one {i}", "two") for i in range(9)]
    store.add(project.id, tasks, [a_judgement(t, ("r1",), ("r2",), annotator=who) for t in tasks for who in "abc"])
    at = export_page()
    assert "Download 27 pairs" in links(at)
    at.radio(key="export_several").set_value("majority").run()
    assert "Download 9 pairs" in links(at)
    assert "9 written + 18 left out = 27 pairs" in everything_on(at)


def test_the_rows_of_a_problem_can_be_looked_at_and_personal_data_is_masked(store: Store, project: Project) -> None:
    tasks = [a_task(f"Question {i}?", "write to eva.lind@proton.me", f"two {i}") for i in range(3)]
    tasks.append(a_task("Same?", "same", "same", sources=("a", "b")))
    store.add(project.id, tasks, [a_judgement(t, ("r1",), ("r2",)) for t in tasks])
    at = export_page()
    assert at.table[0].value["Rows"].tolist() == ["1", "3"]
    assert at.table[0].value["What is done"].tolist() == ["left out", "kept, and said in the card"]
    at.selectbox(key="export_problem").set_value("personal").run()
    assert at.dataframe[0].value["chosen"].tolist() == ["write to eva.lind@proton.me"] * 3
    at.selectbox(key="export_problem").set_value("equal").run()
    assert at.dataframe[0].value["prompt"].tolist() == ["Same?"]
    at.checkbox(key="export_mask").check().run()
    assert at.table[0].value["What is done"].tolist() == ["left out", "masked"]
    assert set(at.dataframe[-1].value["chosen"]) == {"write to [email]"}
    assert "3 written + 1 left out = 4 pairs" in everything_on(at)


@pytest.mark.parametrize("tokenizer", ["", "/etc/passwd", "../secrets", "a/b/c"])
def test_a_page_counts_by_no_file_of_the_server(filled: Project, tokenizer: str) -> None:
    at = export_page()
    at.number_input(key="export_most").set_value(100)
    at.text_input(key="export_tokenizer").set_value(tokenizer).run()
    assert [error.value.split(" of a")[0] for error in at.error] == ["Name the tokenizer as OWNER/NAME"]
    assert not links(at)


def test_only_a_lead_confirms_what_a_licence_forbids(
    filled: Project, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {"rows": 1, "rows_used": 1, "rows_rejected": 0, "tasks": 1, "judgements": 0}
    forbidden = Load.model_validate(
        {"file": "a.jsonl", "format": "tasks", "licence": "CC BY-ND 4.0", "loaded_by": "lea"} | counts
    )
    monkeypatch.setattr(store, "loads", lambda _project: [forbidden])
    at = export_page()
    assert "does not let its data be handed on" in at.error[0].value
    assert not links(at)
    at.checkbox(key="export_confirmed").check().run()
    assert not at.error
    assert "Download 26 pairs" in links(at)
    monkeypatch.setattr(session, "person", lambda: Person("eva", "engineer"))
    at = export_page()
    assert "Only a lead can confirm" in everything_on(at)
    assert not links(at)
    assert "export_confirmed" not in {one.key for one in at.checkbox}


def test_the_archive_holds_both_sides_and_the_card_and_loads_as_a_folder(
    filled: Project, client: TestClient, tmp_path: Path
) -> None:
    at = export_page()
    answer = client.get(links(at)["Download 26 pairs"])
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="test-trl-explicit.zip"'
    assert answer.headers["cache-control"] == "no-store"
    (tmp_path / "all.zip").write_bytes(answer.content)
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        archive.extractall(tmp_path / "all")
    assert DatasetCard.load(tmp_path / "all" / "README.md").data.to_dict()["pretty_name"] == "Test"
    data = datasets.load_dataset(str(tmp_path / "all"), cache_dir=str(tmp_path / "cache"))
    assert sum(data[side].num_rows for side in data) == 26
    assert set(data) == {"train", "test"}


def test_a_datasets_folder_comes_as_an_archive(filled: Project, client: TestClient, tmp_path: Path) -> None:
    at = export_page()
    at.segmented_control(key="export_kind").set_value("arrow").run()
    assert not at.exception
    assert set(links(at)) == {"Download 26 pairs", "Data card"}
    (tmp_path / "all.zip").write_bytes(client.get(links(at)["Download 26 pairs"]).content)
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        archive.extractall(tmp_path / "all")
    data = datasets.load_from_disk(str(tmp_path / "all" / "test-trl-explicit"))
    assert sum(data[side].num_rows for side in data) == 26


def test_a_single_file_is_what_the_label_says(filled: Project, client: TestClient) -> None:
    found = links(export_page())
    (train,) = (url for label, url in found.items() if label.startswith("Train: "))
    answer = client.get(train)
    (label,) = (label for label in found if label.startswith("Train: "))
    assert label == f"Train: {len(answer.text.splitlines())} pairs, {size_in_words(len(answer.content))}"
    assert client.get(found["Data card"]).text.startswith("---\npretty_name")


def test_without_a_ticket_or_with_a_forged_one_nothing_is_handed_out(filled: Project, client: TestClient) -> None:
    url = links(export_page())["Download 26 pairs"]
    assert client.get("/api/export").status_code == 403
    assert client.get(url + "x").status_code == 403
    other = ticket("upload", {"file": parse_qs(urlparse(url).query)["ticket"][0]})
    assert client.get(f"/api/export?ticket={other}").status_code == 403
    outside = ticket("export", {"file": "../../etc/passwd"})
    assert client.get(f"/api/export?ticket={outside}").status_code == 410
    assert "no longer on the server" in client.get(f"/api/export?ticket={ticket('export', {'file': 'gone'})}").text


def test_only_the_last_exports_wait_on_disk(filled: Project, store: Store) -> None:
    before = set(shelf().iterdir())
    size = store.size(filled.id)
    made = [
        waiting(filled, size, Asked(), Choice(test_share=share / 100), "jsonl") for share in range(0, 2 * KEPT + 2, 2)
    ]
    assert len(made) == KEPT + 1
    assert not made[0].archive.exists()
    assert all(one.archive.exists() for one in made[1:])
    assert len(set(shelf().iterdir()) - before) <= KEPT


def test_an_export_that_fails_leaves_nothing_on_disk(
    filled: Project, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise OSError("disk full")

    before = set(shelf().iterdir())
    monkeypatch.setattr("app.exports._packed", broken)
    with pytest.raises(OSError, match="disk full"):
        waiting(filled, store.size(filled.id), Asked(), Choice(), "csv")
    assert set(shelf().iterdir()) == before


def test_a_changed_guideline_is_in_the_next_card(filled: Project, store: Store) -> None:
    size = store.size(filled.id)
    changed = filled.model_copy(update={"guideline": "Be brief."})
    first, second = (waiting(p, size, Asked(), Choice(), "jsonl") for p in (filled, changed))
    assert "Be brief." not in first.export.card.read_text()
    assert "Be brief." in second.export.card.read_text()


@pytest.mark.parametrize(
    ("name", "file"),
    [("Sample: A & B", "sample-a-b"), ("Тон ответов", "тон-ответов"), ("../..", "project"), ("x" * 99, "x" * 60)],
)
def test_a_projects_name_makes_a_safe_file_name(name: str, file: str) -> None:
    assert file_name(name) == file


@pytest.mark.parametrize(
    ("n", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (11_405_182, "11.4 MB"), (10**12, "1,000.0 GB")],
)
def test_sizes_are_said_as_people_read_them(n: int, words: str) -> None:
    assert size_in_words(n) == words


def test_links_follow_the_address_that_the_app_is_served_under(filled: Project, store: Store) -> None:
    made = waiting(filled, store.size(filled.id), Asked(), Choice(), "jsonl")
    assert link(made.archive).startswith("/api/export?ticket=")
    st.config.set_option("server.baseUrlPath", "desk")
    try:
        assert link(made.archive).startswith("/desk/api/export?ticket=")
    finally:
        st.config.set_option("server.baseUrlPath", "")


def test_a_browser_saves_the_archive_and_stays_on_the_page(served_app: ServedApp, page: Page, tmp_path: Path) -> None:
    project = served_app.store.create_project(Project(name="Тон ответов"))
    served_app.store.add(project.id, *judged_tasks())
    page.goto(f"{served_app.url}/export")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download 26 pairs").click()
    assert download.value.suggested_filename == "тон-ответов-trl-explicit.zip"
    download.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3
    page.get_by_role("link", name="Download 26 pairs").wait_for()
    assert len(page.context.pages) == 1


def test_a_version_is_kept_downloaded_again_bit_for_bit_and_compared(
    filled: Project, store: Store, client: TestClient
) -> None:
    at = export_page()
    handed_over = client.get(links(at)["Data card"]).content
    at.text_input(key="export_note").set_value("for the first run")
    at.button(key="export_keep_button").click().run()
    assert not at.exception
    (first,) = store.datasets(filled.id)
    assert (first.number, first.rows, first.note, first.created_by) == (1, 26, "for the first run", "local")
    more = [a_task(f"Later {i}?", "one", "two") for i in range(3)]
    store.add(filled.id, more, [a_judgement(task, ("r1",), ("r2",)) for task in more])
    at = export_page()
    assert "Keep as version 2" in {button.label for button in at.button}
    at.button(key="export_keep_button").click().run()
    at = export_page()
    versions = next(one.value for one in at.dataframe if "Version" in one.value)
    assert versions["Version"].tolist() == [2, 1]
    assert versions["Holds"].tolist() == ["29 pairs", "26 pairs"]
    at.selectbox(key="export_again").set_value(1).run()
    found = links(at)
    assert client.get(found["test-trl-explicit.card.md"]).content == handed_over
    archive = client.get(found["Download version 1"])
    assert archive.headers["content-disposition"] == 'attachment; filename="test-v1.zip"'
    at.selectbox(key="export_older").set_value(1).run()
    assert "26 rows are the same; 3 added, 0 removed, 0 turned" in everything_on(at)
    compared = next(one.value for one in at.dataframe if "Change" in one.value)
    assert compared["Change"].tolist() == ["Added"] * 3
    assert set(compared["prompt"]) == {"Later 0?", "Later 1?", "Later 2?"}
    assert not at.exception


def test_versions_of_two_formats_are_not_compared_and_that_is_said(filled: Project) -> None:
    at = export_page()
    at.button(key="export_keep_button").click().run()
    choose_format(at, "Everything", "rankings")
    at.button(key="export_keep_button").click().run()
    at = export_page()
    at.selectbox(key="export_older").set_value(1).run()
    assert "compare two versions of one format" in at.error[0].value


def test_the_same_files_make_the_same_archive(filled: Project, store: Store) -> None:
    first = waiting(filled, store.size(filled.id), Asked(), Choice(), "jsonl").archive.read_bytes()
    st.cache_resource.clear()
    again = waiting(filled, store.size(filled.id), Asked(), Choice(), "jsonl").archive.read_bytes()
    assert first == again
