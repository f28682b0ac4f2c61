"""The formats `ultrafeedback`, `helpsteer`, `helpsteer-pairs`: responses rated by aspect, or one against the other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data.intake.columns import GROUP, Field
from data.intake.content import Answer, Item, imported, merged, task_from, tiers
from data.intake.format import Format, Reading, Values, by_row, has
from data.intake.gathered import Member, gathered
from data.intake.people import JUDGES, judge, known_as
from data.intake.prompts import PROMPT, asked
from data.intake.responses import TASK
from data.intake.rows import Row
from data.intake.values import fault, is_missing, label, listed_in, number, text
from data.schemas import MAX_CRITERIA, MAX_NOTE, Judgement, Ranking, Task, fingerprint

ASPECTS = ("helpfulness", "correctness", "coherence", "complexity", "verbosity")
"""What HelpSteer2 rates from 0 to 4; the overall ranking and the scores are those of helpfulness."""
_OVERALL = ("overall_score", "fine-grained_score")
STEER = "helpsteer"
"""Where those come from who judged pairs of HelpSteer."""
_JUDGES = ("individual_preference", "all_preferences_unprocessed")


def _by_rating(ids: Sequence[str], ratings: Sequence[float | None]) -> Ranking:
    """The ranking by a rating, the highest first; responses without one are left out."""
    placed = [(name, -found) for name, found in zip(ids, ratings, strict=True) if found is not None]
    return tiers(placed) if len(dict(placed)) > 1 else ()


def _rating(value: object, column: str) -> float | None:
    """A rating; None where the file says that there is none."""
    if isinstance(value, str) and value.strip().lower() in ("n/a", "na", "none", ""):
        return None
    return number(value, column, -1000.0)


def ultra_item(row: Row, reading: Reading) -> Item:
    """The task of a row, ranked by overall score and by each aspect."""
    columns, name = reading.columns, reading.columns.name("completions")
    found = listed_in(columns.value(row.values, "completions"))
    if found is None or not all(isinstance(one, Mapping) for one in found):
        fault("is not a list of completions; mend the row", name)
    answers = [
        Answer(text(one.get("response"), f"{name} {n}"), label(one.get("model"), f"{name} {n}"))
        for n, one in enumerate(found, 1)
    ]
    task, ids = task_from(asked(row.values, columns), answers, label(columns.value(row.values, "group"), "group"))
    overall = [next((r for key in _OVERALL if (r := _rating(one.get(key), key)) is not None), None) for one in found]
    criteria = {name: _by_rating(ids, [_aspect(one, a) for one in found]) for a, name in _aspects(found).items()}
    ranking, who = _by_rating(ids, overall), judge(row.values, reading)
    criteria = {name: order for name, order in criteria.items() if order}
    judgements = (imported(task, who, ranking, criteria=criteria),) if ranking else ()
    return Item((row.number,), task.id, (task,), judgements, merged(ids))


def _aspects(completions: Sequence[Values]) -> Mapping[str, str]:
    """What the completions are rated for → the criterion that it becomes; what cannot be named so is left out."""
    about = (one.get("annotations") for one in completions)
    said = dict.fromkeys(str(aspect) for by in about if isinstance(by, Mapping) for aspect in by)
    named = {aspect: aspect.lower().replace("_", "-") for aspect in said}
    return dict([(a, name) for a, name in named.items() if re.fullmatch("[a-z][a-z0-9-]{0,39}", name)][:MAX_CRITERIA])


def _aspect(one: Values, aspect: str) -> float | None:
    about = one.get("annotations")
    found = about.get(aspect) if isinstance(about, Mapping) else None
    return _rating(found.get("Rating"), f"{aspect}.Rating") if isinstance(found, Mapping) else None


def _steer_member(row: Row, reading: Reading) -> Member:
    columns = reading.columns
    ratings = {name: number(columns.value(row.values, name), columns.name(name)) for name in ASPECTS}
    said = text(columns.value(row.values, "response"), columns.name("response"))
    return Member(said, label(columns.value(row.values, "source"), "source"), [judge(row.values, reading), ratings])


def _steer_judgements(task: Task, members: list[tuple[str, Any]], _reading: Reading) -> list[Judgement]:
    return list(_steered(task, members))


def _steered(task: Task, members: list[tuple[str, Any]]) -> Iterator[Judgement]:
    for who in dict.fromkeys(more[0] for _, more in members):
        own = [(name, more[1]) for name, more in members if more[0] == who]
        ids = [name for name, _ in own]
        criteria = {a: order for a in ASPECTS if (order := _by_rating(ids, [ratings[a] for _, ratings in own]))}
        if ranking := criteria.get(ASPECTS[0], ()):
            given = {name: ratings[ASPECTS[0]] for name, ratings in own if ratings[ASPECTS[0]] is not None}
            scores = {name: int(found) + 1 for name, found in given.items() if found in (0, 1, 2, 3, 4)}
            yield imported(task, who, ranking, criteria=criteria, scores=scores)


def pair_item(row: Row, reading: Reading) -> Item:
    """The task of a row, and the judgements of its annotators; where they are not given, what they came to."""
    values, columns = row.values, reading.columns
    fields = ("response_1", "response_2")
    answers = [Answer(text(columns.value(values, field), columns.name(field))) for field in fields]
    task, ids = task_from(asked(values, columns), answers, label(columns.value(values, "group"), "group"))
    judgements = list(_individual(reading, values, task, ids))
    if not judgements:
        strength = _strength(columns.value(values, "preference"), columns.name("preference"))
        if strength is None:
            fault("is missing; write −3 (the first is much better) to 3 (the second is)", columns.name("preference"))
        judgements = [_preferred(task, ids, judge(values, reading), strength)]
    key = fingerprint([task.id, *(j.idempotency_key for j in judgements)])
    return Item((row.number,), key, (task,), tuple(judgements), merged(ids))


def _individual(reading: Reading, values: Values, task: Task, ids: list[str]) -> Iterator[Judgement]:
    """One judgement each of those who judged the pair: by name where the row has one for each, else by their place."""
    columns = reading.columns
    found = [one for one in listed_in(columns.value(values, "individual")) or [] if isinstance(one, Mapping)]
    named = [known_as(STEER, one.get("annotator"), reading) for one in found]
    for place, one in enumerate(found, 1):
        strength = _strength(one.get("score", one.get("strength")), columns.name("individual"))
        why = next((one[name] for name in ("reasoning", "elaboration") if isinstance(one.get(name), str)), "")
        who = f"{STEER}-{place}" if STEER in named or len(set(named)) < len(named) else named[place - 1]
        if strength is not None:
            yield _preferred(task, ids, who, strength, comment=_short(why))


def _short(comment: str) -> str:
    clean = comment.replace("\x00", "")
    return clean if len(clean) <= MAX_NOTE else f"{clean[: MAX_NOTE - 1]}…"


def _strength(value: object, column: str) -> float | None:
    found = None if is_missing(value) else number(value, column, -3.0)
    if found is not None and found > 3:
        fault("is {said}, and {most} is the most; mend it", column, said=found, most=3)
    return found


def _preferred(task: Task, ids: list[str], who: str, strength: float, **said: Any) -> Judgement:
    """Below 0 the first response is better, above 0 the second; the margin is by how much."""
    if strength == 0:
        return imported(task, who, (tuple(sorted(set(ids))),), **said)
    better, worse = ids if strength < 0 else ids[::-1]
    return imported(task, who, ((better,), (worse,)), margin=abs(strength), **said)


def _is_ultra(rows: Sequence[Values]) -> bool:
    return any(
        isinstance(one, Mapping) and "response" in one and ("annotations" in one or "overall_score" in one)
        for values in rows
        for one in listed_in(values.get("completions")) or ()
    )


ULTRAFEEDBACK = Format(
    "one row a task, with completions that have scores and ratings by aspect (UltraFeedback)",
    {
        "prompt": PROMPT,
        "completions": Field(
            "a list of {model, response, annotations: {aspect: {Rating}}, overall_score}",
            ("completions",),
            required=True,
        ),
        **JUDGES,
        "group": GROUP,
    },
    by_row(ultra_item),
    tells=_is_ultra,
)
HELPSTEER = Format(
    "one row a response with five ratings, grouped by prompt (HelpSteer2)",
    {
        "prompt": PROMPT,
        "response": Field("one response", ("response",), required=True),
        **{name: Field(f"how the response is rated for {name}", (name,), required=True) for name in ASPECTS},
        "source": Field("who wrote it", ("source", "model")),
        "task": TASK,
        **JUDGES,
        "group": GROUP,
    },
    gathered(_steer_member, _steer_judgements),
    tells=has("prompt", "response", *ASPECTS),
)
HELPSTEER_PAIRS = Format(
    "one row a pair, with how much better one of them is, −3 to 3 (HelpSteer2 and HelpSteer3 preferences)",
    {
        "prompt": PROMPT._replace(names=("prompt", "context")),
        "response_1": Field("the first response", ("response1", "response_1"), required=True),
        "response_2": Field("the second response", ("response2", "response_2"), required=True),
        "preference": Field(
            "from −3 (the first is much better) to 3 (the second is); its size is the margin",
            ("overall_preference", "preference_strength"),
            required=True,
        ),
        "individual": Field("the same of each annotator: a list of {score or strength, reasoning, annotator}", _JUDGES),
        **JUDGES,
        "group": GROUP._replace(names=("group",)),
    },
    by_row(pair_item),
)
