"""Personal data in what a file brings: masked before anything is stored, and counted.

A task keeps the id and the group that follow from what the file says, so that loading the file again adds nothing, and
a file of judgements loaded later finds its tasks.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from data.clean.marks import Mark, mended
from data.clean.personal import personal
from data.errors import InputError, Sentence, checked
from data.intake.content import Item
from data.intake.rows import rejected
from data.schemas import Edit, Flag, Judgement, Rejection, Span, Task


def masked(found: Iterable[Item | Rejection]) -> Iterator[Item | Rejection]:
    """The same with masks such as [email] in all texts; an item that has become too long is rejected."""
    for one in found:
        if isinstance(one, Rejection):
            yield one
            continue
        try:
            yield masked_item(one)
        except InputError as error:
            yield from (rejected(row, str(error)) for row in one.rows)


class _Text(NamedTuple):
    """A text with its marks, and what it is without what they mark."""

    before: str
    marks: tuple[Mark, ...]

    @property
    def after(self) -> str:
        return mended(self.before, self.marks)

    def moved(self, span: Span) -> Span:
        """Where the words stand afterwards; a span that ends in a mask takes in the whole of it."""
        return Span(start=self._place(span.start, at_end=False), end=self._place(span.end, at_end=True))

    def _place(self, place: int, *, at_end: bool) -> int:
        shift = 0
        for mark in self.marks:
            size = len(mark.instead or "")
            if mark.end <= place:
                shift += size - (mark.end - mark.start)
            elif mark.start < place:
                return mark.start + shift + (size if at_end else 0)
        return place + shift


def masked_item(item: Item) -> Item:
    """The item with masks, and by task and by judgement what was masked; InputError where it has become too long."""
    counts = dict[str, Counter[str]]()
    responses = dict[str, Mapping[str, _Text]]()
    tasks = tuple(_task(task, counts, responses) for task in item.tasks)
    judgements = tuple(_judgement(one, counts, responses.get(one.task_id, {})) for one in item.judgements)
    return item._replace(tasks=tasks, judgements=judgements, masked={key: n for key, n in counts.items() if n})


def _read(text: str, count: Counter[str]) -> _Text:
    found = _Text(text, tuple(personal(text)))
    count.update((mark.instead or "").strip("[]") for mark in found.marks)
    return found


def _task(task: Task, counts: dict[str, Counter[str]], responses: dict[str, Mapping[str, _Text]]) -> Task:
    count = counts[task.id] = Counter()
    prompt = [dict(one) | {"content": _read(one.content, count).after} for one in task.prompt]
    texts = {one.id: _read(one.text, count) for one in task.responses}
    responses[task.id] = texts
    if not count:
        return task
    written = [dict(one) | {"text": texts[one.id].after} for one in task.responses]
    return checked(Task, dict(task) | {"prompt": prompt, "responses": written}, Sentence("the masked task"))


def _judgement(said: Judgement, counts: dict[str, Counter[str]], texts: Mapping[str, _Text]) -> Judgement:
    count = counts[said.idempotency_key] = Counter()
    edits = tuple(one for edit in said.edits if (one := _edit(edit, texts, count)))
    flags = tuple(_flag(flag, texts, count) for flag in said.flags)
    plain = {name: _read(getattr(said, name), count).after for name in ("reference", "comment")}
    now = {"edits": edits, "flags": flags, **plain}
    if all(getattr(said, name) == value for name, value in now.items()):
        return said
    plainly = {"edits": [dict(one) for one in edits], "flags": [dict(one) for one in flags]}
    return checked(Judgement, dict(said) | now | plainly, Sentence("the masked judgement"))


def _edit(edit: Edit, texts: Mapping[str, _Text], count: Counter[str]) -> Edit | None:
    """The edit with masks; None where the masks do all that it did, so that it would be the response."""
    after = _read(edit.text, count).after
    of = texts.get(edit.response_id)
    return None if of and of.after == after else edit.model_copy(update={"text": after})


def _flag(flag: Flag, texts: Mapping[str, _Text], count: Counter[str]) -> Flag:
    of = texts.get(flag.response_id)
    spans = tuple(of.moved(span) for span in flag.spans) if of and of.marks else flag.spans
    plain = {name: _read(getattr(flag, name), count).after for name in ("note", "correction")}
    now = {"spans": spans, **plain}
    return flag.model_copy(update=now)
