"""`python -m reward_model score` and `filter`: files in, files out."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data.errors import InputError
from data.export.again import AnswerFile
from reward_model.__main__ import main
from reward_model.flag_features import SETTINGS, counts
from reward_model.flag_model import FORMAT, fit, weights_bytes
from tests.preferences_made import made_pairs
from tests.test_command_line_reward import jsonl, rows


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fit")
    prefs = str(jsonl(folder / "prefs.jsonl", rows(made_pairs(30))))
    assert main(["fit", prefs, "--out", str(folder / "model"), "--families", "words,surface"]) == 0
    return folder / "model"


GOOD, BAD = "A careful answer because of evidence.", "Whatever, dunno, lol, meh."
CANDIDATES: list[dict[str, Any]] = [
    {"id": 1, "prompt": "Say it", "response": BAD, "flags": [], "cost": 0.5},
    {"id": 2, "prompt": "Sing it", "response": GOOD, "flags": ["toxic"], "cost": 1},
    {"id": 3, "prompt": "Say it", "response": GOOD, "flags": [], "cost": 2, "note": "=1+1"},
    {"prompt": "No response"},
    {"id": 5, "prompt": "Sing it", "response": BAD, "flags": None, "cost": None},
]


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    found: list[dict[str, Any]] = json.loads(frame.to_json(orient="records"))
    return found


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_every_row_is_kept_or_dropped_with_its_reason(
    kind: str, fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = jsonl(tmp_path / "in.jsonl", CANDIDATES), tmp_path / f"out.{kind}"
    assert main(["filter", str(fitted), str(path), "--out", str(out), "--keep-best", "1", "--json"]) == 0
    kept, dropped = read(out), read(tmp_path / f"out.dropped.{kind}")
    assert [row["id"] for row in kept] == [2, 3]
    assert [row["row"] for row in dropped] == [1, 4, 5]
    assert dropped[0]["dropped_because"] == "It is number 2 of 2 answers to its prompt, and 1 are kept."
    assert "there is no column “response”" in dropped[1]["dropped_because"]
    assert {"id", "prompt", "response", "flags", "cost", "note", "score", "rank"} <= set(kept[0]) & set(dropped[0])
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said == {"rows": 5, "kept": 2, "rejected": 1, "why": {"not among the best": 2}}


def test_flagged_answers_are_dropped_and_the_next_best_is_kept(fitted: Path, tmp_path: Path) -> None:
    path, out = jsonl(tmp_path / "in.jsonl", CANDIDATES), tmp_path / "out.jsonl"
    assert main(["filter", str(fitted), str(path), "--out", str(out), "--keep-best", "1", "--drop-flagged"]) == 0
    assert [row["id"] for row in read(out)] == [3, 5]
    why = {row["row"]: row["dropped_because"] for row in read(tmp_path / "out.dropped.jsonl")}
    assert why[2] == "It is flagged toxic (1.00)."


def test_a_parquet_file_keeps_its_types(fitted: Path, tmp_path: Path) -> None:
    frame = pd.DataFrame([{k: v for k, v in row.items() if k != "flags"} for row in CANDIDATES if "id" in row])
    frame.to_parquet(tmp_path / "in.parquet")
    out = tmp_path / "out.parquet"
    assert main(["score", str(fitted), str(tmp_path / "in.parquet"), "--out", str(out), "--rank"]) == 0
    found = pd.read_parquet(out)
    assert (found["id"].tolist(), found["rank"].tolist()) == ([1, 2, 3, 5], [2, 1, 1, 2])
    assert found["cost"].dtype == float
    assert list(found.columns) == [*frame.columns, "score", "rank"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ([], "Nothing would be dropped"),
        (["--keep-best", "0"], "at least 1"),
        (["--min-margin", "nan"], "0 or more"),
        (["--keep-best", "1", "--dropped", "{in}"], "must differ"),
        (["--keep-best", "1", "--dropped", "x.xlsx"], "must end in"),
    ],
)
def test_a_filter_that_cannot_be_done_is_one_sentence_and_writes_nothing(
    more: list[str], says: str, fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = jsonl(tmp_path / "in.jsonl", CANDIDATES), tmp_path / "out.jsonl"
    said = [one.replace("{in}", str(path)) for one in more]
    assert main(["filter", str(fitted), str(path), "--out", str(out), *said]) == 2
    assert says in capsys.readouterr().err
    assert not out.exists()


def test_a_file_that_changes_between_its_two_readings_is_refused(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "in.jsonl", CANDIDATES)
    file = AnswerFile(path)
    assert len(list(file.read())) == 4
    jsonl(path, CANDIDATES[:1])
    with pytest.raises(InputError, match="has changed"):
        file.write(tmp_path / "out.jsonl", pa.schema([]), lambda _: {})


def test_families_and_rules_of_a_fit_are_on_its_card(
    fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["card", str(fitted)]) == 0
    assert json.loads(capsys.readouterr().out)["fit_rules"]["families"] == ["surface", "words"]
    prefs = str(jsonl(tmp_path / "p.jsonl", rows(made_pairs(30))))
    more = ["--families", "surface", "--without-length", "--no-calibration", "--start-from", str(fitted)]
    assert main(["fit", prefs, "--out", str(tmp_path / "m"), *more]) == 0
    rules = json.loads((tmp_path / "m" / "card.json").read_text())["fit_rules"]
    assert (rules["families"], rules["without_length"], rules["calibrated"]) == (["surface"], True, False)
    assert main(["compare", str(fitted), str(tmp_path / "m"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["n_pairs"] > 0
    assert main(["card", str(tmp_path / "m"), "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("# Reward model")


def test_an_unknown_family_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "p.jsonl", "--out", str(tmp_path / "m"), "--families", "surface,tea"]) == 2
    assert "“tea”" in capsys.readouterr().err


def test_watch_tells_weeks_and_releases_as_a_table_and_as_json(
    fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [
        {"prompt": f"Say {n}", "response": said, "source": source, "written_at": f"2026-11-{day:02d}"}
        for source, said, day in (("Old", BAD, 2), ("New", GOOD, 9))
        for n in range(10)
    ]
    path = jsonl(tmp_path / "released.jsonl", [*answers, answers[0], {"prompt": "p", "response": "r", "source": "x"}])
    assert main(["watch", str(fitted), str(path)]) == 0
    out = capsys.readouterr()
    assert "New is preferred to Old" in out.out
    assert "the opinion of the reward model" in out.out
    assert "Read 21 answers; 1 rows rejected." in out.err
    assert "--judged" in out.err
    prefs = jsonl(tmp_path / "prefs.jsonl", rows(made_pairs(10)))
    assert main(["watch", str(fitted), str(path), "--judged", str(prefs), "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [(week["source"], week["week"], week["n"]) for week in found["weeks"]] == [
        ("Old", "2026-W45", 10),
        ("New", "2026-W46", 10),
    ]
    assert found["win_rates"][0]["paired"]
    assert found["win_rates"][0]["rate"]["value"] > 0.5


def test_a_flag_model_that_is_none_is_one_sentence(
    fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, more = jsonl(tmp_path / "in.jsonl", CANDIDATES), ["--out", str(tmp_path / "o.jsonl"), "--drop-flagged"]
    assert main(["filter", str(fitted), str(path), *more, "--flag-model", str(tmp_path / "none")]) == 2
    assert "holds no flag model" in capsys.readouterr().err
    assert main(["filter", str(fitted), str(path), *more, "--flag-model", str(fitted)]) == 2
    assert "names no kind of flag" in capsys.readouterr().err


def test_a_flag_model_in_a_folder_drops_what_it_flags(fitted: Path, tmp_path: Path) -> None:
    folder, texts = (
        tmp_path / "flag",
        [f"{word} number {n}" for n in range(20) for word in ("horrid nasty", "kind fair")],
    )
    model = fit(counts(texts), np.array([text.startswith("horrid") for text in texts]), 1.0)
    made = model.model({"format": FORMAT, "features": SETTINGS, "kind": "toxic"})
    folder.mkdir()
    (folder / "card.json").write_text(json.dumps(made.card))
    (folder / "weights.safetensors").write_bytes(weights_bytes(made))
    path = jsonl(
        tmp_path / "in.jsonl", [{"prompt": "p", "response": r} for r in ("horrid nasty words", "kind fair words")]
    )
    more = ["--out", str(tmp_path / "o.jsonl"), "--drop-flagged", "--flag-model", str(folder)]
    assert main(["filter", str(fitted), str(path), *more]) == 0
    assert [row["response"] for row in read(tmp_path / "o.jsonl")] == ["kind fair words"]
    assert read(tmp_path / "o.dropped.jsonl")[0]["dropped_because"].startswith("It is flagged toxic (0.")


def test_a_flag_model_is_fitted_from_flagged_answers_and_then_drops_what_is_like_them(
    fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"prompt": f"Question {n}?", "response": f"{word} number {n}", "flags": flags}
        for n in range(30)
        for word, flags in (("horrid nasty", "toxic, spam"), ("kind fair", ""))
    ]
    out = tmp_path / "flag"
    found = jsonl(tmp_path / "flagged.jsonl", [*rows, {"prompt": "no response"}])
    assert main(["fit-flag", str(found), "--kind", "toxic", "--out", str(out), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["auc"] > 0.95
    assert "1 rows rejected" in said.err
    new = [{"prompt": "p", "response": text} for text in ("horrid nasty words", "kind fair words")]
    kept = tmp_path / "kept.jsonl"
    arguments = [str(fitted), str(jsonl(tmp_path / "new.jsonl", new)), "--out", str(kept), "--drop-flagged"]
    assert main(["filter", *arguments, "--flag-model", str(out)]) == 0
    assert [json.loads(line)["response"] for line in kept.read_text().splitlines()] == ["kind fair words"]


def test_too_few_flagged_answers_are_refused_with_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = jsonl(tmp_path / "few.jsonl", [{"prompt": "p", "response": "r", "flags": "toxic"}])
    assert main(["fit-flag", str(found), "--kind", "toxic", "--out", str(tmp_path / "out")]) == 2
    assert "there are 1 and 0" in capsys.readouterr().err
