"""What a lead has chosen for the file at hand, as a plan, and the work that follows from it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from app.language import N_, _, _n, number
from app.upload.shelf import Upload
from data import intake
from data.errors import InputError, Sentence, checked
from data.intake import Head, Plan, Progress, Tally
from data.intake.formats import FORMATS
from data.reader import reader_if
from data.schemas import Load, Project, Rejection
from data.store import Store

MAX_LISTED = 100_000
"""Rejected rows that a check keeps for the download."""


KINDS: Mapping[str, str] = {
    "email": N_("e-mail addresses"),
    "phone": N_("phone numbers"),
    "card": N_("card numbers"),
    "iban": N_("account numbers"),
    "document": N_("document numbers"),
}
"""Kind of personal data → what it is called."""


def plan_or_fault(beginning: Head, format_name: str | None) -> tuple[Plan | None, str]:
    """The plan for what begins so (its format as chosen or recognised), or the sentence that says why there is none."""
    try:
        return intake.planned(beginning, format_name), ""
    except InputError as error:
        return None, str(error)


def needs_texts(made: Plan) -> bool:
    """Whether the rows may name texts that are in a second file."""
    has_them = {"response_a", "response_b"} <= set(made.columns.of) or "responses" in made.columns.of
    return FORMATS[made.format].keep_texts is not None and not has_them


def with_texts(made: Plan, texts: Upload | None) -> Plan:
    """The plan with its file of texts, if there is one."""
    return replace(made, texts=texts.path, texts_name=texts.name) if texts else made


def format_label(name: str) -> str:
    """A format with what a row of it is."""
    return f"{name}: {_(FORMATS[name].means)}"


def fault(made: Plan) -> str:
    """The sentence about what the plan lacks; empty when it can be carried out."""
    try:
        intake.check_plan(made)
    except InputError as error:
        return str(error)
    return ""


def target(store: Store, name: str) -> Project:
    """The project of this name, made when there is none; InputError when the name is none."""
    found = next((p for p in store.projects() if p.name == name), None)
    return found or store.create_project(checked(Project, {"name": name}, Sentence("The new project")))


class Checked(NamedTuple):
    """What a check counted, and the rejected rows up to `MAX_LISTED`."""

    plan: Plan
    tally: Tally
    rejections: list[Rejection]


def check_work(made: Plan) -> Callable[[Callable[[Progress], bool]], Checked]:
    """The work of reading every row without storing any."""

    def work(watch: Callable[[Progress], bool]) -> Checked:
        listed: list[Rejection] = []

        def note(rejection: Rejection) -> None:
            if len(listed) < MAX_LISTED:
                listed.append(rejection)

        return Checked(made, intake.check(made, watch, note), listed)

    return work


def load_work(
    made: Plan, store: Store, project: Project, who: str, licence: str, *, read: bool = True
) -> Callable[[Callable[[Progress], bool]], Load]:
    """The work of loading a file into a project, and of telling the language and the topics of what is new."""

    def work(watch: Callable[[Progress], bool]) -> Load:
        told = reader_if(read, store, project)
        return intake.load(made, store, project, who, licence=licence, watch=watch, told=told)

    return work


def outcome(load: Load) -> str:
    """What a load came to, in a few sentences."""
    counts = counted([load])
    if load.rows_used and not (load.tasks or load.judgements):
        return _(
            "{rows} rows: {rows_used} used, {rows_rejected} rejected. Nothing was new: all of it was loaded before.",
            **counts,
        )
    said = _(
        "{rows} rows: {rows_used} used, {rows_rejected} rejected. New: {tasks} tasks and {judgements} judgements.",
        **counts,
    )
    return " ".join([said, *_also(load)])


def _also(load: Load) -> Iterator[str]:
    """What a load did to responses and settings on the way."""
    if load.merged:
        yield _n(
            "{merged} response was the same as another of its task and became one with it.",
            "{merged} responses were the same as another of their task and became one with it.",
            load.merged,
            merged=number(load.merged),
        )
    if load.masked:
        yield _("Masked in what is new: {what}.", what=masked_words(load.masked))
    if load.added:
        yield _("The project's settings now have {names}.", names=", ".join(load.added))
    if load.unasked:
        names = ", ".join(load.unasked)
        yield _("The judgements also say {names}; add it in Settings if you want to see it.", names=names)


def masked_words(masked: Mapping[str, int]) -> str:
    """How much of each kind was masked: “e-mail addresses 2, phone numbers 1”."""
    return ", ".join(f"{_(KINDS[kind])} {number(masked[kind])}" for kind in KINDS if masked.get(kind))


def outcome_so_far(loads: Sequence[Load]) -> str:
    """What all loads of a project came to, in one sentence."""
    return _n(
        "{n} load so far: {rows} rows = {rows_used} used + {rows_rejected} rejected; {tasks} tasks and {judgements} "
        "judgements came in.",
        "{n} loads so far: {rows} rows = {rows_used} used + {rows_rejected} rejected; {tasks} tasks and {judgements} "
        "judgements came in.",
        len(loads),
        **counted(loads),
    )


def counted(loads: Sequence[Load]) -> dict[str, str]:
    """What these loads count together, as it is written."""
    names = ("rows", "rows_used", "rows_rejected", "tasks", "judgements")
    return {name: number(sum(getattr(load, name) for load in loads)) for name in names}
