"""What a person chooses of an export: what for, which judgements, what becomes of several annotators and of flags."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

import streamlit as st

from app.exports import inside
from app.findings import material
from app.language import N_, _, _n, number
from data.errors import InputError
from data.export.files import KINDS
from data.export.formats import FORMATS
from data.export.rows import ORIGINS, Choice, Origin
from data.export.scope import Scope
from data.queries import Size
from data.schemas import STANDARD_TOPICS, Project
from rankers.aggregation import AGGREGATIONS, Aggregation
from rankers.pairs import FLAG_POLICIES, WEIGHTINGS, FlagPolicy, PairRules, Weighting

PURPOSES: Mapping[str, tuple[str, ...]] = {
    N_("Train"): ("trl-explicit", "trl-implicit", "trl-unpaired", "sft", "openai", "nemo"),
    N_("Exchange"): ("ultrafeedback", "helpsteer", "arena", "oasst"),
    N_("Everything"): ("rankings",),
}
"""What an export is for → its formats."""
FILE_KINDS = {"jsonl": "JSONL", "csv": "CSV", "parquet": "Parquet", "arrow": "datasets"}
AS = {N_("as the data needs it"): None, N_("messages"): True, N_("text"): False}
NO_WEIGHTS: Literal["no column"] = "no column"
WHOLE = ("nemo", *PURPOSES["Exchange"], "rankings")
"""Formats of judgements as they were made: no rule for flags or for several annotators touches them."""
WITH_PEOPLE = ("helpsteer", "arena", "oasst", "rankings")
"""Formats that say who judged."""
EMPTY: Mapping[str, str] = {}
ON_THE_HUB = re.compile(r"[a-z0-9][\w.-]{0,95}/[a-z0-9][\w.-]{0,95}", re.ASCII | re.IGNORECASE)


def choose_file() -> tuple[str, str]:
    """The format and the kind of file."""
    purpose = st.segmented_control(
        _("For"), list(PURPOSES), default="Train", required=True, format_func=_, key="export_purpose"
    )
    formats = PURPOSES[purpose]
    captions = [_(FORMATS[name].says) for name in formats]
    name = st.radio(_("Format"), formats, captions=captions, key=f"export_format_{purpose}", persist_state="session")
    kinds = [kind for kind in KINDS if not (FORMATS[name].nested and kind == "csv")]
    key = "export_kind_nested" if FORMATS[name].nested else "export_kind"
    kind = st.segmented_control(
        _("File"), kinds, default="jsonl", required=True, format_func=FILE_KINDS.__getitem__, key=key
    )
    return name, kind


def choose_scope(here: Project, size: Size) -> Scope:
    """Which judgements are in, and how many of all that is."""
    tasks, judgements = material(here.id, size)
    judged = [tasks[task_id] for task_id in dict.fromkeys(said.task_id for said in judgements)]
    labels = {topic.topic: _(topic.label) for topic in (*STANDARD_TOPICS, *here.topics)}
    with st.expander(_("Which judgements"), key="export_which"):
        topics = _some(_("Topics"), {topic for task in judged for topic in task.topics}, "export_topics", labels)
        languages = _some(_("Languages"), {task.language for task in judged} - {""}, "export_languages")
        annotators = _some(_("Annotators"), {said.annotator for said in judgements}, "export_annotators")
        since, until = _days()
        least = st.slider(
            _("Least agreement"), 0, 100, 0, 5, format="%d%%", key="export_agreement", help=_(ABOUT_AGREEMENT)
        )
        gold = not st.checkbox(_("Leave out checks with a known answer"), key="export_gold")
    scope = Scope(topics, languages, annotators, since, until, least / 100, gold)
    say_how_many(here, size, scope, len(judgements))
    return scope


ABOUT_AGREEMENT = N_(
    "How far the people who judged a task agree on it. Above 0, tasks that only one person has judged are left out."
)


def say_how_many(here: Project, size: Size, scope: Scope, total: int) -> None:
    """How many judgements are in; nothing where the choice is impossible, which the answer says."""
    try:
        n = inside(here.id, size, scope)
    except InputError:
        return
    if n == total:
        st.caption(_n("The judgement is in", "All {n} judgements are in", n))
    else:
        st.caption(_("{n} of {total} judgements are in", n=number(n), total=number(total)))


def _some(label: str, options: set[str], key: str, labels: Mapping[str, str] = EMPTY) -> tuple[str, ...]:
    """What of these is chosen; nothing chosen means all, those without any too."""
    if not options:
        return ()
    said = st.multiselect(
        label, sorted(options), key=key, placeholder=_("All"), format_func=lambda one: labels.get(one, one)
    )
    return tuple(said)


def _days() -> tuple[date | None, date | None]:
    first, last = st.columns(2)
    since = first.date_input(_("From"), None, key="export_since", help=_("In UTC"))
    return since, last.date_input(_("Until"), None, key="export_until", help=_("In UTC, this day included"))


def choose_people(name: str) -> Aggregation:
    """What several annotators' judgements of the same two answers become."""
    if name in WHOLE:
        return "all"
    captions = [_(says) for says in AGGREGATIONS.values()]
    return st.radio(_("Several annotators"), list(AGGREGATIONS), format_func=_, captions=captions, key="export_several")


def choose_rules(name: str) -> tuple[PairRules, bool]:
    """What flags do, what pairs weigh, and whether that is a column."""
    flags: FlagPolicy = "never chosen"
    weights: Weighting | Literal["no column"] = NO_WEIGHTS
    if name not in ("sft", *WHOLE):
        policies = [_(made.says) for made in FLAG_POLICIES.values()]
        flags = st.radio(_("Flags"), list(FLAG_POLICIES), format_func=_, captions=policies, key="export_flags")
    if FORMATS[name].unit == "pairs":
        options, more = [NO_WEIGHTS, *WEIGHTINGS], _("A further column")
        weights = st.selectbox(_("Weights"), options, format_func=_, key="export_weights", help=more)
    return PairRules("2/k" if weights == NO_WEIGHTS else weights, flags), weights != NO_WEIGHTS


def choose_rows(name: str, kind: str, weights: bool) -> Choice:
    """How rows are written."""
    share = st.slider(_("Share of prompts held out for testing"), 0, 50, 10, 5, format="%d%%", key="export_share") / 100
    messages, origins, names = None, tuple(ORIGINS), False
    if name == "sft":
        origins = choose_origins()
    if not FORMATS[name].nested and name != "rankings" and kind != "csv":
        messages = AS[st.selectbox(_("Prompts and responses"), list(AS), format_func=_, key="export_messages")]
    if name in WITH_PEOPLE:
        names = st.checkbox(_("Annotators by name"), key="export_names", help=_("Otherwise they are numbered."))
    mask = st.checkbox(_("Mask personal data"), key="export_mask", help=_("An address becomes [email], for example."))
    return Choice(name, messages, weights, names, share, origins, mask, *choose_longest())


def choose_origins() -> tuple[Origin, ...]:
    """Which answers are to be imitated; all where none is chosen."""
    chosen = st.pills(
        _("Answers"), list(ORIGINS), selection_mode="multi", default=list(ORIGINS), format_func=_, key="export_origins"
    )
    says = [f"- {_(one)}: {_(ORIGINS[one])}" for one in ORIGINS]
    st.caption("\n".join(says))
    return tuple(one for one in ORIGINS if one in chosen) or tuple(ORIGINS)


def choose_longest() -> tuple[str, int]:
    """The tokenizer and the most tokens of a row; 0: rows are as long as they are."""
    with st.expander(_("Longest row"), key="export_longest"):
        most = st.number_input(_("Most tokens"), 0, 10_000_000, 0, 256, key="export_most", help=_("0: no limit"))
        named = st.text_input(
            _("Tokenizer"), max_chars=193, key="export_tokenizer", placeholder=_("owner/name"), help=_(ABOUT_TOKENIZER)
        )
    return named.strip(), int(most)


ABOUT_TOKENIZER = N_("The name of a model on the Hugging Face Hub; the server fetches its tokenizer.")


def check_tokenizer(choice: Choice) -> None:
    """Raise InputError for anything but a name on the Hub: a page names no files of the server."""
    if choice.most_tokens and not ON_THE_HUB.fullmatch(choice.tokenizer):
        raise InputError("Name the tokenizer as OWNER/NAME of a model on the Hub, or set the most tokens to 0.")
