"""What the board in the browser sends, checked field by field and turned into a judgement, and back into a draft."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from app.alike import alike
from data.errors import InputError, checked
from data.schemas import (
    MAX_CRITERIA,
    MAX_SOURCES,
    MAX_SPANS,
    MAX_TEXT,
    MAX_URL,
    STRENGTHS,
    Flag,
    Judgement,
    Name,
    Note,
    Project,
    Ranking,
    Schema,
    Span,
    Task,
    Text,
    check_asked,
)
from rankers.assignment import shown_order

LETTERS = "ABCDEFGHI"
"""The names of the answers on the screen, in the order in which they are shown."""
DAY = 86_400.0
Letter = Annotated[str, Field(pattern="^[A-I]$")]
Letters = Annotated[tuple[Letter, ...], Field(max_length=len(LETTERS))]
Tiers = Annotated[tuple[Letters, ...], Field(max_length=len(LETTERS))]


class WrittenLink(Schema):
    """A link as it is being written; whether it is a web address is asked when the judgement is made."""

    url: Annotated[str, Field(max_length=MAX_URL)]
    kind: Literal["primary", "secondary"]


class MarkedFault(Schema):
    """A flag as the board sends it: the letter of the answer instead of its id."""

    answer: Letter
    kind: Name
    note: Note = ""
    spans: Annotated[tuple[Span, ...], Field(max_length=MAX_SPANS)] = ()
    severity: int | None = None
    topic: str | None = None
    verdict: str | None = None
    correction: Note = ""
    sources: Annotated[tuple[WrittenLink, ...], Field(max_length=MAX_SOURCES)] = ()


class Draft(Schema):
    """All that the board holds of one task. Letters stand for answers.

    Answers that say the same are shown as one, under the first letter, and what is said of it holds for all of them;
    `apart` lists the first letters of those that the annotator has separated. `changed` is when (ms, the
    server's clock).
    """

    ranking: Tiers = ()
    criteria: Annotated[Mapping[Name, Tiers], Field(max_length=MAX_CRITERIA)] = {}
    scores: Mapping[Letter, int] = {}
    strength: str | None = None
    none_acceptable: Annotated[bool, Field(strict=True)] = False
    unrankable: Annotated[bool, Field(strict=True)] = False
    flags: Annotated[tuple[MarkedFault, ...], Field(max_length=200)] = ()
    comment: Note = ""
    edits: Mapping[Letter, Text] = {}
    reference: Annotated[str, Field(max_length=MAX_TEXT)] = ""
    apart: Letters = ()
    changed: Annotated[int, Field(ge=0, le=10**15)] = 0


class Sent(Schema):
    """One message of the board. `number` is its own; `revision` is the one that it was made on top of.

    An `undo` names the task and the revision that it takes back, so that one that arrives twice undoes once.
    `insists`: the annotator went on while an earlier message on the same was on its way; this one replaces that.
    """

    kind: Literal["judge", "skip", "undo"]
    number: Annotated[str, Field(min_length=1, max_length=100)]
    task: Name | None
    revision: Annotated[int, Field(strict=True, ge=0)]
    seconds: Annotated[float, Field(ge=0)] = 0.0
    draft: Draft = Draft()
    reason: str | None = None
    insists: Annotated[bool, Field(strict=True)] = False


class Board(NamedTuple):
    """A task as one annotator sees it: letter → response id in the shown order, and the letters that say the same."""

    task: Task
    ids: Mapping[str, str]
    alike: Sequence[Sequence[str]]

    @property
    def names(self) -> Mapping[str, str]:
        """Response id → letter."""
        return {response: letter for letter, response in self.ids.items()}

    def text(self, letter: str) -> str:
        """The text of the answer under this letter."""
        return self.task.response(self.ids[letter]).text


def board_of(task: Task, annotator: str, seed: int) -> Board:
    """The board of this annotator for a task."""
    order = shown_order(task, annotator, seed)
    ids = dict(zip(LETTERS, order, strict=False))
    groups = alike([task.response(i).text for i in order])
    return Board(task, ids, [[LETTERS[n] for n in group] for group in groups])


def judgement_of(sent: Sent, board: Board, project: Project, annotator: str) -> Judgement:
    """The judgement that a message means; InputError when it is none."""
    draft, skipped = sent.draft, sent.kind == "skip"
    said: dict[str, Any] = (
        {"comment": draft.comment.strip(), "skip_reason": sent.reason} if skipped else _said(draft, board)
    )
    made = checked(
        Judgement,
        {
            "task_id": board.task.id,
            "annotator": annotator,
            "status": "skipped" if skipped else "submitted",
            "shown_order": tuple(board.ids.values()),
            "seconds": min(sent.seconds, DAY),
            "idempotency_key": sent.number,
        }
        | said,
    )
    check_asked(made, project)
    return made


def _said(draft: Draft, board: Board) -> dict[str, Any]:
    """What a draft says, by response ids."""
    shared = _sharing(board, draft.apart)
    return {
        "ranking": _tiers(draft.ranking, board, shared),
        "criteria": {name: _tiers(tiers, board, shared) for name, tiers in draft.criteria.items() if tiers},
        "scores": {_response(board, one): score for letter, score in draft.scores.items() for one in shared(letter)},
        "margin": _margin(draft, board),
        "none_acceptable": draft.none_acceptable,
        "unrankable": draft.unrankable,
        "flags": [_flag(board, fault, one) for fault in draft.flags for one in shared(fault.answer)],
        "edits": [{"response_id": _response(board, letter), "text": text} for letter, text in draft.edits.items()],
        "reference": draft.reference if draft.reference.strip() else "",
        "comment": draft.comment.strip(),
    }


def _sharing(board: Board, apart: Iterable[str]) -> Any:
    groups = {group[0]: group for group in board.alike if group[0] not in set(apart)}
    return lambda letter: groups.get(letter, [letter])


def _tiers(tiers: Tiers, board: Board, shared: Any) -> list[list[str]]:
    return [[_response(board, one) for letter in tier for one in shared(letter)] for tier in tiers]


def _margin(draft: Draft, board: Board) -> float | None:
    """The strength of a preference between two; a tie has none."""
    if draft.strength is None or len(board.ids) != 2 or [len(tier) for tier in draft.ranking] != [1, 1]:
        return None
    if draft.strength not in STRENGTHS:
        raise InputError("This strength of preference is not known here; reload the page and judge again.")
    return STRENGTHS[draft.strength]


def _response(board: Board, letter: str) -> str:
    if letter not in board.ids:
        raise InputError("This task has no answer of that letter; reload the page and judge again.")
    return board.ids[letter]


def _flag(board: Board, fault: MarkedFault, letter: str) -> dict[str, Any]:
    """The flag for one answer; marked words hold only for the text in which they were marked."""
    response = _response(board, letter)
    same = board.text(letter) == board.text(fault.answer)
    said = {"note": fault.note.strip(), "correction": fault.correction.strip(), "sources": list(_links(fault.sources))}
    return fault.model_dump(exclude={"answer"}) | said | {"response_id": response, "spans": fault.spans if same else ()}


def _links(written: Iterable[WrittenLink]) -> Iterator[dict[str, str]]:
    """The links less those that have not been written."""
    return ({"url": link.url.strip(), "kind": link.kind} for link in written if link.url.strip())


def as_drafted(judgement: Judgement | None, board: Board) -> Draft | None:
    """What was said before as a draft, to fill the board again; None where nothing was said."""
    if judgement is None or judgement.status == "skipped":
        return None
    apart = [group[0] for group in board.alike if not _is_one(judgement, [board.ids[letter] for letter in group])]
    hidden = {letter for group in board.alike if group[0] not in apart for letter in group[1:]}
    names = {i: letter for i, letter in board.names.items() if letter not in hidden}
    return Draft(
        ranking=_letters(judgement.ranking, names),
        criteria={name: _letters(tiers, names) for name, tiers in judgement.criteria.items()},
        scores={names[i]: score for i, score in judgement.scores.items() if i in names},
        strength=next((name for name, margin in STRENGTHS.items() if margin == judgement.margin), None),
        none_acceptable=judgement.none_acceptable,
        unrankable=judgement.unrankable,
        flags=tuple(_fault(flag, names) for flag in judgement.flags if flag.response_id in names),
        comment=judgement.comment,
        edits={names[edit.response_id]: edit.text for edit in judgement.edits if edit.response_id in names},
        reference=judgement.reference,
        apart=tuple(apart),
    )


def _is_one(judgement: Judgement, group: Sequence[str]) -> bool:
    """Whether a judgement says the same of all these responses."""
    rankings = [judgement.ranking, *judgement.criteria.values()]
    places = [[next((n for n, tier in enumerate(r) if i in tier), None) for i in group] for r in rankings]
    kinds = [{flag.kind for flag in judgement.flags if flag.response_id == i} for i in group]
    edited = {edit.response_id for edit in judgement.edits} & set(group[1:])
    return all(len(set(row)) == 1 for row in places) and all(k == kinds[0] for k in kinds) and not edited


def _letters(tiers: Ranking, names: Mapping[str, str]) -> Tiers:
    named = (tuple(names[i] for i in tier if i in names) for tier in tiers)
    return tuple(tier for tier in named if tier)


def _fault(flag: Flag, names: Mapping[str, str]) -> MarkedFault:
    return MarkedFault(answer=names[flag.response_id], **flag.model_dump(exclude={"response_id"}))
