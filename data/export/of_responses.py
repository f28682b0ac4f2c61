"""Formats with one row a response: labelled good or bad, or written to be imitated."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from data.export.messages import TEXT, TURNS
from data.export.rows import Choice, Judged, Origin, Rows, answers, prompts
from data.schemas import Judgement, Message

NO_VOTE, EVEN = "neither preferred nor rejected", "as often preferred as rejected"
NOT_WANTED, NO_BEST = "not chosen for imitation", "no answer is the best one"
BEST_FLAGGED = "the best answer is flagged"


def unpaired(judged: Judged, choice: Choice) -> Rows:
    """TRL's unpaired preference (KTO): prompt, completion, label; one row for every different response to a prompt.

    True: in the pairs it was chosen more often than rejected. False: more often rejected. A judgement that found no
    response acceptable, or all of them wrong, counts one rejection for each of them, and of its choices only the edits.
    Under the policy "never chosen" a response that anybody flagged is False.
    """
    votes = _votes(judged)
    labels = {key: _label(said) for key, said in votes.items()}
    answer, prompt = answers(choice.messages), prompts(judged, choice.messages)
    kind = TURNS if choice.messages else TEXT

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for (group, before, text), label in labels.items():
            if isinstance(label, bool):
                yield group, {"prompt": prompt(before), "completion": answer(text), "label": label}

    left_out = Counter(label for label in labels.values() if isinstance(label, str))
    schema = pa.schema([("prompt", kind), ("completion", kind), ("label", pa.bool_())])
    return Rows(schema, each, len(labels) - left_out.total(), dict(left_out))


Said = tuple[str, tuple[Message, ...], str]
"""A response to a prompt: group, prompt, text; the same text under another id is the same."""


def _votes(judged: Judged) -> dict[Said, Counter[str]]:
    """For every response of a judged task, and every edit: how often it was "chosen", "rejected", "flagged"."""
    votes: defaultdict[Said, Counter[str]] = defaultdict(Counter)
    unacceptable = {(j.task_id, j.annotator) for j in judged.judgements if _is_none_good(j)}
    for judgement in judged.judgements:
        task, flagged = judged.tasks[judgement.task_id], {flag.response_id for flag in judgement.flags}
        for response in task.responses:
            said = votes[task.group, task.prompt, response.text]
            said["rejected"] += _is_none_good(judgement)
            said["flagged"] += judged.flags == "never chosen" and response.id in flagged
        for edit in judgement.edits:
            votes[task.group, task.prompt, edit.text]["chosen"] += 0
    for pair in (pair for pair in judged.pairs if not pair.tie):
        is_spurned = (pair.task_id, pair.annotator) in unacceptable
        votes[pair.group, pair.prompt, pair.chosen]["chosen"] += pair.is_edit or not is_spurned
        votes[pair.group, pair.prompt, pair.rejected]["rejected"] += not is_spurned
    return dict(votes)


def _is_none_good(judgement: Judgement) -> bool:
    return judgement.none_acceptable or judgement.unrankable


def _label(said: Counter[str]) -> bool | str:
    """The label, or why there is none."""
    if said["flagged"]:
        return False
    if said["chosen"] == said["rejected"]:
        return EVEN if said["chosen"] else NO_VOTE
    return said["chosen"] > said["rejected"]


class _Model(NamedTuple):
    """An answer to be imitated, or why there is none."""

    group: str
    prompt: tuple[Message, ...]
    text: str
    origin: Origin
    left_out: str | None = None


def imitated(judged: Judged, choice: Choice) -> Rows:
    """TRL's prompt and completion, for fine-tuning, and where each completion comes from."""
    found = [*_written(judged), *_best(judged)]
    kept = [one for one in found if one.left_out is None and one.origin in choice.origins]
    answer, prompt = answers(choice.messages), prompts(judged, choice.messages)
    kind = TURNS if choice.messages else TEXT

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for one in kept:
            yield one.group, {"prompt": prompt(one.prompt), "completion": answer(one.text), "origin": one.origin}

    reasons = (one.left_out or NOT_WANTED for one in found if one.left_out or one.origin not in choice.origins)
    columns = pa.schema([("prompt", kind), ("completion", kind), ("origin", TEXT)])
    return Rows(columns, each, len(kept), dict(Counter(reasons)))


def _written(judged: Judged) -> Iterator[_Model]:
    """What annotators wrote and corrected."""
    for judgement in judged.judgements:
        task = judged.tasks[judgement.task_id]
        if judgement.reference:
            yield _Model(task.group, task.prompt, judgement.reference, "reference")
        for edit in judgement.edits:
            yield _Model(task.group, task.prompt, edit.text, "edit")


def _best(judged: Judged) -> Iterator[_Model]:
    """For each judged task the one answer that wins against every other it was compared with."""
    net: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for pair in (pair for pair in judged.pairs if not pair.is_edit):
        two = (pair.chosen_id, pair.rejected_id)
        net[pair.task_id][two] += not pair.tie
        net[pair.task_id][two[::-1]] -= not pair.tie
    faulty = {(j.task_id, flag.response_id) for j in judged.judgements for flag in j.flags}
    refused = {j.task_id for j in judged.judgements if _is_none_good(j)}
    for task_id in dict.fromkeys(j.task_id for j in judged.judgements):
        task, best = judged.tasks[task_id], _winner(net[task_id])
        text = task.response(best).text if best else ""
        is_flagged = task_id in refused or (task_id, best) in faulty
        yield _Model(task.group, task.prompt, text, "best", BEST_FLAGGED if is_flagged else None if best else NO_BEST)


def _winner(net: Counter[tuple[str, str]]) -> str | None:
    """The one that was preferred to more of the others than any other, and lost to none; None: there is no such one."""
    lost = {first for (first, _), wins in net.items() if wins < 0}
    won = Counter(first for (first, _), wins in net.items() if wins > 0 and first not in lost)
    ahead = won.most_common(2)
    return ahead[0][0] if len(ahead) == 1 or (ahead and ahead[0][1] > ahead[1][1]) else None
