"""`python -m reward_model`, from a file to numbers, with nothing of the app."""

import gzip
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from data.schemas import PreferencePair
from reward_model.__main__ import _Progress, main
from reward_model.training import Step
from tests.preferences_made import made_pairs

KEYS = {"accuracy", "accuracy_ci", "log_loss", "n_pairs", "n_prompts", "longer_wins"}


def rows(pairs: Sequence[PreferencePair]) -> list[dict[str, str]]:
    return [{"prompt": p.prompt[0].content, "chosen": p.chosen, "rejected": p.rejected} for p in pairs]


def jsonl(path: Path, some: Sequence[object]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in some), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fit")
    assert main(["fit", str(jsonl(folder / "prefs.jsonl", rows(made_pairs(30)))), "--out", str(folder / "model")]) == 0
    return folder / "model"


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv", "parquet", "jsonl.gz"])
def test_fit_reads_every_kind_and_prints_the_same_numbers(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, frame = tmp_path / f"prefs.{kind}", pd.DataFrame(rows(made_pairs(20)))
    write = {
        "jsonl": lambda: frame.to_json(path, orient="records", lines=True),
        "json": lambda: frame.to_json(path, orient="records"),
        "csv": lambda: frame.to_csv(path, index=False),
        "parquet": lambda: frame.to_parquet(path),
        "jsonl.gz": lambda: path.write_bytes(gzip.compress(frame.to_json(orient="records", lines=True).encode())),
    }
    write[kind]()
    assert main(["fit", str(path), "--out", str(tmp_path / "model"), "--json"]) == 0
    out = capsys.readouterr()
    found = json.loads(out.out.splitlines()[-1])
    assert set(found) >= KEYS
    assert (found["n_pairs"], found["n_prompts"]) == (60, 20)
    assert found["accuracy_ci"][0] <= found["accuracy"] <= found["accuracy_ci"][1]
    assert "Read 60 pairs; 0 rows rejected." in out.err


def test_implicit_prompts_and_transcripts_are_fitted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    some = [
        {k: f"\n\nHuman: {row['prompt']}\n\nAssistant: {row[k]}" for k in ("chosen", "rejected")}
        for row in rows(made_pairs(20))
    ]
    assert main(["fit", str(jsonl(tmp_path / "hh.jsonl", some)), "--out", str(tmp_path / "m"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["n_prompts"] == 20


def test_a_group_column_holds_its_rows_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    some = [row | {"group": f"topic {n % 6}"} for n, row in enumerate(rows(made_pairs(20)))]
    assert main(["fit", str(jsonl(tmp_path / "p.jsonl", some)), "--out", str(tmp_path / "m"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["n_groups"] == found["split"]["folds"] == 6


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_languages_and_topics_of_the_file_slice_the_card(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = [
        row | {"language": "de", "topics": ["health", "finance"] if n % 2 else []}
        for n, row in enumerate(rows(made_pairs(40)))
    ]
    path = jsonl(tmp_path / "p.jsonl", some)
    if kind == "csv":
        path = tmp_path / "p.csv"
        pd.DataFrame([row | {"topics": ", ".join(row["topics"])} for row in some]).to_csv(path, index=False)
    assert main(["fit", str(path), "--out", str(tmp_path / "m"), "--json"]) == 0
    capsys.readouterr()
    assert main(["card", str(tmp_path / "m")]) == 0
    slices = json.loads(capsys.readouterr().out)["slices"]
    assert [(one["name"], one["guessed"]) for one in slices if one["by"] == "language"] == [("de", 0)]
    sensitive = {one["name"]: one["n_pairs"] for one in slices if one["by"] == "sensitive topic"}
    assert sensitive == {"health": 60, "finance": 60, "none": 60}


def test_a_row_with_too_many_topics_is_rejected_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = [
        row | {"topics": [f"t{k}" for k in range(31 if n == 3 else 1)]} for n, row in enumerate(rows(made_pairs(20)))
    ]
    assert main(["fit", str(jsonl(tmp_path / "p.jsonl", some)), "--out", str(tmp_path / "m")]) == 0
    err = capsys.readouterr().err
    assert "59 pairs; 1 rows rejected" in err
    assert "names 31 topics, and 30 is the most" in err


def test_bad_rows_are_counted_and_shown_and_the_good_ones_fitted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = jsonl(tmp_path / "p.jsonl", [*rows(made_pairs(20)), {"prompt": "p", "chosen": "a"}])
    path.write_text(path.read_text() + "{broken\n", encoding="utf-8")
    assert main(["fit", str(path), "--out", str(tmp_path / "m")]) == 0
    out = capsys.readouterr()
    assert "Read 60 pairs; 2 rows rejected." in out.err
    assert "Row 61:" in out.err
    assert "Held-out accuracy" in out.out
    assert "Longer wins" in out.out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"prompt": "p", "chosen": "a", "rejected": "b"}\n', "at least 20 such pairs on at least 5 prompts"),
        ('{"a": 1}\n', "column"),
        ("", "empty"),
        ('{"prompt": "", "chosen": 1, "rejected": null}\n', "No row of the file can be used"),
    ],
)
def test_a_file_that_cannot_be_fitted_ends_with_a_sentence_and_status_two(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(text, encoding="utf-8")
    assert main(["fit", str(path), "--out", str(tmp_path / "m")]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    prefs = jsonl(tmp_path / "p.jsonl", rows(made_pairs(20)))
    assert main(["fit", str(prefs), "--out", str(blocked)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_evaluate_leaves_out_what_was_in_training_and_says_so(
    fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = [row | {"prompt": f"Unseen: {row['prompt']}"} for row in rows(made_pairs(10, seed=7))]
    path = jsonl(tmp_path / "p.jsonl", [*rows(made_pairs(2)), *fresh])
    capsys.readouterr()
    assert main(["evaluate", str(fitted), str(path), "--json"]) == 0
    out = capsys.readouterr()
    found = json.loads(out.out.splitlines()[-1])
    assert set(found) >= KEYS
    assert (found["n_pairs"], found["n_left_out"]) == (30, 6)
    assert "6 of 36 pairs are left out" in out.err


def test_evaluate_refuses_when_nothing_is_unseen(
    fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(fitted), str(jsonl(tmp_path / "p.jsonl", rows(made_pairs(5))))]) == 2
    assert "no pair left" in capsys.readouterr().err


ANSWERS = [
    {"id": 7, "prompt": "Say it", "response": "A careful answer because of evidence.", "tags": ["a", 1.5]},
    {"id": 8, "prompt": [{"role": "user", "content": "Say it"}], "response": "whatever", "score": 99},
]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_score_adds_a_column_and_keeps_the_others(
    kind: str, fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [{"prompt": "no response"}, {"prompt": "", "response": "x"}]
    path, out = jsonl(tmp_path / "in.jsonl", [*ANSWERS, *bad]), tmp_path / f"out.{kind}"
    assert main(["score", str(fitted), str(path), "--out", str(out)]) == 0
    read = {"jsonl": lambda: pd.read_json(out, lines=True), "csv": lambda: pd.read_csv(out)}
    frame = read.get(kind, lambda: pd.read_parquet(out))()
    assert list(frame.columns) == ["id", "prompt", "response", "tags", "score"]
    assert frame["id"].astype(int).tolist() == [7, 8]
    assert frame["score"][0] > frame["score"][1]
    said = capsys.readouterr().err
    assert "Read 2 rows; 2 rows rejected." in said
    assert "there is no column “response”" in said


def test_score_keeps_json_values_as_they_are(fitted: Path, tmp_path: Path) -> None:
    path, out = jsonl(tmp_path / "in.jsonl", ANSWERS), tmp_path / "out.jsonl"
    assert main(["score", str(fitted), str(path), "--out", str(out)]) == 0
    written = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    for before, after in zip(ANSWERS, written, strict=True):
        assert {k: v for k, v in after.items() if k != "score" and v is not None} == {
            k: v for k, v in before.items() if k != "score"
        }


@pytest.mark.parametrize(
    "arguments", [["score", "nowhere", "x.jsonl", "--out", "o.jsonl"], ["evaluate", "nowhere", "x"]]
)
def test_a_missing_model_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "holds no reward model" in capsys.readouterr().err


def test_score_refuses_a_kind_of_file_it_cannot_write(fitted: Path, tmp_path: Path) -> None:
    path = jsonl(tmp_path / "in.jsonl", ANSWERS)
    assert main(["score", str(fitted), str(path), "--out", str(tmp_path / "out.xlsx")]) == 2


def test_progress_tells_counts_and_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter([0.0, 1.0, 1.5, 10.0])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    told = _Progress()
    for done in (0, 1, 5):
        told(Step(done, 10, "Fitting"))
    assert capsys.readouterr().err.splitlines() == ["Fitting: 0 of 10 fits", "Fitting: 5 of 10 fits, about 10 s left"]


def test_the_command_runs_by_its_name_and_helps() -> None:
    run = subprocess.run([sys.executable, "-m", "reward_model", "--help"], capture_output=True, text=True, check=True)
    for word in ("fit", "evaluate", "score", "Exit status", "PREFS"):
        assert word in run.stdout
