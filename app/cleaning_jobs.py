"""Looking through a project, applying what a rule proposes, reading its tasks: one such work a project at a time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import NamedTuple

import streamlit as st

from app.background import Job, See, Stopped
from app.language import N_, _
from app.offence import offence_of
from app.queue_jobs import Doing
from data.clean import broken, leftovers, offence, rules
from data.cleaning import RULES, Progress, about, applied, findings, read_tasks, stored_tasks
from data.cleaning import Stopped as Ended
from data.schemas import Finding, Project, Refusal
from data.store import Store

SHOWN = 200
"""Findings of a rule that are kept to be looked at; all are counted."""
LOOKING, NEAR = N_("Looking through the tasks"), N_("Looking for what is nearly the same")
APPLYING, READING = N_("Making the changes"), N_("Reading languages and topics")
CAUSES = (
    *(broken.MISREAD, broken.LOST, broken.INVISIBLE, broken.FORM, broken.ENTITY, broken.TAG),
    *(leftovers.TOKEN, leftovers.TURN, leftovers.NAME, leftovers.AS_AI, leftovers.BLANK, leftovers.NOTHING),
    *(leftovers.CODE_OPEN, leftovers.CUT, rules.SAME, rules.ALL_SAME, rules.EMPTY, rules.FEW, rules.WRONG_TURN),
    *(rules.LANGUAGE, rules.NEAR_PROMPTS, rules.NEAR_RESPONSES, offence.WHAT, offence.JUDGED),
)
"""What findings say; the words of the text that they quote come after it."""


class Found(NamedTuple):
    """What a search found: how many findings each rule has, how many of them propose a change, and the first ones."""

    counts: Mapping[str, int]
    proposals: Mapping[str, int]
    first: Mapping[str, Sequence[Finding]]


class Done(NamedTuple):
    """What came of a work: what was found, how many changes were made and which were refused, how many tasks read."""

    found: Found | None = None
    changed: int = 0
    refused: tuple[Refusal, ...] = ()
    read: int | None = None


Work = Job[Doing, Done]


def worded(why: str) -> str:
    """Why something was found, in the language of the session; what it quotes stays as it is."""
    cause, quote, rest = why.partition(": “")
    return _(cause) + quote + rest


def _told(see: See[Doing], what: str, total: int) -> Callable[[Progress], bool]:
    return lambda progress: see(Doing(NEAR if progress.rule else what, min(progress.read, total), total))


def looking(store: Store, project: Project, keep: Callable[[Found], None]) -> Work:
    """Look through a project by every rule, and keep what is found."""

    def work(see: See[Doing]) -> Done:
        counts, proposals, first = Counter[str](), Counter[str](), defaultdict[str, list[Finding]](list)
        told = _told(see, LOOKING, store.size(project.id).tasks)
        try:
            knows = about(store, project, offence=offence_of(store, project))
            for one in findings(stored_tasks(store, project), list(RULES), knows, told):
                counts[one.rule] += 1
                proposals[one.rule] += one.after is not None
                if counts[one.rule] <= SHOWN:
                    first[one.rule].append(one)
        except Ended:
            raise Stopped from None
        found = Found(counts, proposals, first)
        keep(found)
        return Done(found)

    return Job(work, Doing(LOOKING))


def applying(store: Store, project: Project, rule: str, who: str) -> Work:
    """Make every change that a rule proposes; what was made before a stop stays made."""

    def work(see: See[Doing]) -> Done:
        changed, refused = 0, list[Refusal]()
        try:
            for _rule, step in applied(store, project, [rule], who, _told(see, APPLYING, store.size(project.id).tasks)):
                changed += step.done
                refused += step.refused
        except Ended:
            pass
        return Done(changed=changed, refused=tuple(refused))

    return Job(work, Doing(APPLYING))


def reading(store: Store, project: Project) -> Work:
    """Read the language and the sensitive topics of every task."""

    def work(see: See[Doing]) -> Done:
        try:
            return Done(read=read_tasks(store, project, _told(see, READING, store.size(project.id).tasks)))
        except Ended:
            raise Stopped from None

    return Job(work, Doing(READING))


class Jobs:
    """The newest work on each project in this process, and what was last found in it."""

    def __init__(self) -> None:
        self._lock, self._jobs, self.found = Lock(), dict[int, Work](), dict[int, Found]()

    def of(self, project_id: int) -> Work | None:
        """The newest work, ended or not; None before the first."""
        return self._jobs.get(project_id)

    def forget(self, project_id: int) -> None:
        """Say no more of a work that has ended: something else was done since."""
        with self._lock:
            known = self._jobs.get(project_id)
            if known and not known.running:
                del self._jobs[project_id]

    def start(self, project_id: int, begin: Callable[[], Work]) -> None:
        """Begin a work; nothing new while one goes on."""
        with self._lock:
            known = self._jobs.get(project_id)
            if known is None or not known.running:
                self._jobs[project_id] = begin()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The work of cleaning in this process."""
    return Jobs()
