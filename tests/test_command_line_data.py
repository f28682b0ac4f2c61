"""`python -m data`: what it prints, what it stores, with which status it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data import __main__ as command
from data.clean.topic_labels import read_by
from data.sample import NAME
from data.store import Store

ROOT = Path(command.__file__).parent.parent


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    address = f"sqlite:///{tmp_path / 'command.db'}"
    monkeypatch.setenv("DATABASE_URL", address)
    return address


def rows_file(folder: Path, *rows: object) -> str:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


GOOD = {"prompt": "p", "responses": ["a", "b"]}


def test_a_good_file_ends_with_status_0(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["load", rows_file(tmp_path, GOOD), "--project", "New", "--licence", "MIT"]) == 0
    assert capsys.readouterr().out == (
        "rows.jsonl: JSONL, format tasks (prompt=prompt, responses=responses)\n"
        "1 rows read = 1 used + 0 rejected\n"
        "1 new tasks, 0 new judgements\n"
    )
    store = Store(url)
    (load,) = store.loads(store.project("New").id)
    assert (load.licence, load.rows_used) == ("MIT", 1)
    store.close()


def test_the_same_file_again_says_that_nothing_is_new(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        command.main(["load", rows_file(tmp_path, GOOD), "--project", "New"])
    assert capsys.readouterr().out.endswith("nothing new: all of it was loaded before\n")


def test_rejected_rows_are_printed_and_end_with_status_1(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [{"prompt": f"p{n}", "responses": ["a"]} for n in range(12)]
    assert command.main(["load", rows_file(tmp_path, GOOD, *bad), "--project", "New"]) == 1
    out = capsys.readouterr().out
    assert "13 rows read = 1 used + 12 rejected\n" in out
    assert "Row 2: the prompt has one response and needs 2 to 9; add more or remove it.\n" in out
    assert out.endswith("… and 2 more; the Data page lists them.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.jsonl"], "There is no file “none.jsonl”; check its name."),
        (["ROWS", "--map", "prompt"], "--map prompt has no “=”; write --map FIELD=COLUMN."),
        (["ROWS", "--map", "prompt=x"], "The file has no column “x”; its columns are “prompt”, “responses”."),
        (["ROWS", "--map", "prompt="], "The format tasks needs a column for prompt;"),
        (["ROWS", "--project", " "], "A project needs a name of 1 to 200 characters"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    rows = rows_file(tmp_path, GOOD)
    given = [rows if argument == "ROWS" else argument for argument in arguments]
    assert command.main(["load", "--project", "New", *given]) == 2
    out, error = capsys.readouterr()
    assert error.startswith(said)
    assert error.count("\n") == 1
    assert "new tasks" not in out
    store = Store(url)
    assert store.projects() == []
    store.close()


def test_columns_can_be_named(tmp_path: Path, url: str) -> None:
    path = rows_file(tmp_path, {"q": "p", "one": "a", "two": "b"})
    named = ["--map", "prompt=q", "--map", "responses=one", "--map", "responses=two"]
    assert command.main(["load", path, "--project", "New", "--format", "tasks", *named]) == 0


def test_votes_take_their_texts_from_a_second_file(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    votes = rows_file(tmp_path, {"id": 1, "model_x": 7, "model_y": 8, "winner": "left", "worker": 3})
    texts = tmp_path / "texts.jsonl"
    texts.write_text(json.dumps({"id": 1, "text": "p", "model_x": 7, "result_x": "a", "model_y": 8, "result_y": "b"}))
    assert command.main(["load", votes, "--project", "New"]) == 2
    assert command.main(["load", votes, "--project", "New", "--texts", str(texts)]) == 0
    assert "1 new tasks, 1 new judgements" in capsys.readouterr().out


def test_a_bar_is_drawn_on_a_terminal_only(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["load", rows_file(tmp_path, GOOD), "--project", "New"]
    command.main(arguments)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    command.main(arguments)
    assert "rows.jsonl " + "█" * 30 + " 100%" in capsys.readouterr().err


def test_the_sample_is_loaded_once(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["sample"]) == 0
    assert "llmfao/votes.csv.gz: 2,139 tasks, 8,931 judgements (CC-BY-4.0)" in capsys.readouterr().out
    assert command.main(["sample"]) == 0
    assert capsys.readouterr().out == f"“{NAME}” is already there\n"


def test_seeing_that_the_sample_is_there_imports_nothing_heavy(tmp_path: Path, url: str) -> None:
    command.main(["sample"])
    code = (
        "import sys; from data.__main__ import main; main(['sample']);"
        "heavy = {'pandas', 'pyarrow', 'numpy', 'streamlit'} & set(sys.modules); sys.exit(len(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, check=False)
    assert done.returncode == 0


def test_it_runs_as_a_module_and_explains_itself() -> None:
    for arguments, word in (
        (["--help"], "Exit status"),
        (["load", "--help"], "--texts FILE"),
        (["sample", "-h"], NAME),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "data", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert word in " ".join(done.stdout.split())


SECRET = {
    "prompt": "Which of these do you like best, and why?",
    "responses": ["Ask ann@mail.org.", "Kill the president"],
}


def test_personal_data_is_masked_if_asked_and_counted(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = rows_file(tmp_path, SECRET)
    assert command.main(["load", path, "--project", "New", "--mask"]) == 0
    assert capsys.readouterr().out.endswith(
        "1 new tasks, 0 new judgements\npersonal data masked in what was new: 1 email\n"
    )
    assert command.main(["load", path, "--project", "New", "--mask"]) == 0
    assert capsys.readouterr().out.endswith("nothing new: all of it was loaded before\n")
    store = Store(url)
    (task,) = store.tasks(store.project("New").id)
    assert "Ask [email]." in [response.text for response in task.responses]
    assert [load.masked for load in store.loads(store.project("New").id)] == [{}, {"email": 1}]
    store.close()


def test_a_load_reads_languages_and_topics_unless_told_not_to(tmp_path: Path, url: str) -> None:
    path = rows_file(
        tmp_path, {"prompt": "Which party would you vote for at the next election?", "responses": ["A", "B"]}
    )
    command.main(["load", path, "--project", "Read"])
    command.main(["load", path, "--project", "Unread", "--no-read"])
    store = Store(url)
    (read,), (unread,) = (list(store.tasks(store.project(name).id)) for name in ("Read", "Unread"))
    store.close()
    assert (read.language, read.topics) == ("en", ("politics",))
    assert (unread.language, unread.topics) == ("", ())


def test_the_report_is_printed_or_written(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["load", rows_file(tmp_path, GOOD), "--project", "New"])
    capsys.readouterr()
    assert command.main(["report", "--project", "New"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("# New: the data\n")
    for name, start in (("r.md", "# New: the data\n"), ("r.html", "<!doctype html>")):
        assert command.main(["report", "--project", "New", "--out", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text().startswith(start)
    capsys.readouterr()
    for out, said in (("r.pdf", "end in .html or .md"), ("no/such/r.md", "cannot be written")):
        assert command.main(["report", "--project", "New", "--out", str(tmp_path / out)]) == 2
        assert said in capsys.readouterr().err
    assert command.main(["report", "--project", "Old"]) == 2


def test_cleaning_draws_a_bar_on_a_terminal_only(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command.main(["load", rows_file(tmp_path, GOOD, SECRET), "--project", "New"])
    command.main(["clean", "--project", "New"])
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    for more in ([], ["--read"], ["--apply"]):
        assert command.main(["clean", "--project", "New", *more]) == 0
        out, err = capsys.readouterr()
        assert "\rtasks " in err
        assert "█" not in out


def test_it_is_known_whether_all_tasks_were_read(tmp_path: Path, url: str) -> None:
    noted = []
    for name, more in (("a.jsonl", []), ("b.jsonl", ["--no-read"]), ("c.jsonl", [])):
        path = tmp_path / name
        path.write_text(json.dumps(GOOD | {"prompt": f"What is in {name}?"}))
        command.main(["load", str(path), "--project", "New", *more])
        store = Store(url)
        here = store.project("New")
        noted.append(store.last_read(here.id) == read_by(here, None))
        store.close()
    assert noted == [True, False, False]
    command.main(["clean", "--project", "New", "--read"])
    store = Store(url)
    assert store.last_read(here.id) == read_by(here, None)
    store.close()


def test_an_answer_that_becomes_empty_is_said_to(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["load", rows_file(tmp_path, {"prompt": "What?", "responses": ["<br>", "No."]}), "--project", "New"])
    capsys.readouterr()
    command.main(["clean", "--project", "New", "--rule", "html"])
    assert "    + (nothing: the text is empty then)\n" in capsys.readouterr().out
