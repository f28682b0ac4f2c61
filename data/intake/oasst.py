"""The format `oasst`: one row a message tree of Open Assistant."""

from collections.abc import Iterator, Mapping
from typing import Any

from data.errors import InputError
from data.intake.content import Answer, Item, imported, task_from
from data.intake.rows import Row
from data.intake.values import fault, filled_text, label, number
from data.schemas import MAX_MESSAGES, Judgement, Message, Ranking, Task, fingerprint

ANNOTATOR = "oasst"


def tree_item(row: Row) -> Item:
    """The tasks of a tree: every prompt with two or more replies; ranked replies are a judgement by “oasst”.

    A tree with one unusable group of replies is rejected as a whole: a row is used or it is not.
    """
    root = row.values.get("prompt", row.values)
    if not isinstance(root, Mapping):
        fault("prompt", "is not the tree's first message; give it text, role and replies")
    made = [_task(path, replies) for path, replies in _groups(root)]
    if not made:
        raise InputError("the tree has no prompt with two replies to compare; remove it.")
    tasks = tuple({task.id: task for task, _ in made}.values())
    return Item((row.number,), fingerprint(t.id for t in tasks), tasks, tuple(j for _, j in made if j is not None))


def _groups(root: Mapping[str, Any]) -> Iterator[tuple[tuple[Message, ...], list[Mapping[str, Any]]]]:
    """Every path of messages that ends in a prompt with several replies, and those replies."""
    waiting: list[tuple[Mapping[str, Any], tuple[Message, ...]]] = [(root, ())]
    while waiting:
        node, before = waiting.pop()
        path = (*before, _message(node))
        if len(path) > MAX_MESSAGES:
            fault("replies", f"goes {len(path)} messages deep, and {MAX_MESSAGES} is the most; cut the tree")
        replies = _replies(node)
        answers = [r for r in replies if r.get("role") == "assistant"]
        if path[-1].role == "user" and len(answers) > 1:
            yield path, answers
        waiting += [(reply, path) for reply in reversed(replies)]


def _message(node: Mapping[str, Any]) -> Message:
    role = node.get("role")
    if role not in ("prompter", "assistant"):
        fault("role", "is neither prompter nor assistant in a message of the tree; mend it")
    return Message(role="user" if role == "prompter" else "assistant", content=filled_text(node.get("text"), "text"))


def _replies(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The replies to a message, without those that were deleted."""
    replies = node.get("replies") or []
    if not isinstance(replies, list) or not all(isinstance(reply, Mapping) for reply in replies):
        fault("replies", "is not a list of messages; mend the tree")
    return [reply for reply in replies if reply.get("deleted") is not True]


def _task(path: tuple[Message, ...], replies: list[Mapping[str, Any]]) -> tuple[Task, Judgement | None]:
    answers = [Answer(filled_text(r.get("text"), "text"), label(r.get("model_name"), "model_name")) for r in replies]
    task, ids = task_from(path, answers)
    ranks = [number(reply.get("rank"), "rank") for reply in replies]
    placed = {name: rank for name, rank in zip(ids, ranks, strict=True) if rank is not None}
    return task, imported(task, ANNOTATOR, _ranking(placed)) if len(placed) > 1 else None


def _ranking(ranks: Mapping[str, float]) -> Ranking:
    """Tiers, best (rank 0) first; replies of the same rank are a tie."""
    return tuple(tuple(sorted(i for i, r in ranks.items() if r == rank)) for rank in sorted(set(ranks.values())))
