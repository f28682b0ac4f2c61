"""TRL's own trainers take what is exported: no row dropped, no prompt cut, margins used. Run by `make test-trl`."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from data.export.rows import Choice, Judged
from data.export.write import write_export
from data.schemas import Message, Task, prompt_group, task_id
from tests.conftest import a_judgement, a_task
from tests.test_export import ABOUT, judged

HERE = Path(__file__).parent / "trl"
PLACE = Path(__file__).parent.parent / "build" / "trl"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3_600)]
TURNS: list[tuple[Literal["user", "assistant"], str]] = [
    ("user", "Who wrote it?"),
    ("assistant", "Which book do you mean?"),
]
ANSWERS = [("It was Leo Tolstoy", "It was Fyodor Dostoyevsky"), ("«Да», сказал он", "«Да»"), ("是的。", "=1+1")]
JOBS = [
    *((trainer, f"{name}{end}") for trainer in ("dpo", "reward") for name in ("explicit", "explicit-messages")
      for end in (".jsonl", "")),
    *((trainer, f"{name}.parquet") for trainer in ("dpo", "reward") for name in 
      ("implicit", "implicit-text", "margin", "turns", "turns-text")),
    *(("kto", f"{name}.jsonl") for name in ("unpaired", "unpaired-messages", "explicit")),
    *(("sft", f"{name}.jsonl") for name in ("sft", "sft-messages")),
]  # fmt: skip
"""Which trainer is given which file; a name without an ending is a `datasets` folder."""
EXPORTS: Mapping[str, Choice] = {
    "explicit": Choice("trl-explicit", messages=False),
    "explicit-messages": Choice("trl-explicit", messages=True),
    "implicit": Choice("trl-implicit"),
    "implicit-text": Choice("trl-implicit", messages=False),
    "margin": Choice("trl-explicit", messages=True, weights=True),
    "turns": Choice("trl-explicit"),
    "turns-text": Choice("trl-explicit", messages=False),
    "unpaired": Choice("trl-unpaired", messages=False),
    "unpaired-messages": Choice("trl-unpaired", messages=True),
    "sft": Choice("sft", messages=False),
    "sft-messages": Choice("sft", messages=True),
}


def material(name: str) -> Judged:
    """Nine prompts, of one turn or of three, each judged once, with a margin where the name asks for one."""
    tasks = [a_task(f"Question number {i}?", *ANSWERS[i % 3]) for i in range(9)]
    if name.startswith("turns"):
        tasks = [_with_turns(task) for task in tasks]
    more: dict[str, object] = {"margin": 0.5} if name == "margin" else {}
    return judged(tasks, [a_judgement(task, ("r1",), ("r2",), annotator="ann", **more) for task in tasks])


def _with_turns(task: Task) -> Task:
    before = [Message(role=role, content=text) for role, text in TURNS]
    prompt = (*before, *task.prompt)
    return Task(id=task_id(prompt, task.responses), prompt=prompt, responses=task.responses, group=prompt_group(prompt))


@pytest.fixture(scope="module")
def python() -> Path:
    """The Python of TRL's own environment, made on first use and again when its requirements change."""
    found, wanted = PLACE / "made-of.txt", (HERE / "requirements.txt").read_text(encoding="utf-8")
    python = PLACE / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not found.exists() or found.read_text(encoding="utf-8") != wanted:
        venv.create(PLACE, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt"], check=True)
        found.write_text(wanted, encoding="utf-8")
    return python


@pytest.fixture(scope="module")
def outcomes(python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, Any]]:
    """What TRL says of every job."""
    folder = tmp_path_factory.mktemp("trl")
    for _, file in dict.fromkeys(JOBS):
        name = file.split(".")[0]
        write_export(material(name), EXPORTS[name]._replace(test_share=0), ABOUT, folder / file)
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "home"), "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": ""}
    told = subprocess.run(
        [python, HERE / "train.py", folder, json.dumps(JOBS)],
        env={**os.environ, **offline}, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr[-4_000:]
    made = [json.loads(line) for line in told.stdout.splitlines() if line.startswith('{"file"')]
    return {(one["trainer"], one["file"]): one for one in made}


@pytest.mark.parametrize("job", JOBS, ids="-".join)
def test_the_trainer_takes_every_row_and_makes_its_steps(
    outcomes: dict[tuple[str, str], dict[str, Any]], job: tuple[str, str]
) -> None:
    one = outcomes[job]
    wide = 2 if job == ("kto", "explicit.jsonl") else 1
    assert one["given"] * wide == one["prepared"] > 8
    assert one["steps"] == 2
    assert one["loss"] == one["loss"] > 0


@pytest.mark.parametrize("job", [job for job in JOBS if job[0] != "sft"], ids="-".join)
def test_prompts_are_whole_and_answers_differ(
    outcomes: dict[tuple[str, str], dict[str, Any]], job: tuple[str, str]
) -> None:
    for i, row in enumerate(outcomes[job]["rows"]):
        before = row.get("prompt_ids", row.get("chosen_ids"))
        assert "Question number" in before, i
        if job[1].startswith("turns"):
            assert TURNS[1][1] in before
        if "chosen_ids" in row:
            assert row["chosen_ids"] != row["rejected_ids"]


@pytest.mark.parametrize("trainer", ["dpo", "reward"])
def test_the_chosen_answer_is_the_one_that_people_preferred(
    outcomes: dict[tuple[str, str], dict[str, Any]], trainer: str
) -> None:
    for row, (chosen, rejected) in zip(outcomes[trainer, "turns.parquet"]["rows"], ANSWERS * 3, strict=True):
        assert row["chosen_ids"].endswith(f"{chosen}<|end|>")
        assert row["rejected_ids"].endswith(f"{rejected}<|end|>")


def test_the_reward_trainer_uses_the_margin(outcomes: dict[tuple[str, str], dict[str, Any]]) -> None:
    one = outcomes["reward", "margin.parquet"]
    assert {row["margin"] for row in one["rows"]} == {0.5}
    assert "margin" in one["batch"]
    assert "margin" not in outcomes["reward", "turns.parquet"]["batch"]


def test_labels_of_unpaired_rows_are_kept(outcomes: dict[tuple[str, str], dict[str, Any]]) -> None:
    labels = [row["label"] for row in outcomes["kto", "unpaired.jsonl"]["rows"]]
    assert sorted(labels) == [False] * 9 + [True] * 9
