"""Cleaning: every rule there is, what it finds, and its proposals applied; nothing changes by being found."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from data.changes import Applied
from data.clean import broken, leftovers, rules
from data.clean.marks import Mark
from data.clean.near import Watch as Read
from data.clean.offence import Scorer
from data.clean.rules import About, Parts, Reading, answers_of, marked, texts_of
from data.clean.topic_labels import detector_of, read_by
from data.errors import InputError
from data.reader import UNREAD, read
from data.schemas import Finding, Project, Task
from data.store import Store

Look = Callable[[str, About], Iterable[Mark]]
OfTask = Callable[[str, Task, About], Iterator[Finding]]
OfAll = Callable[[str, Reading, Read], Iterator[Finding]]
_CHUNK = 500


class Rule(NamedTuple):
    """One rule: what it is called, what it says, whether it proposes changes; and one of the three ways it looks.

    `look` marks places in a text and `parts` says in which, `of_task` looks at one task, `of_all` at all of them.
    """

    label: str
    says: str
    changes: bool
    look: Look | None = None
    parts: Callable[[Task], Parts] = texts_of
    of_task: OfTask | None = None
    of_all: OfAll | None = None


class Progress(NamedTuple):
    """How far a search is: the rule that looks at all tasks ("" for all that look at each alone), and what was read."""

    rule: str
    read: int


Watch = Callable[[Progress], object]
"""Is told of a progress; False from it ends the work, and so does what it raises."""


class Stopped(Exception):
    """The watch said stop."""


def _plain(look: Callable[[str], Iterable[Mark]]) -> Look:
    return lambda text, _about: look(text)


RULES: dict[str, Rule] = {
    "encoding": Rule(
        "Wrong encoding",
        "Letters that were read in a wrong encoding (“donâ€™t”) are mended; lost ones are pointed out.",
        True,
        _plain(broken.misread),
    ),
    "invisible": Rule(
        "Invisible characters",
        "Characters without width go, but for those that a script, an emoji or a change of direction needs.",
        True,
        _plain(broken.invisible),
    ),
    "unicode": Rule("Unicode form", "Letters in pieces are composed (NFC).", True, _plain(broken.decomposed)),
    "html": Rule(
        "Leftover HTML",
        "Entities and tags become text; where the text speaks of HTML they are only pointed out.",
        True,
        _plain(broken.markup),
    ),
    "template": Rule(
        "Leftovers of a template",
        "Marks and names of turns around an answer go; those inside it are pointed out.",
        True,
        _plain(leftovers.template),
        answers_of,
    ),
    "as-ai": Rule(
        "“As an AI”",
        "Answers that speak of themselves as a language model are pointed out.",
        False,
        _plain(leftovers.as_ai),
        answers_of,
    ),
    "truncated": Rule(
        "Cut-off answers",
        "Answers that seem to end in the middle of a sentence or of code are pointed out.",
        False,
        _plain(leftovers.truncated),
        answers_of,
    ),
    "empty": Rule(
        "Empty answers",
        "Answers that say nothing go from tasks that nobody has judged; a task with one answer left is set aside.",
        True,
        of_task=rules.empty_answers,
    ),
    "same-answers": Rule(
        "Identical answers",
        "Answers of one task with the same text become one, in tasks that nobody has judged.",
        True,
        of_task=rules.same_answers,
    ),
    "turns": Rule(
        "Wrong turn",
        "Tasks whose conversation does not end with the user are set aside.",
        True,
        of_task=rules.wrong_turn,
    ),
    "glossary": Rule(
        "Glossary", "Wrong terms of the project's glossary become the right ones.", True, rules.wrong_terms
    ),
    "language": Rule(
        "Another language",
        "Answers in another language than a prompt that asks for none are pointed out.",
        False,
        of_task=rules.other_language,
    ),
    "personal": Rule(
        "Personal data",
        "E-mail addresses, phone, card, account and document numbers are masked.",
        True,
        rules.personal_data,
    ),
    "offence": Rule(
        "Offence",
        "Offensive words are pointed out; a fitted model for toxic answers decides with them which texts offend.",
        False,
        rules.offences,
    ),
    "near-prompts": Rule(
        "Near-duplicate prompts",
        "Tasks with nearly the same prompt come into one split group, so that they stay on one side of a split.",
        True,
        of_all=rules.near_prompts,
    ),
    "near-answers": Rule(
        "Near-duplicate answers",
        "Answers that nearly say what another answer of the project says are pointed out.",
        False,
        of_all=rules.near_responses,
    ),
}
"""Every rule by its name, in the order in which they are best applied."""


def findings(
    tasks: Reading, wanted: Sequence[str], about: About, watch: Watch = lambda _progress: True
) -> Iterator[Finding]:
    """What the rules find, as it is found: first in one task after the other, then among all tasks, rule by rule.

    `tasks` is called again for each reading. InputError for a rule that there is not; Stopped when the watch says so.
    """
    chosen = _known(wanted)
    if alone := [name for name in chosen if RULES[name].of_all is None]:
        for read, task in enumerate(tasks()):
            if read % _CHUNK == 0:
                _tell(watch, Progress("", read))
            for name in alone:
                yield from in_task(name, task, about)
    for name in chosen:
        if look := RULES[name].of_all:
            yield from look(name, tasks, partial(_tell_of, watch, name))


def in_task(name: str, task: Task, about: About) -> Iterator[Finding]:
    """What one rule finds in one task; nothing for a rule that looks at all of them."""
    rule = RULES[name]
    if rule.of_task:
        yield from rule.of_task(name, task, about)
    for part, text in rule.parts(task) if rule.look else ():
        if found := marks(name, text, about):
            yield marked(name, task, part, text, found)


def _known(wanted: Sequence[str]) -> list[str]:
    for name in wanted:
        if name not in RULES:
            raise InputError("There is no rule “{name}”; the rules are: {rules}.", name=name, rules=", ".join(RULES))
    return [name for name in RULES if name in wanted]


def _tell(watch: Watch, progress: Progress) -> None:
    if watch(progress) is False:
        raise Stopped


def _tell_of(watch: Watch, name: str, read: int) -> None:
    _tell(watch, Progress(name, read))


def marks(name: str, text: str, about: About) -> list[Mark]:
    """The places in one text that a rule marks, in order; none for a rule that does not look at single texts."""
    look = RULES[name].look
    return sorted(look(text, about), key=lambda mark: mark[:2]) if look else []


def about(store: Store, project: Project, names: str = "", offence: Scorer | None = None) -> About:
    """What the rules go by in a stored project; the project is read again."""
    return About(store.project(project.name), store.judged_tasks(project.id), names, offence)


def applied(
    store: Store,
    project: Project,
    wanted: Sequence[str],
    made_by: str,
    watch: Watch = lambda _progress: True,
    names: str = "",
) -> Iterator[tuple[str, Applied]]:
    """Look through a stored project and apply what each rule proposes, rule by rule: the rule and what came of it.

    Each rule looks at what the ones before it have left. Changes are made a few hundred at a time, so what was applied
    stays applied when the watch stops.
    """
    for name in _known(wanted):
        if RULES[name].changes:
            found = findings(stored_tasks(store, project), [name], about(store, project, names), watch)
            proposals = (one for one in found if one.after is not None)
            while some := list(islice(proposals, _CHUNK)):
                yield name, store.apply_changes(project.id, some, made_by)


def stored_tasks(store: Store, project: Project) -> Reading:
    """Reads the tasks of a stored project that are not set aside."""
    return partial(store.tasks, project.id)


def undone(store: Store, project: Project, wanted: Sequence[str], undone_by: str) -> Applied:
    """Take back all that these rules have changed and that was not taken back yet, the newest first."""
    chosen = _known(wanted)
    made = [change.id for change in store.changes(project.id) if change.rule in chosen and change.undone_at is None]
    return store.undo_changes(project.id, made, undone_by)


def read_tasks(store: Store, project: Project, watch: Watch = lambda _progress: True) -> int:
    """Read the language and the sensitive topics of every task of a stored project and keep them; how many were read.

    They route tasks to people and slice reports. Topics are told by the lists, the project's own words, and what its
    labels have taught.
    """
    here, learned = store.project(project.name), store.learned_topics(project.id)
    known, detector = [topic.topic for topic in here.topics], detector_of(here.seeds, learned)
    store.note_read(here.id, UNREAD)  # until all are read: a reading that ends early leaves some by the old words
    tasks, done = store.tasks(here.id), 0
    while some := list(islice(tasks, _CHUNK)):
        store.keep_readings(here.id, {task.id: read(task, known, detector) for task in some})
        done += len(some)
        _tell(watch, Progress("", done))
    store.note_read(here.id, read_by(here, learned))
    return done
