"""Formats with one row a task, or two responses of it, in which many judgements come together."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from data.export.messages import TEXT, TURNS, transcript, turns
from data.export.rows import Choice, Judged, Rows, annotator_names
from data.schemas import Judgement, Message, Ranking, Response, Task

NOBODY_RANKED, SYSTEM_FIRST = "nobody ranked its answers", "the prompt has a message of the system"
STRONGEST = 3
"""The strength of a preference where an annotator says "significantly better"; an unknown one counts as 2."""


def of_task(judged: Judged) -> Mapping[str, list[Judgement]]:
    """The judgements of each judged task, in the order of their first ones."""
    said: defaultdict[str, list[Judgement]] = defaultdict(list)
    for judgement in judged.judgements:
        said[judgement.task_id].append(judgement)
    return said


def won_share(ranking: Ranking) -> Mapping[str, float]:
    """For each ranked response the share of the others that it is preferred to; a tie counts half."""
    shares, placed = dict[str, float](), sum(map(len, ranking))
    below = placed
    for tier in ranking:
        below -= len(tier)
        shares |= {i: (below + (len(tier) - 1) / 2) / (placed - 1) for i in tier} if placed > 1 else {}
    return shares


def mean_of(values: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    """The mean of each response over those judgements that speak of it."""
    everything = dict.fromkeys(i for one in values for i in one)
    return {i: float(np.mean([one[i] for one in values if i in one])) for i in everything}


def _ultrafeedback_columns(aspects: Sequence[str]) -> pa.Schema:
    rating = pa.struct([("Rating", TEXT)])
    of_completion = [("model", TEXT), ("response", TEXT), ("overall_score", pa.float64())]
    rated = [("annotations", pa.struct([(name, rating) for name in aspects]))] if aspects else []
    completions = pa.list_(pa.struct([*of_completion, *rated]))
    return pa.schema(
        [("source", TEXT), ("instruction", TEXT), ("models", pa.list_(TEXT)), ("completions", completions)]
    )


def ultrafeedback(judged: Judged, choice: Choice) -> Rows:
    """In the shape of UltraFeedback: an instruction and its completions with an overall score and ratings by aspect.

    The overall score, 1 to 10, is the mean share of the other answers that annotators prefer it to; ratings, 1 to 5,
    the same by each criterion of the project, as text, and "N/A" where nobody ranked by it. The model of a response
    without source is empty.
    """
    tasks = of_task(judged)
    aspects = sorted({name for said in judged.judgements for name in said.criteria})
    kept = {task_id: found for task_id, said in tasks.items() if (found := _overall(said))}

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for task_id, overall in kept.items():
            task = judged.tasks[task_id]
            yield task.group, _rated(task, overall, _by_criterion(tasks[task_id], aspects))

    left_out = len(tasks) - len(kept)
    return Rows(_ultrafeedback_columns(aspects), each, len(kept), {NOBODY_RANKED: left_out} if left_out else {})


def _overall(said: Sequence[Judgement]) -> Mapping[str, float]:
    return mean_of([won_share(judgement.ranking) for judgement in said])


def _by_criterion(said: Sequence[Judgement], aspects: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
    return {name: mean_of([won_share(judgement.criteria.get(name, ())) for judgement in said]) for name in aspects}


def _rated(task: Task, overall: Mapping[str, float], by: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    ranked = [response for response in task.responses if response.id in overall]
    completions = [_completion(response, overall[response.id], by) for response in ranked]
    models = [completion["model"] for completion in completions]
    return {"source": "", "instruction": _as_text(task.prompt), "models": models, "completions": completions}


def _completion(response: Response, overall: float, by: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    rated = {
        name: {"Rating": f"{1 + 4 * shares[response.id]:g}" if response.id in shares else "N/A"}
        for name, shares in by.items()
    }
    score = round(1 + 9 * overall, 6)
    made = {"model": response.source or "", "response": response.text, "overall_score": score}
    return made | ({"annotations": rated} if by else {})


def _as_text(prompt: Sequence[Message]) -> str:
    return prompt[0].content if len(prompt) == 1 else transcript(prompt)


HELPSTEER_COLUMNS = pa.schema(
    [
        ("domain", TEXT),
        ("language", TEXT),
        ("context", TURNS),
        ("response1", TEXT),
        ("response2", TEXT),
        ("overall_preference", pa.int64()),
        (
            "individual_preference",
            pa.list_(pa.struct([("score", pa.int64()), ("reasoning", TEXT), ("annotator", TEXT)])),
        ),
    ]
)


def helpsteer(judged: Judged, choice: Choice) -> Rows:
    """In the shape of HelpSteer3: two responses, each annotator's preference from −3 (the first) to 3, and their mean.

    A strength that an annotator was not asked for counts as 2; a tie is 0.
    """
    called = annotator_names(judged, choice.names)
    found = list(_compared(judged))
    kept = [one for one in found if one[2]]

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for task, (a, b), votes in kept:
            scores = [score for _, score in votes]
            yield (
                task.group,
                {
                    "domain": ", ".join(task.topics),
                    "language": task.language,
                    "context": turns(task.prompt),
                    "response1": task.response(a).text,
                    "response2": task.response(b).text,
                    "overall_preference": round(float(np.mean(scores))),
                    "individual_preference": [
                        {"score": score, "reasoning": said.comment, "annotator": called[said.annotator]}
                        for said, score in votes
                    ],
                },
            )

    left_out = len(found) - len(kept)
    return Rows(HELPSTEER_COLUMNS, each, len(kept), {NOBODY_RANKED: left_out} if left_out else {})


def _compared(judged: Judged) -> Iterator[tuple[Task, tuple[str, str], list[tuple[Judgement, int]]]]:
    """Every two responses of every judged task, and what was said of them."""
    for task_id, said in of_task(judged).items():
        task = judged.tasks[task_id]
        for a, b in combinations([response.id for response in task.responses], 2):
            scores = [(one, score) for one in said if (score := _preference(one, a, b)) is not None]
            yield task, (a, b), scores


def _preference(judgement: Judgement, a: str, b: str) -> int | None:
    tier_of = {i: tier for tier, ids in enumerate(judgement.ranking) for i in ids}
    if a not in tier_of or b not in tier_of:
        return None
    ahead = tier_of[a] - tier_of[b]
    by = 2 if judgement.margin is None else max(1, min(STRONGEST, round(STRONGEST * judgement.margin)))
    return (ahead > 0) * by - (ahead < 0) * by


_MARK = pa.struct(
    [
        ("user_id", TEXT),
        ("ranking", pa.list_(pa.int64())),
        ("ranked_message_ids", pa.list_(TEXT)),
        ("places", pa.list_(pa.int64())),
        ("not_rankable", pa.bool_()),
    ]
)


def oasst(judged: Judged, choice: Choice) -> Rows:
    """Message trees of Open Assistant, one a task: the turns of the prompt, and below the last one its answers.

    `rank` is the order of the mean places, 0 the best; each annotator's own ranking stands in `events`, with `places`
    beside what Open Assistant has there, since it knows no ties; nor does it know a message of the system.
    """
    called = annotator_names(judged, choice.names)
    tasks = of_task(judged)
    plain = [task_id for task_id in tasks if all(m.role != "system" for m in judged.tasks[task_id].prompt)]

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for task_id in plain:
            task = judged.tasks[task_id]
            yield task.group, {"message_tree_id": task_id, "prompt": _tree(task, tasks[task_id], called)}

    depth = max((len(judged.tasks[task_id].prompt) for task_id in plain), default=1)
    left_out = len(tasks) - len(plain)
    columns = pa.schema([("message_tree_id", TEXT), ("prompt", _node_type(depth + 1))])
    return Rows(columns, each, len(plain), {SYSTEM_FIRST: left_out} if left_out else {})


def _node_type(depth: int) -> pa.DataType:
    """A message whose replies go so many messages deep, itself included."""
    fields: list[tuple[str, pa.DataType]] = [(name, TEXT) for name in ("message_id", "text", "role", "lang")]
    fields += [("rank", pa.int64()), ("model_name", TEXT), ("events", pa.struct([("ranking", pa.list_(_MARK))]))]
    return pa.struct([*fields, ("replies", pa.list_(_node_type(depth - 1)))] if depth > 1 else fields)


def _tree(task: Task, said: Sequence[Judgement], called: Mapping[str, str]) -> dict[str, Any]:
    ranks = _ranks(said)
    answers = [
        _node(f"{task.id}/{one.id}", one.text, "assistant", task.language)
        | {"rank": ranks.get(one.id), "model_name": one.source}
        for one in task.responses
    ]
    below, last = answers, len(task.prompt) - 1
    for n, message in reversed(list(enumerate(task.prompt))):
        role = "prompter" if message.role == "user" else "assistant"
        node = _node(f"{task.id}/{n}", message.content, role, task.language) | {"replies": below}
        if n == last:
            marks = [_event(one, task, called) for one in said if one.ranking or one.unrankable]
            node["events"] = {"ranking": marks}
        below = [node]
    return below[0]


def _node(message_id: str, text: str, role: str, lang: str) -> dict[str, Any]:
    empty = {"rank": None, "model_name": None, "events": None}
    return {"message_id": message_id, "text": text, "role": role, "lang": lang, **empty}


def _event(judgement: Judgement, task: Task, called: Mapping[str, str]) -> dict[str, Any]:
    placed = [(tier, i) for tier, ids in enumerate(judgement.ranking) for i in ids]
    at = {response.id: n for n, response in enumerate(task.responses)}
    return {
        "user_id": called[judgement.annotator],
        "ranking": [at[i] for _, i in placed],
        "ranked_message_ids": [f"{judgement.task_id}/{i}" for _, i in placed],
        "places": [tier for tier, _ in placed],
        "not_rankable": judgement.unrankable,
    }


def _ranks(said: Sequence[Judgement]) -> Mapping[str, int]:
    """Places of the mean shares of wins: 0 the best; equal means share a place."""
    means = mean_of([won_share(judgement.ranking) for judgement in said])
    order = {mean: place for place, mean in enumerate(sorted({round(m, 9) for m in means.values()}, reverse=True))}
    return {i: order[round(mean, 9)] for i, mean in means.items()}
