"""One piece of work to read: a row of the list, and in full as HTML, by the letters that its person saw."""

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any, NamedTuple

from app.board.submission import Board, Draft, MarkedFault, Tiers, as_drafted, board_of
from app.board.view import drawn
from app.colours import colours_of
from app.language import N_, _, date, number
from app.render import prompt_html
from app.work import Piece, time_said
from data.schemas import SKIP_REASONS, STRENGTHS, Message, Project

BEGINNING = 200
"""Characters of a prompt in a row."""
QUOTED = 300
"""Characters of marked words that are quoted."""
SEVERITIES: Mapping[int, str] = {1: N_("minor"), 2: N_("clear"), 3: N_("severe")}
VERDICTS: Mapping[str, str] = {
    "false": N_("False"),
    "unsupported": N_("Unsupported"),
    "outdated": N_("Outdated"),
}
MEANT: Mapping[str, str] = {
    "significantly": N_("Much better"),
    "better": N_("Better"),
    "slightly": N_("Slightly better"),
    "negligibly": N_("Hardly better, or unsure"),
}
"""How much better the better of two answers is, in words."""


class Reading(NamedTuple):
    """A piece of work as its person sees it. `draft` is empty where the task was skipped."""

    piece: Piece
    project: Project
    board: Board
    draft: Draft
    zone: tzinfo

    @property
    def letters(self) -> list[str]:
        """The letters of the cards: answers that say the same stand on one, unless they were ranked apart."""
        shared = {letter for group in self._groups for letter in group[1:]}
        return [letter for letter in self.board.ids if letter not in shared]

    @property
    def _groups(self) -> list[Sequence[str]]:
        return [group for group in self.board.alike if group[0] not in self.draft.apart]

    def name(self, letter: str) -> str:
        """The name of a card: “A”, or “A · C” where two answers say the same."""
        return " · ".join(next((group for group in self._groups if group[0] == letter), [letter]))

    def ranking(self, tiers: Tiers) -> str:
        """A ranking in letters, as “A > C = D”."""
        return " > ".join(" = ".join(map(self.name, tier)) for tier in tiers)


def reading_of(piece: Piece, project: Project, zone: tzinfo) -> Reading:
    """A piece of work, ready to be read."""
    board = board_of(piece.task, piece.judgement.annotator, project.seed)
    return Reading(piece, project, board, as_drafted(piece.judgement, board) or Draft(), zone)


def row(reading: Reading) -> dict[str, Any]:
    """A row of the list. `flags` have a label, a hue and a definition each."""
    said, draft = reading.piece.judgement, reading.draft
    kinds = dict.fromkeys(fault.kind for fault in draft.flags)
    return {
        "key": said.task_id,
        "when": date(said.created_at.astimezone(reading.zone)),
        "asked": _beginning(reading.piece.task.prompt),
        "ranking": reading.ranking(draft.ranking),
        "said": _said(reading),
        "flags": [_flag_kind(reading.project, kind) for kind in kinds],
        "marks": list(_marks(reading)),
    }


def _beginning(prompt: Sequence[Message]) -> str:
    asked = next((m.content for m in reversed(prompt) if m.role == "user"), prompt[-1].content)
    return " ".join(asked[: 4 * BEGINNING].split())[:BEGINNING]


def _said(reading: Reading) -> str:
    """What was said of the answers as a whole, in words; "" where a ranking says it."""
    said = reading.piece.judgement
    if said.status == "skipped":
        return _("Skipped")
    if said.unrankable:
        return _("All are factually wrong")
    return _("None is acceptable") if said.none_acceptable else "" if said.ranking else _("Not ranked")


def _marks(reading: Reading) -> Iterator[str]:
    said = reading.piece.judgement
    if said.comment:
        yield _("Comment")
    if said.edits:
        yield _("Corrected")
    if said.reference:
        yield _("Ideal answer")
    if said.revision > 1:
        yield _("Revision {n}", n=number(said.revision))


def _flag_kind(project: Project, kind: str) -> dict[str, str]:
    """What a project calls a kind of flag; one that it no longer has goes by its short name."""
    known = next((flag for flag in project.flags if flag.kind == kind), None)
    hue = colours_of(dict.fromkeys([*(flag.kind for flag in project.flags), kind]))[kind]
    return {
        "label": _(known.label) if known else kind,
        "hue": hue,
        "definition": _(known.definition) if known and known.definition else "",
    }


def full(reading: Reading) -> str:
    """The prompt, the answers best first, and all that was said of them."""
    order = [letter for tier in reading.draft.ranking for letter in tier]
    rest = [letter for letter in reading.letters if letter not in order]
    answers = "".join(_answer(reading, letter) for letter in [*order, *rest])
    asked = _block(_("Prompt"), prompt_html(reading.piece.task.prompt, drawn), "asked-whole")
    return f'{_line(_summary(reading))}{asked}<div class="answers">{answers}</div>{"".join(_remarks(reading))}'


def _summary(reading: Reading) -> str:
    """The time it took, the reason of a skip, the other rankings: what no card says."""
    said, draft = reading.piece.judgement, reading.draft
    labels = {criterion.criterion: _(criterion.label) for criterion in reading.project.criteria}
    strength = next((MEANT[name] for name, margin in STRENGTHS.items() if margin == said.margin), "")
    parts = [
        _said(reading),
        _(SKIP_REASONS[said.skip_reason]) if said.skip_reason else "",
        reading.ranking(draft.ranking),
        _(strength) if strength else "",
        *(f"{labels.get(name, name)}: {reading.ranking(tiers)}" for name, tiers in draft.criteria.items()),
        time_said(said.seconds) if said.seconds else "",
    ]
    return " · ".join(part for part in parts if part)


def _answer(reading: Reading, letter: str) -> str:
    """One card: its letter and place, what it says, and what was said of it."""
    draft, text = reading.draft, reading.board.text(letter)
    faults = [fault for fault in draft.flags if fault.answer == letter]
    said = "".join(_fault(reading, fault, text) for fault in faults)
    edit = _block(_("Corrected"), drawn(draft.edits[letter])) if letter in draft.edits else ""
    head = (
        f'<h2>{html.escape(reading.name(letter))}</h2><span class="place">{html.escape(_place(reading, letter))}</span>'
    )
    return f'<article class="answer"><div class="top">{head}</div>{drawn(text)}{said}{edit}</article>'


def _place(reading: Reading, letter: str) -> str:
    draft = reading.draft
    rank = next((n for n, tier in enumerate(draft.ranking, 1) if letter in tier), None)
    score = draft.scores.get(letter)
    where = "" if not draft.ranking else _("Rank {rank}", rank=number(rank)) if rank else _("Not ranked")
    scored = _("Score {score}", score=number(score)) if score else ""
    return " · ".join(part for part in (where, scored) if part)


def _fault(reading: Reading, fault: MarkedFault, text: str) -> str:
    """A flag with all that belongs to it."""
    kind = _flag_kind(reading.project, fault.kind)
    topics = {topic.topic: _(topic.label) for topic in reading.project.topics}
    grades = (
        _(SEVERITIES[fault.severity]) if fault.severity else "",
        topics.get(fault.topic, fault.topic) if fault.topic else "",
        _(VERDICTS[fault.verdict]) if fault.verdict else "",
    )
    quotes = [f"“{text[span.start : span.end][:QUOTED]}”" for span in fault.spans]
    correction = [_("Correct is: {correction}", correction=fault.correction)] if fault.correction else []
    chip = f'<span class="chip-flag" style="--hue: {kind["hue"]}">{html.escape(kind["label"])}</span>'
    graded = html.escape(" · ".join(grade for grade in grades if grade))
    lines = "".join(_line(part) for part in (*quotes, fault.note, *correction) if part)
    return f'<div class="fault"><div>{chip} {graded}</div>{lines}{_links(fault)}</div>'


def _links(fault: MarkedFault) -> str:
    """The pages that show a fault; the schema lets nothing but web addresses through."""
    made: Iterable[str] = (
        f'<li><a href="{html.escape(source.url)}" target="_blank" rel="noopener noreferrer nofollow">'
        f"{html.escape(source.url)}</a></li>"
        for source in fault.sources
    )
    return f"<ul>{''.join(made)}</ul>" if fault.sources else ""


def _remarks(reading: Reading) -> Iterator[str]:
    said = reading.piece.judgement
    if said.comment:
        yield _block(_("Comment"), _line(said.comment))
    if said.reference:
        yield _block(_("Ideal answer"), drawn(said.reference))


def _block(title: str, markup: str, name: str = "") -> str:
    return f'<section class="part {name}"><div class="label">{html.escape(title)}</div>{markup}</section>'


def _line(text: str) -> str:
    return f'<p class="line" dir="auto">{html.escape(text)}</p>'
