"""Before anything is handed over every row is looked through: what cannot go is left out, all of it is counted."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from data.errors import InputError
from data.export.card import About
from data.export.formats import FORMATS
from data.export.licences import check_licences, forbidding
from data.export.preflight import CHECKS, Preflight, groups_on_both_sides, preflight, tokens_by
from data.export.rows import Choice, Judged, Rows
from data.export.split import side_of
from data.export.write import rows_of, settled, write_export
from data.schemas import Judgement, Load, Project, Task
from tests.conftest import a_judgement, a_task
from tests.test_export import ABOUT, ALL, judged


def looked_through(data: Judged, choice: Choice = ALL) -> Preflight:
    choice = settled(data, choice, "jsonl")
    return preflight(data, choice, rows_of(data, choice))


def counts(made: Preflight) -> dict[str, int]:
    return {problem.check: problem.n for problem in made.problems}


def said_of(*answers: str, **more: Any) -> Judged:
    task = a_task("Which?", *answers)
    return judged([task], [a_judgement(task, ("r1",), ("r2",), **more)])


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_answer_is_not_handed_over_in_any_format(name: str) -> None:
    data = said_of("Good.", " \n")
    made = looked_through(data, ALL._replace(format=name, origins=("best",)))
    whole = rows_of(data, settled(data, ALL._replace(format=name, origins=("best",)), "jsonl"))
    assert made.rows.possible == whole.possible
    assert all(" \n" not in str(row) for _, row in made.rows.each())
    assert made.rows.n == len(list(made.rows.each()))
    assert counts(made) == ({} if name == "sft" else {"empty": 1})


def test_equal_sides_are_left_out() -> None:
    task = a_task("Which?", "Same.", "Same.", sources=("m-1", "m-2"))
    made = looked_through(judged([task], [a_judgement(task, ("r1",), ("r2",))]))
    assert counts(made) == {"equal": 1}
    assert made.rows.left_out == {CHECKS["equal"].says: 1}


def test_a_prompt_of_the_train_side_is_not_tested_on() -> None:
    groups = [next(f"g{n}" for n in range(99) if side_of(f"g{n}", 0.5) == side) for side in ("train", "test")]
    tasks = [a_task("Which one?", f"a {group}", "b").model_copy(update={"group": group}) for group in groups]
    tasks.append(a_task("Another?", "a", "b").model_copy(update={"group": groups[1]}))
    data = judged(tasks, [a_judgement(task, ("r1",), ("r2",)) for task in tasks])
    assert groups_on_both_sides(data, 0.5) == {groups[1]}
    made = looked_through(data, ALL._replace(test_share=0.5))
    assert counts(made) == {"leak": 2}
    assert {group for group, _ in made.rows.each()} == {groups[0]}
    assert counts(looked_through(data)) == {}


def test_rows_with_too_many_tokens_are_left_out_by_a_named_tokenizer(tmp_path: Path) -> None:
    wordllama = importlib.import_module("wordllama")

    file = next(Path(str(wordllama.__file__)).parent.rglob("*tokenizer_config.json"))
    count = tokens_by(str(file))
    assert count("one two three") < count("one two three " * 20)
    data = judged(
        [short := a_task("Which?", "Yes.", "No."), long := a_task("Which then?", "word " * 200, "No.")],
        [a_judgement(task, ("r1",), ("r2",)) for task in (short, long)],
    )
    made = looked_through(data, ALL._replace(tokenizer=str(file), most_tokens=50))
    assert counts(made) == {"long": 1}
    with pytest.raises(InputError, match="no tokenizer"):
        looked_through(data, ALL._replace(tokenizer=str(tmp_path / "none.json"), most_tokens=50))


def test_personal_data_is_said_and_masked_where_that_is_wanted() -> None:
    data = said_of("Write to ann.smith@posteo.de today.", "No.")
    kept = looked_through(data)
    assert [(one.check, one.does) for one in kept.problems] == [("personal", "kept, and said in the card")]
    masked = looked_through(data, ALL._replace(mask=True))
    assert [(one.check, one.does) for one in masked.problems] == [("personal", "masked")]
    ((_, row),) = masked.rows.each()
    assert row["chosen"] == "Write to [email] today."


def test_contradictions_and_flagged_answers_are_said() -> None:
    task = a_task("Which?", "one", "two")
    flags = [{"response_id": "r1", "kind": "toxic"}]
    said = [a_judgement(task, ("r1",), ("r2",)), a_judgement(task, ("r2",), ("r1",), annotator="bob", flags=flags)]
    made = looked_through(judged([task], said))
    assert counts(made) == {"turned": 2, "flagged": 1}
    assert [problem.rows for problem in made.problems] == [(0, 1), (0,)]
    assert made.rows.n == 2


def test_a_row_that_does_not_fit_its_columns_is_left_out() -> None:
    data = said_of("one", "two")
    good = rows_of(data, settled(data, ALL, "jsonl"))
    bad = {"prompt": 3, "chosen": ["x"], "rejected": "y"}
    mixed = Rows(good.columns, lambda: [*good.each(), ("g", bad)], 2, {})
    made = preflight(data, settled(data, ALL, "jsonl"), mixed)
    assert counts(made) == {"schema": 1}
    assert made.rows.n == 1


def test_a_row_is_counted_once_however_much_is_wrong_with_it(tmp_path: Path) -> None:
    task = a_task("Which?", " ", " ", sources=("m-1", "m-2"))
    fine = a_task("And?", "yes", "no")
    data = judged([task, fine], [a_judgement(one, ("r1",), ("r2",)) for one in (task, fine)])
    made = write_export(data, ALL, ABOUT, tmp_path / "out.jsonl")
    assert made.rows + sum(made.left_out.values()) == made.possible == 2
    assert [(one.check, one.n) for one in made.problems] == [("empty", 1)]
    assert "| has an empty answer | 1 | left out |" in made.card.read_text()


# Licences.


def a_load(licence: str, **more: Any) -> Load:
    values = {"file": "a.jsonl", "format": "tasks", "licence": licence, "rows": 1, "rows_used": 1, "rows_rejected": 0}
    return Load.model_validate({**values, "tasks": 1, "judgements": 0, "loaded_by": "lea"} | more)


@pytest.mark.parametrize(
    "licence", ["CC-BY-ND-4.0", "cc-by-nc-nd-3.0", "All rights reserved", "Proprietary", "may not be redistributed"]
)
def test_a_licence_that_forbids_to_hand_on_stops_the_export_until_it_is_confirmed(licence: str, tmp_path: Path) -> None:
    loads = (a_load("MIT"), a_load(licence, file="b.jsonl"))
    about = About(Project(name="Test"), loads, {}, "")
    with pytest.raises(InputError, match=r"“b\.jsonl”"):
        write_export(said_of("one", "two"), ALL, about, tmp_path / "out.jsonl")
    assert not list(tmp_path.iterdir())
    confirmed = About(Project(name="Test"), loads, {}, "", confirmed=True)
    assert write_export(said_of("one", "two"), ALL, confirmed, tmp_path / "out.jsonl").rows == 1


@pytest.mark.parametrize("licence", ["", "MIT", "CC-BY-SA-4.0", "Apache-2.0", "ODC-BY", "CC-BY-NC-4.0", "CC0"])
def test_other_licences_stop_nothing(licence: str) -> None:
    assert forbidding([a_load(licence)]) == []
    check_licences([a_load(licence)], confirmed=False)


def test_a_source_that_brought_nothing_forbids_nothing() -> None:
    assert forbidding([a_load("All rights reserved", rows_used=0)]) == []


# What the card adds.


def many(*annotators: str) -> tuple[Sequence[Task], Sequence[Judgement]]:
    tasks = [a_task(f"Which {n}?", "a longer answer", "short") for n in range(4)]
    said = [
        a_judgement(task, ("r1",), ("r2",), annotator=who, shown_order=("r2", "r1"))
        for task in tasks
        for who in annotators
    ]
    return tasks, said


def test_the_card_tells_biases_annotators_and_the_version_of_the_guideline(tmp_path: Path) -> None:
    about = About(Project(name="Test", guideline="Be kind."), (), {}, "They agree.", "A model gets 61 %.")
    text = write_export(judged(*many("ann", "bob")), ALL, about, tmp_path / "out.jsonl").card.read_text()
    assert "Length: the longer answer is preferred in 100.0% of 8 pairs." in text
    assert "Position: the answer that stood first on the screen is preferred in 0.0% of 8 pairs." in text
    assert "2 annotators made 8 judgements" in text
    assert "A model gets 61 %." in text
    assert "## Guideline, version " in text
    assert "| Toxic | Insults, threatens" in text
    other = About(Project(name="Test", guideline="Be brief."), (), {}, "")
    changed = write_export(judged(*many("ann")), ALL, other, tmp_path / "out.jsonl").card.read_text()
    version = [line for line in text.splitlines() if "## Guideline" in line]
    assert version != [line for line in changed.splitlines() if "## Guideline" in line]
    assert "One annotator made all 4 judgements." in changed
