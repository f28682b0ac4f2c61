"""Projects that Hypothesis makes up: tasks with hostile texts, and judgements that say everything that can be said."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from data.intake.content import Answer, task_from
from data.schemas import (
    MAX_NOTE,
    SENSITIVE,
    STRENGTHS,
    UNFACTUAL,
    Flag,
    Judgement,
    Message,
    Ranking,
    Task,
    submission_key,
)

ODD = ["=1+1", "'=1+1", "[1, 2]", '{"a": 1}', "null", "NaN", "true", "1.50", "\n\nHuman: x", "a\tb\r\nc", "“”", "😀‮"]
ODD += ["Привет, мир", "你好，世界", "שלום", "```py\nx = [1]\n```", "Human: x", "\u200b", " x ", "\ufeffx", "e\u0301"]
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00")
TEXTS = st.text(CHARACTERS, max_size=30)
FILLED = (st.sampled_from(ODD) | TEXTS).filter(lambda text: bool(text.strip()))
NAMES = st.text(CHARACTERS, min_size=1, max_size=12).filter(lambda text: bool(text.strip()))
PEOPLE = ["ann", "bo", "cy@example.org"]
MOMENTS = st.integers(0, 10**12).map(lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=n))


@st.composite
def prompts_made(draw: st.DrawFn) -> list[Message]:
    """What a user asks: at once, below a message of the system, or after an answer."""
    roles = draw(st.sampled_from([("user",), ("system", "user"), ("user", "assistant", "user")]))
    return [Message(role=role, content=draw(FILLED)) for role in roles]


@st.composite
def tasks_made(draw: st.DrawFn, prompts: st.SearchStrategy[list[Message]]) -> Task:
    """A task with 2 to 4 different responses."""
    prompt = draw(prompts)
    sources = st.none() | NAMES
    answers = draw(st.lists(st.builds(Answer, FILLED, sources), min_size=2, max_size=4, unique=True))
    task, _ = task_from(prompt, answers, draw(st.none() | NAMES))
    return task.model_copy(update={"gold": draw(st.booleans())})


@st.composite
def rankings_made(draw: st.DrawFn, ids: list[str]) -> Ranking:
    """Some of the ids in some tiers."""
    order = draw(st.permutations(ids))
    cuts = draw(st.lists(st.integers(0, 2), min_size=len(ids), max_size=len(ids)))
    found: list[list[str]] = [[]]
    for name, cut in zip(order, cuts, strict=True):
        if cut == 0:
            found[-1].append(name)
        elif cut == 1:
            found.append([name])
    return tuple(tuple(tier) for tier in found if tier)


@st.composite
def flags_made(draw: st.DrawFn, task: Task) -> Flag:
    """A flag with all that its kind may say."""
    response = draw(st.sampled_from(task.responses))
    kind = draw(st.sampled_from([UNFACTUAL, SENSITIVE, "toxic", "made-up"]))
    more: dict[str, Any] = {"note": draw(TEXTS), "severity": draw(st.sampled_from([None, 1, 2, 3]))}
    more["spans"] = [{"start": 0, "end": draw(st.integers(1, len(response.text)))}] if draw(st.booleans()) else []
    if kind == UNFACTUAL:
        link = {"url": "https://example.org/a", "kind": draw(st.sampled_from(["primary", "secondary"]))}
        more |= {"verdict": draw(st.sampled_from([None, "false", "outdated"])), "correction": draw(TEXTS)}
        more["sources"] = [link] if draw(st.booleans()) else []
    if kind == SENSITIVE:
        more["topic"] = draw(st.sampled_from([None, "politics", "football"]))
    return Flag(response_id=response.id, kind=kind, **more)


@st.composite
def judgements_made(draw: st.DrawFn, task: Task, annotator: str) -> Judgement:
    """A submitted judgement that says at least one thing."""
    ids = [response.id for response in task.responses]
    some = st.lists(st.sampled_from(ids), unique=True)
    unrankable = draw(st.booleans()) and draw(st.booleans())
    revision = draw(st.integers(1, 3))
    said: dict[str, Any] = {
        "ranking": () if unrankable else draw(rankings_made(ids)),
        "criteria": {} if unrankable else draw(st.dictionaries(st.sampled_from(["tone", "depth"]), rankings_made(ids))),
        "scores": {name: draw(st.integers(1, 7)) for name in draw(some)},
        "none_acceptable": draw(st.booleans()),
        "unrankable": unrankable,
        "flags": draw(st.lists(flags_made(task), max_size=3, unique_by=lambda flag: (flag.response_id, flag.kind))),
        "edits": [{"response_id": name, "text": f"{task.response(name).text} mended"} for name in draw(some)],
        "reference": draw(st.sampled_from(["", *ODD]) | FILLED),
        "comment": draw(TEXTS)[:MAX_NOTE],
        "shown_order": draw(st.sampled_from([[], ids, ids[::-1]])),
        "seconds": draw(st.none() | st.floats(0, 1e6)),
        "margin": draw(st.none() | st.sampled_from(list(STRENGTHS.values()))) if len(ids) == 2 else None,
        "suggested": [
            {"response_id": name, "kind": "toxic", "probability": draw(st.floats(0, 1))} for name in draw(some)
        ],
    }
    if not any(said[name] for name in ("ranking", "flags", "edits", "reference", "none_acceptable", "unrankable")):
        said["none_acceptable"] = True
    key = submission_key(task.id, annotator, revision - 1)
    about = {"task_id": task.id, "annotator": annotator, "revision": revision, "created_at": draw(MOMENTS)}
    return Judgement(**about, **said, idempotency_key=key)


@st.composite
def projects_made(draw: st.DrawFn) -> tuple[list[Task], list[Judgement]]:
    """One to three tasks, some with the same prompt, each judged by one to three people."""
    prompts = st.just(draw(prompts_made())) | prompts_made()
    tasks = draw(st.lists(tasks_made(prompts), min_size=1, max_size=3, unique_by=lambda task: task.id))
    judgements = [
        draw(judgements_made(task, who))
        for task in tasks
        for who in draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True))
    ]
    return tasks, judgements
