"""What is looked for before anything is handed over: what is wrong with which rows, and what is done about it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from tokenizers import Tokenizer

from data.clean.personal import masked, personal
from data.errors import InputError, Sentence
from data.export.parts import answers_of, texts, texts_changed, two_sides
from data.export.rows import Choice, Judged, Rows
from data.export.split import side_of
from data.schemas import PreferencePair, prompt_group

SHOWN = 1_000
"""Rows of a problem that are remembered by their number."""


class Check(NamedTuple):
    """One thing that is looked for: what is wrong with a row, and whether that leaves it out."""

    says: str
    drops: bool


CHECKS: Mapping[str, Check] = {
    "schema": Check("does not fit the columns of the format", True),
    "empty": Check("has an empty answer", True),
    "equal": Check("has the same answer on both sides", True),
    "leak": Check("is on the test side, and its prompt is on the train side too", True),
    "long": Check("is longer than the most tokens that were chosen", True),
    "personal": Check("holds personal data: an address, or the number of a person, a card or a document", False),
    "turned": Check("is contradicted: the same two answers stand the other way round as well", False),
    "flagged": Check("prefers an answer that somebody flagged", False),
}
"""What is looked for. A row is left out for the first of those that drop it, and counted under what that says."""
DROPPED, MASKED, KEPT = "left out", "masked", "kept, and said in the card"
"""What is done about a problem."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with `n` rows, what is done, and the numbers (from 0, as the rows come) of the first 1,000."""

    check: str
    n: int
    does: str
    rows: tuple[int, ...]

    @property
    def says(self) -> str:
        """What is wrong with each of them."""
        return CHECKS[self.check].says


class Preflight(NamedTuple):
    """The rows that go out, and the problems of all that could have gone out, in the order of `CHECKS`."""

    rows: Rows
    problems: tuple[Problem, ...]


def preflight(judged: Judged, choice: Choice, rows: Rows) -> Preflight:
    """Look through every row; those that cannot be handed over are left out, and counted so."""
    finds, found = _finds(judged, choice, rows.columns), defaultdict[str, list[int]](list)
    counts, dropped_for = Counter[str](), dict[int, str]()
    for n, (group, row) in enumerate(rows.each()):
        for name in _faults(finds, _Seen(n, group, row)):
            counts[name] += 1
            if CHECKS[name].drops:
                dropped_for[n] = name
            if counts[name] <= SHOWN:
                found[name].append(n)
    problems = [Problem(name, counts[name], _does(name, choice), tuple(found[name])) for name in CHECKS if counts[name]]
    return Preflight(_without(rows, dropped_for, choice), tuple(problems))


def _does(name: str, choice: Choice) -> str:
    if name == "personal" and choice.mask:
        return MASKED
    return DROPPED if CHECKS[name].drops else KEPT


class _Seen(NamedTuple):
    """A row as it is looked at: its number, its prompt group, its values."""

    n: int
    group: str
    values: Mapping[str, Any]


Find = Callable[[_Seen], bool]


def _faults(finds: Mapping[str, Find], row: _Seen) -> Iterator[str]:
    """What is wrong with a row; once something leaves it out, nothing more is looked for."""
    for name, is_so in finds.items():
        if is_so(row):
            yield name
            if CHECKS[name].drops:
                return


def _without(rows: Rows, dropped_for: Mapping[int, str], choice: Choice) -> Rows:
    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for n, (group, row) in enumerate(rows.each()):
            if n not in dropped_for:
                yield group, texts_changed(row, masked) if choice.mask else row

    left_out = Counter(rows.left_out) + Counter(CHECKS[name].says for name in dropped_for.values())
    return rows._replace(each=each, n=rows.n - len(dropped_for), left_out=dict(left_out))


def _finds(judged: Judged, choice: Choice, columns: pa.Schema) -> dict[str, Find]:
    """How each check is made on the rows of this export, in the order of `CHECKS`."""
    leaky, kept = groups_on_both_sides(judged, choice.test_share), [pair for pair in judged.pairs if not pair.tie]
    is_pairs = {"chosen", "preferred_output"} & set(columns.names)
    turned, flagged = (_turned(kept), _flagged(judged, kept)) if is_pairs else (set[int](), set[int]())
    finds: dict[str, Find] = {
        "schema": lambda row: not _fits(row.values, columns),
        "empty": lambda row: any(not text.strip() for text in answers_of(row.values)),
        "equal": lambda row: (two := two_sides(row.values)) is not None and two[0] == two[1],
        "leak": lambda row: row.group in leaky,
        **({"long": _is_longer(choice)} if choice.most_tokens else {}),
        "personal": lambda row: any(any(True for _ in personal(text)) for text in texts(row.values)),
        "turned": lambda row: row.n in turned,
        "flagged": lambda row: row.n in flagged,
    }
    return finds


def _fits(row: Mapping[str, Any], columns: pa.Schema) -> bool:
    try:
        pa.RecordBatch.from_pylist([dict(row)], schema=columns)
    except (pa.ArrowException, TypeError, ValueError):
        return False
    return row.keys() == set(columns.names)


def groups_on_both_sides(judged: Judged, test_share: float) -> set[str]:
    """Groups of the test side whose prompts open as some prompt of the train side does."""
    sides: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for task_id in dict.fromkeys(j.task_id for j in judged.judgements):
        task = judged.tasks[task_id]
        sides[prompt_group(task.prompt)][task.group] = side_of(task.group, test_share)
    mixed = (by_group for by_group in sides.values() if len(set(by_group.values())) > 1)
    return {group for by_group in mixed for group, side in by_group.items() if side == "test"}


def _turned(kept: Sequence[PreferencePair]) -> set[int]:
    """The numbers of pairs whose two answers stand the other way round in another pair of the same prompt."""
    ways = {(pair.prompt, pair.chosen, pair.rejected) for pair in kept}
    return {n for n, pair in enumerate(kept) if (pair.prompt, pair.rejected, pair.chosen) in ways}


def _flagged(judged: Judged, kept: Sequence[PreferencePair]) -> set[int]:
    """The numbers of pairs whose better answer somebody flagged."""
    flagged = {(j.task_id, flag.response_id) for j in judged.judgements for flag in j.flags}
    return {n for n, pair in enumerate(kept) if (pair.task_id, pair.chosen_id) in flagged}


def _is_longer(choice: Choice) -> Find:
    count = tokens_by(choice.tokenizer)
    return lambda row: sum(map(count, texts(row.values))) > choice.most_tokens


@lru_cache(maxsize=4)
def tokens_by(name: str) -> Callable[[str], int]:
    """How many tokens a text has, by a tokenizer: a `tokenizer.json`, its folder, or a name on the Hub.

    InputError when there is none of that name.
    """
    path = Path(name) / "tokenizer.json" if Path(name).is_dir() else Path(name)
    try:
        found = Tokenizer.from_file(str(path)) if path.is_file() else Tokenizer.from_pretrained(name)
    except Exception as error:  # the library raises no narrower one
        unknown = Sentence("There is no tokenizer “{name}”; name a tokenizer.json or its folder.")
        raise InputError(unknown, name=name[:200]) from error
    return lambda text: len(found.encode(text).ids)
