"""The format `oasst`: one row a message tree of Open Assistant."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from data.errors import InputError
from data.intake.content import Answer, Item, imported, merged, task_from, tiers
from data.intake.format import Format, Reading, Values, by_row
from data.intake.people import known_as
from data.intake.rows import Row
from data.intake.values import fault, filled_text, label, listed_in, number
from data.schemas import MAX_MESSAGES, Flag, Judgement, Message, Task, fingerprint

ANNOTATOR = "oasst"
FLAGS: Mapping[str, str] = {
    "spam": "spam",
    "pii": "personal-data",
    "lang_mismatch": "wrong-language",
    "fails_task": "off-task",
    "toxicity": "toxic",
    "hate_speech": "hate-speech",
    "not_appropriate": "not-appropriate",
    "sexual_content": "sexual-content",
    "violence": "violence",
}
"""What labels of replies are called in Open Assistant → the kind of flag that they become."""
_FROM = 0.5
"""The mean of what people labelled from which it is a flag, where they could say 0 to 1."""


class _Replies(NamedTuple):
    """A prompt: the messages that lead to it, its own node, and the replies to it."""

    path: tuple[Message, ...]
    node: Mapping[str, Any]
    replies: list[Mapping[str, Any]]


def tree_item(row: Row, reading: Reading) -> Item:
    """The tasks of a tree: every prompt with two or more replies, and what people said of them.

    A tree with one unusable group of replies is rejected as a whole: a row is used or it is not.
    """
    root = row.values.get("prompt", row.values)
    if not isinstance(root, Mapping):
        fault("is not the tree's first message; give it text, role and replies", "prompt")
    tasks, judgements, same = dict[str, Task](), list[Judgement](), 0
    for group in _groups(root):
        task, ids = _task(group)
        tasks[task.id] = task
        judgements += _judgements(group, task, ids, reading)
        same += merged(ids)
    if not tasks:
        raise InputError("the tree has no prompt with two replies to compare; remove it.")
    return Item((row.number,), fingerprint(tasks), tuple(tasks.values()), tuple(judgements), same)


def _groups(root: Mapping[str, Any]) -> Iterator[_Replies]:
    """Every path of messages that ends in a prompt with several replies, and those replies."""
    waiting: list[tuple[Mapping[str, Any], tuple[Message, ...]]] = [(root, ())]
    while waiting:
        node, before = waiting.pop()
        path = (*before, _message(node))
        if len(path) > MAX_MESSAGES:
            fault(
                "goes {n} messages deep, and {most} is the most; cut the tree",
                "replies",
                n=len(path),
                most=MAX_MESSAGES,
            )
        replies = _replies(node)
        answers = [r for r in replies if r.get("role") == "assistant"]
        if path[-1].role == "user" and len(answers) > 1:
            yield _Replies(path, node, answers)
        waiting += [(reply, path) for reply in reversed(replies)]


def _message(node: Mapping[str, Any]) -> Message:
    role = node.get("role")
    if role not in ("prompter", "assistant"):
        fault("is neither prompter nor assistant in a message of the tree; mend it", "role")
    return Message(role="user" if role == "prompter" else "assistant", content=filled_text(node.get("text"), "text"))


def _replies(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The replies to a message, without those that were deleted."""
    replies = node.get("replies") or []
    if not isinstance(replies, list) or not all(isinstance(reply, Mapping) for reply in replies):
        fault("is not a list of messages; mend the tree", "replies")
    return [reply for reply in replies if reply.get("deleted") is not True]


def _task(group: _Replies) -> tuple[Task, list[str]]:
    named = [label(reply.get("model_name"), "model_name") for reply in group.replies]
    texts = [filled_text(reply.get("text"), "text") for reply in group.replies]
    return task_from(group.path, [Answer(*answer) for answer in zip(texts, named, strict=True)])


def _judgements(group: _Replies, task: Task, ids: list[str], reading: Reading) -> Iterator[Judgement]:
    """One judgement each of those who ranked the replies, where the file says it; else what they came to together."""
    events = group.node.get("events")
    rankings = events.get("ranking") if isinstance(events, Mapping) else None
    by_message = {str(reply.get("message_id")): name for reply, name in zip(group.replies, ids, strict=True)}
    people = dict[str, Judgement]()
    for event in rankings if isinstance(rankings, list) else []:
        made = _ranked_by(event, by_message, task, reading) if isinstance(event, Mapping) else None
        if made is not None:
            people.setdefault(made.annotator, made)
    yield from people.values()
    ranks = [number(reply.get("rank"), "rank") for reply in group.replies]
    placed = [(name, rank) for name, rank in zip(ids, ranks, strict=True) if rank is not None]
    ranking = () if people or len(dict(placed)) < 2 else tiers(placed)
    flags = _flags(group.replies, ids)
    if ranking or flags:
        yield imported(task, ANNOTATOR, ranking, flags=flags)


def _ranked_by(event: Values, by_message: Mapping[str, str], task: Task, reading: Reading) -> Judgement | None:
    """The judgement of one person; None where it says nothing of these replies."""
    who = known_as(ANNOTATOR, event.get("user_id"), reading)
    if event.get("not_rankable") is True:
        return imported(task, who, (), unrankable=True)
    placed = [(by_message[i], place) for i, place in _places(event) if i in by_message]
    return imported(task, who, tiers(placed)) if len(dict(placed)) > 1 else None


def _places(event: Values) -> Iterator[tuple[str, float]]:
    """The ids of the messages that somebody ranked, and their places: in order, or as the file says where some tie."""
    ordered, places = (listed_in(event.get(name)) or [] for name in ("ranked_message_ids", "places"))
    tied = [number(place, "places") for place in places] if len(places) == len(ordered) else []
    for n, message_id in enumerate(ordered):
        said = tied[n] if tied else None
        yield str(message_id), float(n) if said is None else said


def _flags(replies: list[Mapping[str, Any]], ids: list[str]) -> tuple[Flag, ...]:
    """The flags of replies, from the labels that people gave them: those on which half of them agreed."""
    found = dict[tuple[str, str], Flag]()
    for reply, name in zip(replies, ids, strict=True):
        labels = reply.get("labels")
        for said, kind in FLAGS.items():
            about = labels.get(said) if isinstance(labels, Mapping) else None
            value = number(about.get("value"), f"labels.{said}") if isinstance(about, Mapping) else None
            if value is not None and value >= _FROM:
                found[name, kind] = Flag(response_id=name, kind=kind, note=f"{said} {value:.2g}")
    return tuple(found.values())


def _is_tree(values: Values) -> bool:
    root = values.get("prompt", values)
    return isinstance(root, Mapping) and "replies" in root


OASST = Format(
    "one row a message tree of Open Assistant", {}, by_row(tree_item), tells=lambda rows: any(map(_is_tree, rows))
)
