"""A file that is read beside the screen: how far it is, in words."""

from typing import Any

from app.background import Job
from app.language import _, number
from data.intake import Progress

NOTHING_READ = Progress(0, 0, 0, 0.0)


def reading_words(job: Job[Progress, Any]) -> str:
    """How far the file is read, for people: rows read, rows rejected, time left."""
    seen, left = job.progress, job.seconds_left(job.progress.share)
    counts = {"rows": number(seen.rows), "rejected": number(seen.rejected)}
    if left is None:
        return _("{rows} rows read, {rejected} rejected", **counts)
    return _("{rows} rows read, {rejected} rejected, about {time} left", **counts, time=_duration(left))


def _duration(seconds: float) -> str:
    return _("{n} min", n=number(seconds / 60)) if seconds >= 90 else _("{n} s", n=number(seconds))
