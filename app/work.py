"""What one person has judged in a project: found again by words, kinds and days, and counted in their own days."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from app import session
from app.language import N_, _n
from data.schemas import Judgement, Task, compatible
from data.store import Size

KEPT = 8
DAYS = 14
"""Days of the chart, today included."""
JUDGED, SKIPPED = N_("Judged"), N_("Skipped")
STATUS: Mapping[str, str] = {JUDGED: "submitted", SKIPPED: "skipped"}
MARKS: Mapping[str, Callable[[Judgement], bool]] = {
    N_("Flagged"): lambda judgement: bool(judgement.flags),
    N_("With a comment"): lambda judgement: bool(judgement.comment),
    N_("Corrected"): lambda judgement: bool(judgement.edits),
    N_("With an ideal answer"): lambda judgement: bool(judgement.reference),
}
"""What work can be looked through for → whether a judgement has it."""


class Piece(NamedTuple):
    """One task that the person has judged or skipped, and all its words, folded for the search."""

    judgement: Judgement
    task: Task
    words: str


class Sought(NamedTuple):
    """Which work is wanted; what is empty does not matter.

    `text`: words that all occur, `status` a key of STATUS, `marks` keys of MARKS that all hold, `kinds` of flags of
    which one is set, `first` and `last` days.
    """

    text: str = ""
    status: str | None = None
    marks: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


class Summary(NamedTuple):
    """How much one person has judged, and the median of their active time for a task in seconds."""

    today: int
    week: int
    judged: int
    skipped: int
    seconds: float | None


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def work(project_id: int, annotator: str, size: Size) -> Sequence[Piece]:
    """The standing work of one person, newest first, as it was at this `Store.size`; it is read, never changed."""
    made = session.store().work_of(project_id, annotator)
    return [Piece(judgement, task, folded(_words(judgement, task))) for judgement, task in made]


def _words(judgement: Judgement, task: Task) -> str:
    """The prompt, the answers, and all that the person has written."""
    notes = [text for flag in judgement.flags for text in (flag.note, flag.correction)]
    own = [judgement.comment, judgement.reference, *notes, *(edit.text for edit in judgement.edits)]
    return "\n".join([*(m.content for m in task.prompt), *(r.text for r in task.responses), *own])


def folded(text: str) -> str:
    """The text without what a search should not mind: case, width, the dots of ё."""
    return compatible(text).casefold().replace("ё", "е")


def found(pieces: Sequence[Piece], sought: Sought, zone: tzinfo) -> list[Piece]:
    """The work that is wanted, in the same order."""
    words, kinds = folded(sought.text).split(), set(sought.kinds)

    def is_wanted(piece: Piece) -> bool:
        said = piece.judgement
        return (
            (not sought.status or said.status == STATUS[sought.status])
            and all(MARKS[mark](said) for mark in sought.marks)
            and (not kinds or any(flag.kind in kinds for flag in said.flags))
            and _is_within(day_of(said, zone), sought)
            and all(word in piece.words for word in words)
        )

    return [piece for piece in pieces if is_wanted(piece)]


def _is_within(day: date, sought: Sought) -> bool:
    return (sought.first or day) <= day <= (sought.last or day)


def day_of(judgement: Judgement, zone: tzinfo) -> date:
    """The day on which it was said, where the person is."""
    return judgement.created_at.astimezone(zone).date()


def summary(pieces: Sequence[Piece], zone: tzinfo, now: datetime) -> Summary:
    """The counts at this moment; a week begins on Monday, and skipped tasks are counted apart."""
    said = [piece.judgement for piece in pieces if piece.judgement.status == "submitted"]
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    days = Counter(day_of(judgement, zone) for judgement in said)
    times = [judgement.seconds for judgement in said if judgement.seconds is not None]
    this_week = sum(count for day, count in days.items() if day >= monday)
    return Summary(days[today], this_week, len(said), len(pieces) - len(said), median(times) if times else None)


def daily(pieces: Sequence[Piece], zone: tzinfo, now: datetime) -> pd.DataFrame:
    """Columns `day` and `judged`: how many tasks were judged on each of the last DAYS days, oldest first."""
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    count = Counter(day_of(p.judgement, zone) for p in pieces if p.judgement.status == "submitted")
    return pd.DataFrame({"day": days, "judged": [count[day] for day in days]})


def zone_of(name: str | None) -> tzinfo:
    """The time zone of this name, as a browser gives it; UTC where there is none."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return UTC


def time_said(seconds: float) -> str:
    """A time in words, “40 seconds” or “3 minutes”; no finer than it matters."""
    if seconds < 90:
        return _n("{n} second", "{n} seconds", max(1, round(seconds)))
    if seconds < 5400:
        return _n("{n} minute", "{n} minutes", round(seconds / 60))
    return _n("{n} hour", "{n} hours", round(seconds / 3600))
