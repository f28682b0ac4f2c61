"""What people answered in an annotation tool, as judgements: rankings, choices, ratings, labels, texts.

A question is known by its name and by the answer. An order of responses, or the choice of one of two, is a ranking; the
first such question is the overall one, the others are criteria. Numbers that are about single responses are ratings:
they rank too, and they are scores where they go from 1 to 7. Labels about a response are flags. All else is kept in the
comment.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from data.errors import Sentence, checked
from data.intake.content import imported, tiers
from data.intake.values import is_missing, listed_in
from data.schemas import MAX_CRITERIA, MAX_NOTE, Flag, Judgement, Ranking, Task, fingerprint

TIES = {"tie", "equal", "same", "draw", "no preference", "equally good", "both good"}
NONE_GOOD = {"both bad", "both_bad", "bothbad", "all bad", "none acceptable"}
_SIDES: Mapping[str, int] = {
    "left": 0, "a": 0, "1": 0, "first": 0, "response 1": 0, "response a": 0,
    "right": 1, "b": 1, "2": 1, "second": 1, "response 2": 1, "response b": 1,
}  # fmt: skip
QUIET = {"no", "none", "ok", "okay", "fine", "clean", "false", "0", "good", "acceptable", "n/a", ""}
_YES = {"yes", "true", "1", "on"}
_KINDS: Mapping[str, str] = {
    "toxicity": "toxic", "hate": "hate-speech", "pii": "personal-data", "hallucination": "unfactual",
    "incorrect": "unfactual", "inaccurate": "unfactual", "factual-error": "unfactual", "irrelevant": "off-task",
}  # fmt: skip
"""What others call a fault → our name of it."""


@dataclass
class Said:
    """What one person said of one task, as it is put together. `names` maps what a response is called to its id."""

    names: Mapping[str, str]
    ids: Sequence[str]
    rankings: dict[str, Ranking] = field(default_factory=dict)
    ratings: dict[str, dict[str, float]] = field(default_factory=dict)
    flags: dict[tuple[str, str], Flag] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    none_acceptable: bool = False
    margin: float | None = None

    def take(self, question: str, value: Any, about: str = "") -> None:
        """Take in an answer; `about` is what else names the response that it is about."""
        if is_missing(value) or value in ("", [], {}):
            return
        ranking = self._order(value)
        target = self._target(question) or self._target(about)
        if ranking is not None:
            self.rankings.setdefault(question, ranking)
        elif target and (rating := _number(value)) is not None:
            self.ratings.setdefault(self._aspect(question), {})[target] = rating
        elif not target and self._choice(question, value):
            return
        elif target and (labels := _labels(value)):
            for one in labels:
                self._flag(target, question, one)
        else:
            self.notes.append(f"{question}: {_plain(value)}")

    def scale(self, question: str, value: Any) -> None:
        """Take in a place between the first response (below 0) and the second (above 0)."""
        found = _number(value)
        if found is None or len(self.ids) != 2:
            self.take(question, value)
            return
        places = [(self.ids[0], found), (self.ids[1], -found)]
        self.rankings.setdefault(question, tiers(places) if found else (tuple(sorted(self.ids)),))
        self.margin = abs(found) or None

    def judgement(self, task: Task, who: str, **more: Any) -> Judgement | None:
        """The judgement; None where nothing was said that is one."""
        orders = dict(self.rankings)
        for aspect, ratings in self.ratings.items():
            if len(ratings) > 1:
                orders.setdefault(aspect, tiers((name, -rating) for name, rating in ratings.items()))
        overall = next(iter(orders), None)
        ranking = orders.pop(overall) if overall is not None else ()
        criteria = {slug(name): order for name, order in list(orders.items())[:MAX_CRITERIA]}
        if not (ranking or self.flags or self.none_acceptable):
            return None
        said = {"none_acceptable": self.none_acceptable, "criteria": criteria, "flags": tuple(self.flags.values())}
        margin = self.margin if len(task.responses) == 2 else None
        comment = "\n".join(self.notes)[:MAX_NOTE].replace("\x00", "")
        return imported(task, who, ranking, scores=self._scores(), comment=comment, margin=margin, **said, **more)

    def _scores(self) -> dict[str, int]:
        first = next(iter(self.ratings.values()), {})
        return {name: int(rating) for name, rating in first.items() if rating in range(1, 8)}

    def _order(self, value: Any) -> Ranking | None:
        """The ranking that an answer is: an order of names, names with ranks, or a list of names for each tier."""
        if isinstance(value, Mapping) and isinstance(value.get("rank"), list) and isinstance(value.get("value"), list):
            value = [{"value": v, "rank": r} for v, r in zip(value["value"], value["rank"], strict=False)]
        if isinstance(value, Mapping) and value and all(isinstance(tier, list) for tier in value.values()):
            value = [{"value": one, "rank": n} for n, tier in enumerate(value.values()) for one in tier]
        items = listed_in(value) or []
        placed = [(_named(one), _place(one, n)) for n, one in enumerate(items)]
        found = [(self.names.get(name) or self._target(name), place) for name, place in placed]
        known = [(name, place) for name, place in found if name]
        return tiers(known) if len(dict(known)) > 1 and len(known) == len(placed) else None

    def _choice(self, question: str, value: Any) -> bool:
        """Whether an answer chooses one of the responses, or none; if so, it is taken in."""
        chosen = value[0] if isinstance(value, list) and len(value) == 1 else value
        if not isinstance(chosen, str):
            return False
        word = chosen.strip().lower()
        side = _SIDES.get(word.replace("_", " ").replace("-", " ").removesuffix(" is better"))
        best = self.names.get(chosen) or (self.ids[side] if side is not None and len(self.ids) == 2 else None)
        if best:
            rest = tuple(sorted(set(self.ids) - {best}))
            self.rankings.setdefault(question, ((best,), rest))
        elif word in NONE_GOOD:
            self.none_acceptable = True
        elif word in TIES and len(self.ids) == 2:
            self.rankings.setdefault(question, (tuple(sorted(set(self.ids))),))
        else:
            return False
        return True

    def _target(self, question: str) -> str | None:
        """The response that a question is about: named in it, or by the number or letter at its end."""
        plain = _words(question)
        for name in sorted(self.names, key=len, reverse=True):
            if f" {_words(name)} " in f" {plain} ":
                return self.names[name]
        found = re.search(r"(?:^|[ a-z])([1-9]|(?<= )[a-i])$", plain)
        place = "123456789".find(found[1]) if found else -1
        place = "abcdefghi".find(found[1]) if found and place < 0 else place
        return self.ids[place] if 0 <= place < len(self.ids) else None

    def _aspect(self, question: str) -> str:
        """What a rating is of: its question without the response."""
        plain = f" {_words(question)} "
        for name in sorted(self.names, key=len, reverse=True):
            plain = plain.replace(f" {_words(name)} ", " ")
        return re.sub(r"\s*([1-9]|(?<= )[a-i])\s*$", "", plain.strip()).strip() or "rating"

    def _flag(self, response: str, question: str, said: str) -> None:
        word = said.strip().lower()
        if word in QUIET or word.startswith(("not ", "not_", "not-")):
            return
        name = self._aspect(question) if word in _YES else said
        kind = slug(name)
        kind = _KINDS.get(kind, kind)
        note = "" if _words(name).replace(" ", "-") == kind else name[:200]
        self.flags.setdefault(
            (response, kind), checked(Flag, {"response_id": response, "kind": kind, "note": note}, Sentence("a flag"))
        )


def slug(text: str) -> str:
    """A short name for a label: its letters a–z and digits; one made of its fingerprint where it has none."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    if not plain:
        return f"label-{fingerprint([text])[:8]}"
    return plain if plain[0].isalpha() else f"label-{plain}"[:40]


def _words(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def _named(one: Any) -> str:
    return str(one.get("value", one.get("id"))) if isinstance(one, Mapping) else str(one)


def _place(one: Any, n: int) -> float:
    rank = _number(one.get("rank")) if isinstance(one, Mapping) else None
    return float(n) if rank is None else rank


def _number(value: Any) -> float | None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return float(value)
    return float(value) if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,6}(\.\d{1,6})?\s*", value) else None


def _labels(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    items: Iterable[Any] = value if isinstance(value, list) else [value]
    return [one for one in items if isinstance(one, str) and len(one) <= 200]


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
