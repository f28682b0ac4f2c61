"""Exports: what is written loads, says what was judged, and leaves nothing out without counting it."""

import csv
import hashlib
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset
from huggingface_hub import DatasetCard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import data.export.__main__ as data_command
import rankers.aggregation
import rankers.pairs
from data.__main__ import main
from data.cells import FORMULA_STARTS, defused, restored
from data.errors import InputError
from data.export.__main__ import EXPORTS
from data.export.card import About
from data.export.files import KINDS, csv_text, load
from data.export.formats import FORMATS
from data.export.messages import transcript, turns
from data.export.rows import ORIGINS, Choice, Judged
from data.export.split import side_of
from data.export.write import Export, settled, write_export
from data.intake.preferences import read_preferences
from data.schemas import Judgement, Load, Message, PreferencePair, Project, Rejection, Task, prompt_group
from data.store import Store
from rankers.pairs import PairRules, preference_pairs
from tests.conftest import a_judgement, a_task

ABOUT = About(Project(name="Test", guideline="Be `kind`."), (), {"Flags": "never chosen"}, "Nobody knows.")
TRL_COLUMNS = {
    "trl-explicit": ("prompt", "chosen", "rejected"),
    "trl-implicit": ("chosen", "rejected"),
    "trl-unpaired": ("prompt", "completion", "label"),
}
ALL = Choice(test_share=0)
ODD = (
    *("=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=1", "''@", '"', '","', "a\r\nb\rc\nd", "a\u2028\u2029\x85\x0bb", "NA"),
    *(
        "42",
        "None",
        "null",
        "nan",
        "true",
        "1e5",
        "שלום עולם",
        "\u202eabc",
        "\ufeffx",
        "\\",
        "\\n",
        "#x",
        " x ",
        "\x1a\x1b",
    ),
    *("\U0001f469\u200d\U0001f469", "e\u0301", "2024-01-01", "[1]", "{}", "<script>"),
)
SPAM = [{"response_id": "r3", "kind": "spam"}]
HOSTILE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30).filter(
    str.strip
)
DEFAULT = PairRules()


def judged(tasks: Sequence[Task], judgements: Sequence[Judgement], rules: PairRules = DEFAULT) -> Judged:
    """What an export is made from, as the command line and the page make it."""
    known = {task.id: task for task in tasks}
    made = preference_pairs(known, judgements, rules)
    return Judged(known, judgements, made.pairs, made.left_out, rules.flags)


def many(n: int = 30) -> Judged:
    """n prompts with three answers each, judged by two people who also wrote one, some with ties and flags."""
    tasks = [a_task(f"Question number {i}?", "one", "two", f"three {i}") for i in range(n)]
    judgements = [
        a_judgement(task, *tiers, annotator=who, reference=f"{who} {i}", flags=SPAM if i % 5 == 0 else [])
        for i, task in enumerate(tasks)
        for who, tiers in {"ann": (("r1",), ("r2", "r3")), "bob": (("r2",), ("r1",))}.items()
    ]
    return judged(tasks, judgements)


def read(export: Export) -> list[dict[str, Any]]:
    """All rows of an export, read with `datasets`, defused cells restored."""
    kind = export.files[0].path.suffix
    schema = FORMATS[export.choice.format].rows(many(2), export.choice).columns
    with tempfile.TemporaryDirectory() as cache:
        rows = [row for file in export.files for row in load(file.path, schema, cache)]
    if kind == ".csv":
        rows = [{k: restored(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows]
    return rows


def one_turn(prompt: str, *answers: str) -> Task:
    return a_task(prompt, *answers)


def conversation(prompt: str, *answers: str) -> Task:
    """A task whose prompt has three turns."""
    said = [("user", prompt), ("assistant", "And?"), ("user", "More.")]
    before = tuple(Message.model_validate({"role": role, "content": text}) for role, text in said)
    return a_task(prompt, *answers).model_copy(update={"prompt": before, "group": prompt_group(before)})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [name for name, made in FORMATS.items() if not made.nested])
@pytest.mark.parametrize("task_of", [one_turn, conversation])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(HOSTILE, min_size=3, max_size=30, unique=True).map(lambda drawn: list(dict.fromkeys([*drawn, *ODD])))
)
def test_hostile_texts_survive_every_format_and_every_kind_of_file(
    tmp_path: Path, name: str, kind: str, task_of: Any, texts: list[str]
) -> None:
    """Every text is a prompt, a worse answer, a better answer, a comment and, backwards, a reference of some task."""
    triples = list(zip(texts, texts[1:] + texts[:1], texts[2:] + texts[:2], strict=True))
    tasks = [task_of(*triple) for triple in triples]
    said = [{"comment": text, "reference": text[::-1] if text.strip() else "x"} for text in texts]
    data = judged(tasks, [a_judgement(t, ("r2",), ("r1",), **more) for t, more in zip(tasks, said, strict=True)])
    rows = read(write_export(data, ALL._replace(format=name, origins=("reference",)), ABOUT, tmp_path / f"out.{kind}"))
    as_messages = kind != "csv" and (name == "trl-implicit" or task_of is conversation)
    written = [more["reference"] for more in said]
    expected = [
        expected_row(name, task, text, as_messages, task_of is one_turn)
        for task, text in zip(tasks, written, strict=True)
    ]
    if name == "trl-unpaired":
        expected = [{k: row[k] for k in ("prompt",)} | half for row in expected for half in (row["bad"], row["good"])]
    if name == "rankings":
        rows = [{"texts": texts_of(row["responses"]), "comment": row["comment"]} for row in rows]
        expected = [{"texts": list(triple[1:]), "comment": triple[0]} for triple in triples]
    assert rows == expected


def texts_of(responses: Any) -> list[str]:
    return [r["text"] for r in (json.loads(responses) if isinstance(responses, str) else responses)]


def expected_row(name: str, task: Task, reference: str, as_messages: bool, plain: bool) -> dict[str, Any]:
    """What a format makes of a task whose second answer was preferred, and whose reference was written."""
    worse, better = (answer(response.text, as_messages) for response in task.responses)
    whole: Any = turns(task.prompt) if as_messages else transcript(task.prompt)
    before = task.prompt[0].content if plain and not as_messages else whole
    return {
        "trl-explicit": {"prompt": before, "chosen": better, "rejected": worse},
        "trl-implicit": {"chosen": whole + better, "rejected": whole + worse},
        "sft": {"prompt": before, "completion": answer(reference, as_messages), "origin": "reference"},
        "trl-unpaired": {
            "prompt": before,
            "bad": {"completion": worse, "label": False},
            "good": {"completion": better, "label": True},
        },
        "rankings": {},
    }[name]


def answer(text: str, as_messages: bool) -> Any:
    return [{"role": "assistant", "content": text}] if as_messages else text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TRL_COLUMNS)
def test_the_columns_are_trls_and_weights_come_only_when_asked_for(tmp_path: Path, name: str, kind: str) -> None:
    plain = write_export(many(), Choice(name), ABOUT, tmp_path / f"plain.{kind}")
    assert plain.columns == TRL_COLUMNS[name]
    if name != "trl-unpaired":
        weighed = write_export(many(), Choice(name, weights=True), ABOUT, tmp_path / f"weighed.{kind}")
        assert weighed.columns == (*TRL_COLUMNS[name], "weight")


def test_the_plain_command_for_loading_works_and_gives_both_sides(tmp_path: Path) -> None:
    made = write_export(many(), Choice(), ABOUT, tmp_path / "prefs.jsonl")
    files = {file.side: str(file.path) for file in made.files}
    data = load_dataset("json", data_files=files, cache_dir=str(tmp_path / "cache"))
    assert {side: data[side].num_rows for side in data} == {file.side: file.rows for file in made.files}
    assert data["train"].column_names == ["prompt", "chosen", "rejected"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_prompt_is_never_on_both_sides_and_what_is_left_out_is_counted(tmp_path: Path, name: str) -> None:
    data = many(60)
    made = write_export(data, Choice(name, test_share=0.3), ABOUT, tmp_path / "out.jsonl")
    assert made.rows + sum(made.left_out.values()) == made.possible
    assert sum(file.prompts for file in made.files) == 60
    written = [json.loads(line) for file in made.files for line in file.path.read_text().splitlines()]
    assert len(written) == made.rows
    train, test = ({prompt_in(json.loads(x)) for x in file.path.read_text().splitlines()} for file in made.files)
    assert train
    assert test
    assert not train & test


def prompt_in(row: dict[str, Any]) -> str:
    """The question of a row of `many`."""
    names = ("prompt", "chosen", "input", "context", "instruction", "conversation_a")
    prompt = next(row[name] for name in names if name in row)
    if isinstance(prompt, dict):
        return str(prompt["text"] if "text" in prompt else prompt["messages"][0]["content"])
    return prompt if isinstance(prompt, str) else str(prompt[0]["content"])


def test_ties_are_in_the_rankings_and_counted_in_the_pairs(tmp_path: Path) -> None:
    data = many(30)
    pairs = write_export(data, ALL, ABOUT, tmp_path / "pairs.jsonl")
    # Each first judgement ties two answers; in every fifth of these ties one is flagged.
    assert pairs.left_out == {"tie": 24, "tie with a flagged response": 6, "response not ranked": 60}
    assert (pairs.rows, pairs.possible) == (60 + 30, 180)
    rows = read(write_export(data, ALL._replace(format="rankings"), ABOUT, tmp_path / "rankings.jsonl"))
    assert sum(row["ranking"] == [["r1"], ["r2", "r3"]] for row in rows) == 30


WHOLE_FLAG = {
    "response_id": "r1",
    "kind": "unfactual",
    "note": "rude",
    "spans": [{"start": 0, "end": 2}],
    "severity": 2,
    "topic": None,
    "verdict": "false",
    "correction": "two",
    "sources": [{"url": "https://example.org/a", "kind": "primary"}],
}


def test_rankings_hold_all_that_is_known_of_a_judgement(tmp_path: Path) -> None:
    task = a_task("Which?", "one", "two", sources=("m-1", "m-2"))
    one = a_judgement(
        task,
        ("r2",),
        ("r1",),
        annotator="ann@example.org",
        flags=[WHOLE_FLAG],
        criteria={"honest": [["r1"], ["r2"]], "clear": [["r1", "r2"]]},
        scores={"r1": 3, "r2": 7},
        edits=[{"response_id": "r1", "text": "One."}],
        reference="Neither.",
        shown_order=("r2", "r1"),
        seconds=2.5,
        margin=1.0,
    )
    made = write_export(judged([task], [one]), ALL._replace(format="rankings"), ABOUT, tmp_path / "out.parquet")
    (row,) = read(made)
    assert row["annotator"] == "annotator 1"
    assert row["responses"] == [
        {"id": "r1", "text": "one", "source": "m-1"},
        {"id": "r2", "text": "two", "source": "m-2"},
    ]
    assert (row["ranking"], row["flags"]) == ([["r2"], ["r1"]], [WHOLE_FLAG])
    by_criterion = [{"criterion": "honest", "ranking": [["r1"], ["r2"]]}]
    assert row["criteria"] == [*by_criterion, {"criterion": "clear", "ranking": [["r1", "r2"]]}]
    assert row["scores"] == [{"response_id": "r1", "score": 3}, {"response_id": "r2", "score": 7}]
    assert (row["edits"], row["reference"]) == ([{"response_id": "r1", "text": "One."}], "Neither.")
    assert (row["unrankable"], row["none_acceptable"]) == (False, False)
    assert (row["shown_order"], row["seconds"], row["margin"]) == (["r2", "r1"], 2.5, 1.0)
    assert row["judged_at"] == one.created_at.isoformat()
    (named,) = read(
        write_export(
            judged([task], [one]), ALL._replace(format="rankings", names=True), ABOUT, tmp_path / "out.parquet"
        )
    )
    assert named["annotator"] == "ann@example.org"


def test_rankings_load_even_when_only_the_last_judgement_has_flags_and_times(tmp_path: Path) -> None:
    task = a_task("Which?", "one " * 2000, "two", sources=("m-1", "m-2"))
    unknown = a_task("What?", "one " * 2000, "two")
    bare = [a_judgement(unknown, ("r1",), ("r2",), annotator=f"a{n}") for n in range(2500)]
    topic = {"response_id": "r2", "kind": "sensitive-topic", "topic": "health"}
    said: dict[str, Any] = {
        "flags": [WHOLE_FLAG, topic],
        "criteria": {"clear": [["r1"]]},
        "scores": {"r1": 1},
        "margin": 0.0,
    }
    edits = [{"response_id": "r1", "text": "1"}]
    full = a_judgement(task, ("r1",), ("r2",), edits=edits, shown_order=("r1", "r2"), seconds=1.0, **said)
    made = write_export(
        judged([task, unknown], [*bare, full]), ALL._replace(format="rankings"), ABOUT, tmp_path / "o.jsonl"
    )
    assert made.files[0].size > 2 * 10_000_000  # datasets reads 10 MB at a time and keeps the first part's types
    assert made.rows == 2501


def test_margin_is_a_column_only_where_every_pair_has_one(tmp_path: Path) -> None:
    tasks = [a_task(f"Which {n}?", "one", "two") for n in range(2)]
    all_have = [a_judgement(task, ("r1",), ("r2",), margin=0.5) for task in tasks]
    assert write_export(judged(tasks, all_have), ALL, ABOUT, tmp_path / "a.csv").columns[-1] == "margin"
    one_has = [all_have[0], a_judgement(tasks[1], ("r1",), ("r2",))]
    assert "margin" not in write_export(judged(tasks, one_has), ALL, ABOUT, tmp_path / "b.csv").columns


def labels(data: Judged, folder: Path) -> tuple[dict[str, bool], dict[str, int]]:
    made = write_export(data, ALL._replace(format="trl-unpaired"), ABOUT, folder / "out.jsonl")
    assert made.rows + sum(made.left_out.values()) == made.possible
    return {row["completion"]: row["label"] for row in read(made)}, dict(made.left_out)


def test_a_label_says_whether_people_chose_the_response_more_often_than_not(tmp_path: Path) -> None:
    task = a_task("Which?", "best", "middle", "worst", "tied", "not ranked")
    data = judged([task], [a_judgement(task, ("r1",), ("r2",), ("r3",))])
    assert labels(data, tmp_path) == (
        {"best": True, "worst": False},
        {"as often preferred as rejected": 1, "neither preferred nor rejected": 2},
    )


def test_the_same_response_in_two_tasks_gets_one_label(tmp_path: Path) -> None:
    tasks = [a_task("Which?", "same", other) for other in ("a", "b", "c")]
    orders = [(("r1",), ("r2",)), (("r1",), ("r2",)), (("r2",), ("r1",))]
    data = judged(tasks, [a_judgement(t, *order) for t, order in zip(tasks, orders, strict=True)])
    assert labels(data, tmp_path)[0] == {"same": True, "a": False, "b": False, "c": True}


def test_a_flagged_or_unacceptable_response_is_never_labelled_good(tmp_path: Path) -> None:
    task = a_task("Which?", "flagged", "plain")
    flags = [{"response_id": "r1", "kind": "toxic"}]
    one = a_judgement(task, ("r1",), ("r2",), annotator="a")
    two = a_judgement(task, ("r1",), ("r2",), annotator="b", flags=flags)
    assert labels(judged([task], [one, two]), tmp_path)[0] == {"flagged": False, "plain": False}
    ignored = judged([task], [one, two], PairRules(flags="ignored"))
    assert labels(ignored, tmp_path)[0] == {"flagged": True, "plain": False}
    neither = a_judgement(task, ("r1",), ("r2",), none_acceptable=True)
    assert labels(judged([task], [neither]), tmp_path)[0] == {"flagged": False, "plain": False}


def test_an_edit_is_preferred_to_what_was_edited_and_labelled_so_in_every_format(tmp_path: Path) -> None:
    task = a_task("Which?", "wrong", "worse", sources=("m-1", "m-2"))
    edits = [{"response_id": "r1", "text": "right"}]
    data = judged([task], [a_judgement(task, edits=edits, none_acceptable=True)])
    pairs = write_export(data, ALL, ABOUT, tmp_path / "out.jsonl")
    assert read(pairs) == [{"prompt": "Which?", "chosen": "right", "rejected": "wrong"}]
    assert (pairs.possible, dict(pairs.left_out)) == (2, {"response not ranked": 1})
    assert pairs_read(tmp_path / "out.jsonl") == Counter([(task.prompt, "right", "wrong")])
    assert labels(data, tmp_path) == ({"wrong": False, "worse": False, "right": True}, {})
    card = pairs.card.read_text()
    assert "| responses rewritten by annotators (edits) | 1 |" in card


def test_an_edit_that_the_flag_policy_leaves_out_is_counted_among_the_labels(tmp_path: Path) -> None:
    task = a_task("Which?", "flagged", "plain", "bad")
    edits, flags = [{"response_id": "r1", "text": "better"}], [{"response_id": "r1", "kind": "spam"}]
    judgement = a_judgement(task, ("r2",), ("r1",), ("r3",), edits=edits, flags=flags)
    data = judged([task], [judgement], PairRules(flags="excluded"))
    assert labels(data, tmp_path) == ({"plain": True, "bad": False}, {"neither preferred nor rejected": 2})


def test_responses_that_cannot_be_ranked_are_labelled_bad(tmp_path: Path) -> None:
    task = a_task("Which?", "false", "false too")
    data = judged([task], [a_judgement(task, unrankable=True)])
    assert labels(data, tmp_path)[0] == {"false": False, "false too": False}


def test_answers_to_imitate_are_references_edits_and_those_that_win_against_all_others(tmp_path: Path) -> None:
    won, even, faulty = (a_task(f"Which {n}?", "one", "two", "three") for n in range(3))
    edits = [{"response_id": "r3", "text": "Better."}]
    data = judged(
        [won, even, faulty],
        [
            a_judgement(won, ("r2",), ("r1",), ("r3",), reference="Mine.", edits=edits),
            a_judgement(won, ("r2",), ("r3",), annotator="bob"),
            a_judgement(even, ("r1",), ("r2",)),
            a_judgement(even, ("r2",), ("r1",), annotator="bob"),
            a_judgement(faulty, ("r1",), ("r2",)),
            a_judgement(faulty, ("r1",), ("r2",), annotator="bob", flags=[{"response_id": "r1", "kind": "spam"}]),
        ],
    )
    made = write_export(data, ALL._replace(format="sft"), ABOUT, tmp_path / "out.jsonl")
    found = {(row["prompt"], row["completion"], row["origin"]) for row in read(made)}
    assert found == {("Which 0?", "Mine.", "reference"), ("Which 0?", "Better.", "edit"), ("Which 0?", "two", "best")}
    assert made.left_out == {"no answer is the best one": 1, "the best answer is flagged": 1}
    only = write_export(data, ALL._replace(format="sft", origins=("edit",)), ABOUT, tmp_path / "out.jsonl")
    assert (only.rows, only.left_out["not chosen for imitation"]) == (1, 2)
    assert "for TRL's SFTTrainer" in made.card.read_text()
    assert "| answers written by annotators (references) | 1 |" in made.card.read_text()


def test_who_has_no_answer_to_imitate_is_told_what_it_takes(tmp_path: Path) -> None:
    task = a_task("Which?", "one", "two")
    data = judged([task], [a_judgement(task, ("r1", "r2"))])
    with pytest.raises(InputError, match="nothing to export yet; it takes answers that annotators write"):
        write_export(data, ALL._replace(format="sft"), ABOUT, tmp_path / "out.jsonl")


def test_the_card_says_what_is_in_the_files(tmp_path: Path) -> None:
    loads = (
        Load(
            file="a|b.jsonl",
            format="votes",
            licence="CC-BY-4.0",
            rows=5,
            rows_used=4,
            rows_rejected=1,
            tasks=4,
            judgements=4,
            loaded_by="l",
        ),
        Load(
            file="c.csv",
            format="rows",
            licence="ask us",
            rows=1,
            rows_used=1,
            rows_rejected=0,
            tasks=1,
            judgements=0,
            loaded_by="l",
        ),
    )
    project = Project(name='A "quoted" name', guideline="Prefer ```` ``` ```` truth.")
    about = About(project, loads, {"Flags": "never chosen"}, "Two people agree in 70 % of cases.")
    made = write_export(many(), Choice(test_share=0.2), about, tmp_path / "out.csv")
    text = made.card.read_text()
    assert made.card == tmp_path / "out.card.md"
    head = DatasetCard(text).data.to_dict()
    assert head["license"] == ["cc-by-4.0", "other"]
    assert head["configs"][0]["data_files"] == [{"split": f.side, "path": f.path.name} for f in made.files]
    for said in (
        "Two people agree",
        "`````markdown",
        "a\\|b.jsonl",
        "4 of 5",
        "| annotators | 2 |",
        "| pairs left out: tie | 24 |",
    ):
        assert said in text
    for file in made.files:
        assert hashlib.sha256(file.path.read_bytes()).hexdigest() == file.sha256
        assert file.sha256 in text
    assert not re.search(r"\b(ann|bob)\b", text)


def test_the_code_in_the_card_loads_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    for kind in KINDS:
        made = write_export(many(), Choice(test_share=0.2), ABOUT, tmp_path / f"out.{kind}")
        code = made.card.read_text().split("```python\n")[1].split("```")[0]
        names: dict[str, Any] = {}
        exec(code, names)
        assert names["data"]["test"].num_rows == made.files[1].rows


def test_a_prompt_keeps_its_side_and_about_the_wanted_share_is_on_the_test_side() -> None:
    groups = [f"group {n}" for n in range(4000)]
    small = {g for g in groups if side_of(g, 0.1) == "test"}
    large = {g for g in groups if side_of(g, 0.3) == "test"}
    assert small < large
    assert 300 < len(small) < 500
    assert {side_of(g, 0) for g in groups} == {"train"}


def test_a_later_export_without_a_test_side_leaves_no_old_test_file(tmp_path: Path) -> None:
    first = write_export(many(), Choice(test_share=0.4), ABOUT, tmp_path / "out.jsonl")
    assert [f.path.name for f in first.files] == ["out.jsonl", "out.test.jsonl"]
    write_export(many(), ALL, ABOUT, tmp_path / "out.jsonl")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.card.md", "out.jsonl"]


def test_an_export_that_fails_leaves_the_older_one_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = write_export(many(), Choice(), ABOUT, tmp_path / "out.jsonl")
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def broken(*_args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("data.export.write.check_it_loads", broken)
    with pytest.raises(OSError, match="disk full"):
        write_export(many(3), ALL, ABOUT, made.files[0].path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_what_does_not_read_back_as_it_was_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(path: Path, _columns: object, rows: Iterable[object]) -> None:
        path.write_text(f'{{"a": {len(list(rows))}}}\n')

    kinds = {**KINDS, "jsonl": KINDS["jsonl"]._replace(write=wrong)}
    monkeypatch.setattr("data.export.write.KINDS", kinds)
    with pytest.raises(RuntimeError, match="does not read back"):
        write_export(many(), ALL, ABOUT, tmp_path / "out.jsonl")


@pytest.mark.parametrize(
    ("choice", "name", "says"),
    [
        (Choice("trl-magic"), "out.jsonl", "no export format “trl-magic”"),
        (Choice(), "out.xlsx", "must end in one of .jsonl, .csv, .parquet, .arrow"),
        (Choice(), "nowhere/out.csv", "There is no folder"),
        (Choice(messages=True), "out.csv", "CSV cannot hold lists of messages"),
        (Choice("rankings", weights=True), "out.csv", "has no pairs to weigh"),
        (Choice(test_share=0.9), "out.csv", "between 0 and 0.5"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_sentence(tmp_path: Path, choice: Choice, name: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        write_export(many(), choice, ABOUT, tmp_path / name)


def test_an_empty_project_and_a_split_without_a_train_side_are_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to export yet"):
        write_export(judged([], []), Choice(), ABOUT, tmp_path / "out.jsonl")
    task = next(t for t in (a_task(f"Which {n}?", "a", "b") for n in range(99)) if side_of(t.group, 0.1) == "test")
    with pytest.raises(InputError, match="Every prompt falls on the test side"):
        write_export(judged([task], [a_judgement(task, ("r1",), ("r2",))]), Choice(), ABOUT, tmp_path / "out.jsonl")


def test_prompts_are_messages_where_the_data_needs_them_and_when_they_are_asked_for() -> None:
    single, several = (
        many(2),
        judged([conversation("p", "a", "b")], [a_judgement(conversation("p", "a", "b"), ("r1",), ("r2",))]),
    )
    assert not settled(single, Choice(), "jsonl").messages
    assert settled(several, Choice(), "jsonl").messages
    assert settled(single, Choice("trl-implicit"), "parquet").messages
    assert not settled(several, Choice(), "csv").messages
    assert settled(single, Choice(messages=True), "jsonl").messages


@given(st.text())
def test_a_defused_cell_is_no_formula_and_can_be_restored(text: str) -> None:
    assert not defused(text).startswith(FORMULA_STARTS)
    assert restored(defused(text)) == text


def test_a_small_table_is_csv_with_formulas_defused() -> None:
    text = csv_text([{"source": "=cmd()", "rate": 0.5}, {"source": 'a "b"\nc', "rate": None}], ["source", "rate"])
    assert list(csv.reader(text.splitlines(keepends=True))) == [
        ["source", "rate"],
        ["'=cmd()", "0.5"],
        ['a "b"\nc', ""],
    ]


def test_every_row_of_pairs_comes_from_a_pair(tmp_path: Path) -> None:
    data = many(10)
    rows = read(write_export(data, ALL, ABOUT, tmp_path / "out.parquet"))
    expected = Counter((p.prompt[0].content, p.chosen, p.rejected) for p in data.pairs if not p.tie)
    assert Counter((r["prompt"], r["chosen"], r["rejected"]) for r in rows) == expected


def pairs_read(path: Path) -> Counter[tuple[tuple[Message, ...], str, str]]:
    """What the command line of the reward model sees in a file."""
    found = list(read_preferences(path))
    assert not [row for row in found if isinstance(row, Rejection)]
    return Counter((p.prompt, p.chosen, p.rejected) for p in found if isinstance(p, PreferencePair))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["trl-explicit", "trl-implicit"])
@pytest.mark.parametrize("messages", [True, False])
def test_the_reward_model_reads_the_pairs_that_were_written(
    tmp_path: Path, name: str, kind: str, messages: bool
) -> None:
    data = many(12)
    messages = messages and kind != "csv"
    write_export(data, ALL._replace(format=name, messages=messages), ABOUT, tmp_path / f"out.{kind}")
    expected = Counter((p.prompt, p.chosen, p.rejected) for p in data.pairs if not p.tie)
    assert pairs_read(tmp_path / f"out.{kind}") == expected


# The command line.


@pytest.fixture
def database(store: Store, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judged:
    """A database with thirty judged tasks, as the command line finds it."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'rankdesk.db'}")
    data = many()
    store.add(project.id, list(data.tasks.values()), data.judgements)
    return data


def test_the_command_writes_the_files_and_says_what_it_left_out(
    database: Judged, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "prefs.jsonl"
    assert main(["export", "trl-explicit", "--project", "Test", "--out", str(out), "--test-share", "0.3"]) == 0
    said = capsys.readouterr().out
    assert "left out: 24 (tie)" in said
    assert "90 written + 90 left out = 180 pairs" in said
    assert sorted(p.name for p in tmp_path.glob("prefs*")) == ["prefs.card.md", "prefs.jsonl", "prefs.test.jsonl"]
    read_back = pairs_read(out) + pairs_read(tmp_path / "prefs.test.jsonl")
    assert read_back == Counter((p.prompt, p.chosen, p.rejected) for p in database.pairs if not p.tie)
    card = (tmp_path / "prefs.card.md").read_text()
    assert "| Flags | never chosen: A flagged response is never" in card
    assert "prefer the same one in 0.0% of cases" in card


def test_the_command_follows_the_rules_it_is_given(
    database: Judged, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["--flags", "excluded", "--weighting", "1", "--test-share", "0"]
    out = tmp_path / "prefs.parquet"
    assert main(["export", "trl-implicit", "--project", "Test", "--out", str(out), *wanted]) == 0
    assert "left out: 12 (flagged response in the pair)" in capsys.readouterr().out
    data = load_dataset("parquet", data_files=str(out), split="train", cache_dir=str(tmp_path / "cache"))
    assert data.column_names == ["chosen", "rejected", "weight"]
    assert set(data["weight"]) == {1.0}


def test_the_command_takes_a_part_and_makes_one_pair_of_several_annotators(
    database: Judged, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "prefs.jsonl"
    wanted = ["--several", "majority", "--annotator", "ann", "--without-gold", "--test-share", "0"]
    assert main(["export", "trl-explicit", "--project", "Test", "--out", str(out), *wanted]) == 0
    said = capsys.readouterr().out
    assert "left out: 90 (another annotator)" in said
    assert "= 180 pairs" in said
    assert "| Filter | annotators: ann; without checks" in (tmp_path / "prefs.card.md").read_text()


def test_the_command_says_in_one_sentence_why_it_did_nothing(
    database: Judged, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "rankings", "--project", "Nobody's", "--out", str(tmp_path / "a.csv")]) == 2
    assert "There is no project" in capsys.readouterr().err
    assert main(["export", "rankings", "--project", "Test", "--out", str(tmp_path / "a.doc")]) == 2
    assert "must end in" in capsys.readouterr().err


def test_the_command_knows_every_format_and_every_rule() -> None:
    assert tuple(FORMATS) == EXPORTS
    assert tuple(rankers.pairs.FLAG_POLICIES) == data_command.FLAG_POLICIES
    assert tuple(rankers.pairs.WEIGHTINGS) == data_command.WEIGHTINGS
    assert tuple(rankers.aggregation.AGGREGATIONS) == data_command.AGGREGATIONS
    assert tuple(ORIGINS) == data_command.ORIGINS
