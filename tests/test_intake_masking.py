"""Personal data masked on the way in: every text, the marked words with it, counted once, the ids as they were."""

import json
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import intake
from data.clean.personal import masked
from data.intake.content import Item
from data.intake.masking import masked as masked_items
from data.intake.masking import masked_item
from data.intake.plans import Plan
from data.intake.storing import store_items
from data.schemas import MAX_TEXT, Load, Project, Rejection
from data.store import Store
from tests.conftest import a_judgement, a_task

MAIL, PHONE, CARD = "ivan@mail.ru", "+7 916 123-45-67", "4111 1111 1111 1111"
ROWS: list[dict[str, Any]] = [
    {"prompt": f"Write to {MAIL}", "responses": [f"Call {PHONE}", "No."]},
    {"prompt": "Which card?", "responses": [CARD, f"{CARD} of {MAIL}", "None"]},
    {"prompt": "What?", "responses": ["This.", "That."]},
]


def rows_file(folder: Path, *rows: object) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def a_plan(path: Path, *, mask: bool = True) -> Plan:
    return replace(intake.plan(path), mask=mask)


def test_texts_are_masked_and_what_was_masked_is_counted(tmp_path: Path, store: Store, project: Project) -> None:
    plan = a_plan(rows_file(tmp_path, *ROWS, {"prompt": MAIL}))
    tasks, _ = intake.preview(plan)
    tally = intake.check(plan)
    load = intake.load(plan, store, project, "lead")
    assert load.masked == tally.masked == {"email": 2, "phone": 1, "card": 2}
    assert (load.rows, load.rows_used, load.rows_rejected) == (4, 3, 1)
    assert store.loads(project.id) == [load]
    assert list(store.tasks(project.id)) == tasks
    said = {text for t in tasks for text in (t.prompt[0].content, *(r.text for r in t.responses))}
    assert {"Write to [email]", "Call [phone]", "[card]", "[card] of [email]"} <= said


def test_the_same_file_again_adds_nothing_and_masks_nothing(tmp_path: Path, store: Store, project: Project) -> None:
    plan = a_plan(rows_file(tmp_path, *ROWS))
    first, again = (intake.load(plan, store, project, "lead") for _ in range(2))
    assert first.rows_used == again.rows_used == first.tasks
    assert (again.tasks, again.masked) == (0, {})
    without = intake.load(replace(plan, mask=False), store, project, "lead")
    assert (without.tasks, without.masked) == (0, {})


def test_without_the_choice_texts_stay_as_they_are(tmp_path: Path, store: Store, project: Project) -> None:
    load = intake.load(a_plan(rows_file(tmp_path, *ROWS), mask=False), store, project, "lead")
    assert load.masked == {}
    assert next(store.tasks(project.id)).prompt[0].content == f"Write to {MAIL}"


def test_a_file_of_judgements_finds_its_masked_tasks(tmp_path: Path, store: Store, project: Project) -> None:
    intake.load(a_plan(rows_file(tmp_path, ROWS[0])), store, project, "lead")
    pair = {"prompt": ROWS[0]["prompt"], "chosen": "No.", "rejected": f"Call {PHONE}"}
    load = intake.load(a_plan(rows_file(tmp_path, pair), mask=False), store, project, "lead")
    assert (load.tasks, load.judgements, load.rows_rejected) == (0, 1, 0)


def test_what_people_wrote_is_masked_and_marked_words_move_along(store: Store, project: Project) -> None:
    text = f"Ask {MAIL} or {PHONE} about the bad word"
    task = a_task("Who?", text, "Nobody.")
    start = text.index("bad word")
    spans = [{"start": start, "end": start + 8}, {"start": 0, "end": 9}, {"start": 8, "end": 30}]
    flag = {"response_id": "r1", "kind": "toxic", "spans": spans, "note": f"see {MAIL}"}
    edit = {"response_id": "r1", "text": f"Ask {MAIL}"}
    said = a_judgement(task, ("r2",), ("r1",), flags=[flag], edits=[edit], reference=f"Me, {CARD}", comment=PHONE)
    item = masked_item(Item((1,), task.id, (task,), (said,)))
    (made,), (judged,) = item.tasks, item.judgements
    after = made.response("r1").text
    assert (made.id, made.group, after) == (task.id, task.group, "Ask [email] or [phone] about the bad word")
    assert [after[span.start : span.end] for span in judged.flags[0].spans] == [
        "bad word",
        "Ask [email]",
        "[email] or [phone]",
    ]
    assert (judged.flags[0].note, judged.edits[0].text) == ("see [email]", "Ask [email]")
    assert (judged.reference, judged.comment) == ("Me, [card]", "[phone]")
    assert item.masked == {
        task.id: Counter(email=1, phone=1),
        said.idempotency_key: Counter(email=2, phone=1, card=1),
    }
    store.add(project.id, item.tasks, item.judgements)


def test_an_edit_that_did_what_the_masks_do_goes(store: Store) -> None:
    task = a_task("Who?", f"Ask {MAIL}", "Nobody.")
    said = a_judgement(task, ("r2",), ("r1",), edits=[{"response_id": "r1", "text": "Ask [email]"}])
    (judged,) = masked_item(Item((1,), task.id, (task,), (said,))).judgements
    assert (judged.edits, judged.ranking) == ((), said.ranking)


def test_a_text_that_becomes_too_long_is_a_rejected_row() -> None:
    task = a_task("Who?", ("a@b.co " * MAX_TEXT)[:MAX_TEXT], "Nobody.")
    (found,) = masked_items([Item((7,), task.id, (task,))])
    assert isinstance(found, Rejection)
    assert "Row 7: the masked task" in found.reason
    assert "shorten it" in found.reason


def test_marked_words_in_a_text_that_differs_are_rejected(tmp_path: Path, store: Store, project: Project) -> None:
    task = a_task("Who?", f"Ask {MAIL} now, please", "Nobody.")
    flag = {"response_id": "r1", "kind": "toxic", "spans": [{"start": 0, "end": 3}]}
    said = a_judgement(task, ("r2",), ("r1",), flags=[flag])
    item = Item((1,), task.id, (task,), (said,))
    store.add(project.id, masked_item(item).tasks)
    tally = intake.Tally()
    store_items([item], store, project, tally)
    assert (tally.used, tally.rejected, tally.judgements) == (0, 1, 0)
    assert "were changed in this project meanwhile" in tally.rejections[0].reason
    store_items([masked_item(item)], store, project, tally)
    assert (tally.used, tally.judgements, tally.masked) == (1, 1, {})


@pytest.mark.parametrize("n", [1, 700])
def test_counts_add_up_over_chunks_and_a_stop(n: int, tmp_path: Path, store: Store, project: Project) -> None:
    rows = [{"prompt": f"Ask {k}", "responses": [f"a{k}@mail.ru", "No."]} for k in range(2 * n)]
    plan = a_plan(rows_file(tmp_path, *rows))
    loads: list[Load] = [intake.load(plan, store, project, "lead", watch=lambda seen: seen.tasks < n)]
    loads += [intake.load(plan, store, project, "lead") for _ in range(2)]
    assert sum(load.masked.get("email", 0) for load in loads) == sum(load.tasks for load in loads) == 2 * n


PARTS = st.lists(st.sampled_from([MAIL, PHONE, CARD, " and ", "文", " да ", ". ", "x"]), min_size=1, max_size=12)


@given(PARTS, st.data())
def test_marked_words_outside_the_masks_stay_the_same(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    task = a_task("Who?", text, text + "?")
    flag = {"response_id": "r1", "kind": "toxic", "spans": [{"start": start, "end": end}]}
    said = a_judgement(task, ("r2",), flags=[flag])
    item = masked_item(Item((1,), task.id, (task,), (said,)))
    after, (span,) = item.tasks[0].response("r1").text, item.judgements[0].flags[0].spans
    assert after == masked(text)
    words = after[span.start : span.end]
    kept = [letter for letter in text[start:end] if letter in "文да"]
    assert kept == [letter for letter in words if letter in "文да"]
    assert after[: span.start] + words + after[span.end :] == after
    assert len(list(islice(words, 1))) == 1
