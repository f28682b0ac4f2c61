"""What the rules of cleaning find in a task, or among all tasks, made of what the detectors find in texts."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from data.changes import responses_as_text
from data.clean.language import asks_for_another, language, prompt_language
from data.clean.leftovers import empty
from data.clean.marks import Mark, mended
from data.clean.names import names
from data.clean.near import Member, Watch, near_groups
from data.clean.offence import Scorer, offending
from data.clean.personal import personal
from data.clean.terms import corrections, glossary
from data.schemas import MIN_RESPONSES, Finding, Project, Response, Task

Reading = Callable[[], Iterable[Task]]
"""Reads all tasks of a project, in the same order each time it is called."""
Parts = Iterator[tuple[str, str]]
"""A part of a task, as a finding names it, and its text."""
IN, ASIDE = "in", ""
"""What a finding for a whole task has before and after, where the task is to be set aside."""
SAME = "Two answers of the task are the same"
ALL_SAME = "All answers of the task are the same, so there is nothing to rank"
EMPTY = "An answer says nothing"
FEW = "Fewer than two answers of the task say anything"
WRONG_TURN = "The conversation does not end with the user, so there is nothing to answer"
LANGUAGE = "The answer is in another language than the prompt"
NEAR_PROMPTS = "Nearly the same prompt stands in another split group"
NEAR_RESPONSES = "Nearly the same answer stands elsewhere in the project"
_QUOTED = 60


class About(NamedTuple):
    """What the rules go by: the project, the ids of tasks that somebody has judged.

    And, if there are any, the model for names and what says how probable it is that a text is offensive.
    """

    project: Project
    judged: Collection[str] = ()
    names: str = ""
    offence: Scorer | None = None


def texts_of(task: Task) -> Parts:
    """The part and the text of each message and each response."""
    yield from ((f"prompt:{n}", message.content) for n, message in enumerate(task.prompt))
    yield from answers_of(task)


def answers_of(task: Task) -> Parts:
    """The part and the text of each response."""
    return ((f"response:{response.id}", response.text) for response in task.responses)


def marked(rule: str, task: Task, part: str, text: str, marks: Sequence[Mark]) -> Finding:
    """What is marked in one text, with all of it mended at once as far as it can be."""
    after = mended(text, marks)
    return _finding(rule, task, (part, text, after if after != text else None), _why(text, marks))


def _why(text: str, marks: Sequence[Mark]) -> str:
    """What the first mark is and quotes, and how many more there are."""
    first = marks[0]
    quoted = " ".join(text[first.start : first.end].split())
    short = quoted if len(quoted) <= _QUOTED else f"{quoted[: _QUOTED - 1]}…"
    more = f" (+{len(marks) - 1})" if len(marks) > 1 else ""
    return f"{first.what}: “{short}”{more}" if short.isprintable() and short else f"{first.what}{more}"


def _finding(rule: str, task: Task, step: tuple[str, str, str | None], why: str) -> Finding:
    part, before, after = step
    return Finding(rule=rule, task_id=task.id, part=part, before=before, after=after, why=why)


def wrong_terms(text: str, about: About) -> Iterator[Mark]:
    """Wrong terms of the glossary, of those that hold in the language of the text."""
    known = about.project.glossary
    by_language = any(term.language for term in known)
    return corrections(text, glossary(known, language(text) if by_language else "")) if known else iter(())


def personal_data(text: str, about: About) -> Iterator[Mark]:
    """Personal data, with masks; names of people where a model for them is named."""
    yield from personal(text)
    yield from names(text, about.names) if about.names else ()


def offences(text: str, about: About) -> Iterator[Mark]:
    """What offends, by the lists and by the project's flag model where it has one."""
    yield from offending(text, about.offence)


def other_language(rule: str, task: Task, _about: About) -> Iterator[Finding]:
    """Answers in another language than their prompt, unless the prompt speaks of languages."""
    asked = "\n".join(message.content for message in task.prompt if message.role != "assistant")
    own = prompt_language(task)
    for part, text in answers_of(task) if own and not asks_for_another(asked) else ():
        found = language(text)
        if found and found != own:
            yield _finding(rule, task, (part, text, None), f"{LANGUAGE}: “{own} → {found}”")


def wrong_turn(rule: str, task: Task, _about: About) -> Iterator[Finding]:
    """A conversation that does not end with the user, or whose last message is empty."""
    if task.prompt[-1].role != "user" or not task.prompt[-1].content.strip():
        yield _finding(rule, task, ("task", IN, ASIDE), WRONG_TURN)


def empty_answers(rule: str, task: Task, about: About) -> Iterator[Finding]:
    """Empty answers: taken out while two remain and nobody has judged them, else only pointed out."""
    filled = [response for response in task.responses if not any(empty(response.text))]
    if len(filled) == len(task.responses):
        return
    if task.id not in about.judged:
        yield _with(rule, task, filled, EMPTY if len(filled) >= MIN_RESPONSES else FEW)
        return
    for response in task.responses:
        if response not in filled:
            yield _finding(rule, task, (f"response:{response.id}", response.text, None), EMPTY)


def same_answers(rule: str, task: Task, about: About) -> Iterator[Finding]:
    """Answers with the same text, made into the first of them where nobody has judged them."""
    first = {response.text.strip(): response for response in reversed(task.responses)}
    kept = [response for response in task.responses if first[response.text.strip()] is response]
    if len(kept) < len(task.responses) and task.id not in about.judged:
        yield _with(rule, task, kept, SAME if len(kept) >= MIN_RESPONSES else ALL_SAME)


def _with(rule: str, task: Task, kept: Sequence[Response], why: str) -> Finding:
    """The task with these responses only; set aside where they are too few."""
    if len(kept) < MIN_RESPONSES:
        return _finding(rule, task, ("task", IN, ASIDE), why)
    before, after = (responses_as_text([one.model_dump() for one in some]) for some in (task.responses, kept))
    left = json.loads(after)
    ids = {one["id"] for one in left}
    dropped = ", ".join(one.id for one in task.responses if one.id not in ids)
    return _finding(rule, task, ("responses", before, after), f"{why}: “{dropped}”")


def near_prompts(rule: str, tasks: Reading, watch: Watch) -> Iterator[Finding]:
    """Tasks whose opening is nearly that of a task in another split group: all of both groups go into the first."""
    groups = _merged(tasks, watch)
    for task in tasks() if groups else ():
        if task.group in groups:
            yield _finding(rule, task, ("group", task.group, groups[task.group]), NEAR_PROMPTS)


def opening(task: Task) -> str:
    """What the user said first, by which prompts are the same or not."""
    return next((message.content for message in task.prompt if message.role == "user"), task.prompt[0].content)


def _merged(tasks: Reading, watch: Watch) -> dict[str, str]:
    """Group → the group that it goes into, for those that go into another: the one that stands first."""
    names_of = [task.group for task in tasks()]
    into = {name: name for name in names_of}
    order = {name: n for n, name in enumerate(into)}

    def root(name: str) -> str:
        while into[name] != name:
            name = into[name] = into[into[name]]
        return name

    for group in near_groups(lambda: (opening(task) for task in tasks()), watch=watch):
        roots = sorted({root(names_of[member.place]) for member in group}, key=order.__getitem__)
        into |= dict.fromkeys(roots, roots[0])
    return {name: root(name) for name in into if root(name) != name}


def near_responses(rule: str, tasks: Reading, watch: Watch) -> Iterator[Finding]:
    """Answers that are nearly the same as one elsewhere; the same answer to the same prompt is no finding."""
    like = _likenesses(tasks, watch)
    places = dict[int, str]()
    for place, (task, response) in enumerate(_answers(tasks)):
        if place in like.middles:
            places[place] = f"{task.id} {response.id}"
    for place, (task, response) in enumerate(_answers(tasks) if places else ()):
        if found := like.of.get(place):
            why = f"{NEAR_RESPONSES}: “{places[found.place]}” ({found.likeness:.0%})"
            yield _finding(rule, task, (f"response:{response.id}", response.text, None), why)


class _Likenesses(NamedTuple):
    of: dict[int, Member]
    middles: set[int]


def _likenesses(tasks: Reading, watch: Watch) -> _Likenesses:
    """For each answer that is like another one: that one, by its place, and how alike they are."""
    groups = near_groups(lambda: (response.text for _, response in _answers(tasks)), watch=watch)
    of = {m.place: Member(group[0].place, m.likeness) for group in groups for m in group[1:]}
    return _Likenesses(of, {member.place for member in of.values()})


def _answers(tasks: Reading) -> Iterator[tuple[Task, Response]]:
    """Every answer; of those with the same text in one prompt group, which are one answer shown often, the first."""
    seen = set[int]()
    for task in tasks():
        for response in task.responses:
            key = hash((task.group, response.text))
            if key not in seen:
                seen.add(key)
                yield task, response
