"""Formats with one row a judgement, or one row a vote of it."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pyarrow as pa

from data.export.messages import TEXT, TURNS, turns
from data.export.rows import Choice, Judged, Rows, annotator_names, said
from data.export.split import side_of
from data.export.whole import RANKING_COLUMNS, filled, whole
from data.schemas import Judgement, Task

TOO_FEW, NOT_COMPARED = "fewer than two answers ranked", "response not ranked"


def rankings(judged: Judged, choice: Choice) -> Rows:
    """One row a submitted judgement, with all that is known of it; annotators by number unless names are wanted."""
    called = annotator_names(judged, choice.names)

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for judgement in _examples_first(judged, choice.test_share):
            task = judged.tasks[judgement.task_id]
            yield task.group, whole(judgement, task, called[judgement.annotator])

    return Rows(RANKING_COLUMNS, each, len(judged.judgements), {})


def _examples_first(judged: Judged, test_share: float) -> list[Judgement]:
    """The judgements, oldest first, but before them on each side of the split one that fills each column.

    A reader of JSON takes the types of the columns from the first rows, and fails where a column is empty there.
    """
    examples: dict[tuple[str, str], int] = {}
    for n, judgement in enumerate(judged.judgements):
        task = judged.tasks[judgement.task_id]
        side = side_of(task.group, test_share)
        for column in set(filled(whole(judgement, task, ""))):
            examples.setdefault((side, column), n)
    first = sorted(set(examples.values()))
    rest = set(range(len(judged.judgements))) - set(first)
    return [judged.judgements[n] for n in [*first, *sorted(rest)]]


NEMO_COLUMNS = pa.schema(
    [
        ("context", TURNS),
        ("completions", pa.list_(pa.struct([("rank", pa.int64()), ("completion", TURNS)]))),
        ("annotator", TEXT),
    ]
)


def nemo(judged: Judged, choice: Choice) -> Rows:
    """NeMo RL's rankings: context and completions with their ranks, 0 the best; answers in a tie share a rank.

    A further column, which NeMo does not read, says who judged: the rankings of several people stay apart.
    """
    called = annotator_names(judged, choice.names)
    kept = [judgement for judgement in judged.judgements if sum(map(len, judgement.ranking)) > 1]

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for judgement in kept:
            task = judged.tasks[judgement.task_id]
            placed = [(rank, i) for rank, tier in enumerate(judgement.ranking) for i in tier]
            completions = [{"rank": rank, "completion": said(task.response(i).text)} for rank, i in placed]
            who = called[judgement.annotator]
            yield task.group, {"context": turns(task.prompt), "completions": completions, "annotator": who}

    left_out = len(judged.judgements) - len(kept)
    return Rows(NEMO_COLUMNS, each, len(kept), {TOO_FEW: left_out} if left_out else {})


ARENA_COLUMNS = pa.schema(
    [
        *((name, TEXT) for name in ("id", "question_id", "model_a", "model_b", "winner", "judge")),
        ("conversation_a", TURNS),
        ("conversation_b", TURNS),
        ("language", TEXT),
        ("tstamp", pa.float64()),
    ]
)


def arena(judged: Judged, choice: Choice) -> Rows:
    """Votes as the Arena publishes them: two models, their conversations, and which won.

    `winner` is model_a, model_b, tie or both_bad, which means two answers of a judgement that found none acceptable and
    ranked none. Side a is what the annotator saw first, where that is known. A response without source goes by its id.
    """
    called = annotator_names(judged, choice.names)
    votes = [(j, two) for j in judged.judgements for two in _votes(j, judged.tasks[j.task_id])]
    possible = sum(
        len(task.responses) * (len(task.responses) - 1) // 2
        for task in (judged.tasks[j.task_id] for j in judged.judgements)
    )

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for judgement, (a, b, winner) in votes:
            task = judged.tasks[judgement.task_id]
            yield task.group, _vote(judgement, task, (a, b, winner), called[judgement.annotator])

    left_out = possible - len(votes)
    return Rows(ARENA_COLUMNS, each, len(votes), {NOT_COMPARED: left_out} if left_out else {})


Vote = tuple[str, str, str]
"""Response ids of side a and side b, and the winner."""


def _votes(judgement: Judgement, task: Task) -> Iterator[Vote]:
    tier_of = {i: tier for tier, ids in enumerate(judgement.ranking) for i in ids}
    order = judgement.shown_order or [response.id for response in task.responses]
    is_bad = judgement.none_acceptable and not judgement.ranking
    for a, b in combinations(order, 2):
        if is_bad:
            yield a, b, "both_bad"
        elif a in tier_of and b in tier_of:
            ahead = tier_of[b] - tier_of[a]
            yield a, b, "tie" if not ahead else "model_a" if ahead > 0 else "model_b"


def _vote(judgement: Judgement, task: Task, vote: Vote, who: str) -> dict[str, Any]:
    a, b, winner = (task.response(vote[0]), task.response(vote[1]), vote[2])
    return {
        "id": f"{judgement.idempotency_key}/{a.id}/{b.id}",
        "question_id": task.id,
        "model_a": a.source or a.id,
        "model_b": b.source or b.id,
        "winner": winner,
        "judge": who,
        "conversation_a": turns(task.prompt) + said(a.text),
        "conversation_b": turns(task.prompt) + said(b.text),
        "language": task.language,
        "tstamp": judgement.created_at.timestamp(),
    }
