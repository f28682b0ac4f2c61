"""Offensive words of a text, in English, Russian and Chinese, also when they are disguised.

Words mark, a flag model judges: it says how probable it is that a text offends, and a listed word shifts that a little
(`weighed`). The lists are those of LDNOOBW with what `seeds/offence.toml` adds and leaves out.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

from data.clean.lexicon import LANGUAGES, LONGEST_WORD, Entry, Lexicon, folded, lists_for
from data.clean.marks import Mark
from data.clean.sensitive import MOST_CHARACTERS

FOLDER = Path(__file__).parent
WHAT = "Offensive word"
JUDGED = "The flag model holds this for offensive"
Scorer = Callable[[str], float]
"""Says of a text how probable it is that people flag it as offensive, 0 to 1."""
LISTED_ODDS = 1.5
"""A listed word makes it so many times likelier that a text offends, its lack so many times less likely."""
_LIKE_LATIN = {
    "a": "а4@",
    "c": "с",
    "e": "е3",
    "i": "і1!",
    "k": "к",
    "l": "|",
    "o": "о0",
    "p": "р",
    "s": "5$",
    "t": "7",
    "x": "х",
    "y": "у",
}
_LIKE_CYRILLIC = {
    "а": "a@",
    "б": "6",
    "в": "b",
    "г": "r",
    "е": "e",
    "з": "3",
    "и": "u1",
    "к": "k",
    "м": "m",
    "н": "h",
    "о": "o0",
    "п": "n",
    "р": "p",
    "с": "c$",
    "т": "t",
    "у": "y",
    "х": "x",
    "ч": "4",
}
"""A letter, and the signs and letters of the other script that look like it."""


def _letters(like: Mapping[str, str]) -> dict[int, str]:
    return {ord(sign): letter for letter, signs in like.items() for sign in signs}


TO_LATIN, TO_CYRILLIC = _letters(_LIKE_LATIN), _letters(_LIKE_CYRILLIC)
_CHUNK = re.compile(r"[^\s«»“”„()\[\]{}<>,;:?…]+")
_ODD = re.compile(r"[0-9@$!|*#_.\-'’]|[a-z][Ѐ-ӿ]|[Ѐ-ӿ][a-z]|(.)\1\1", re.IGNORECASE)
_SPACED = re.compile(r"(?<!\w)(?:[^\W\d_][ .\-_*]{1,2}){2,}[^\W\d_](?!\w)")
_AGAIN, _JOINTS = re.compile(r"(.)\1{2,}"), re.compile(r"[.\-_'’ ]")
_MASK = re.compile(r"[*#]")


def offensive(text: str, language: str = "") -> tuple[Mark, ...]:
    """The offensive words of a text, in the order in which they stand; `language` is ISO 639-1, empty: not known."""
    read, lists = text[:MOST_CHARACTERS], lists_for(language, LANGUAGES)
    found = {(hit.start, hit.end) for hit in lexicon(lists).hits(read)}
    found |= set(_disguised(read, lists))
    return tuple(Mark(start, end, WHAT) for start, end in _widest(sorted(found, key=lambda one: (one[0], -one[1]))))


def offending(text: str, probability: Scorer | None = None, language: str = "") -> tuple[Mark, ...]:
    """What offends in a text: its offensive words; with a flag model only where it and the words together say so.

    A text that offends without a listed word is marked as a whole.
    """
    marks = offensive(text, language)
    if probability is None or not text:
        return marks
    return (marks or (Mark(0, len(text), JUDGED),)) if weighed(probability(text), bool(marks)) > 0.5 else ()


def weighed(probability: float, listed: bool) -> float:
    """The probability of a flag model that a text offends, 0 to 1, with what its words tell; above 0.5 it offends."""
    odds = LISTED_ODDS if listed else 1 / LISTED_ODDS
    return min(1.0, probability * odds / (probability * odds + 1 - probability))


def _widest(places: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = 0
    for start, end in places:
        if end > last:
            yield start, end
            last = end


@cache
def lexicon(languages: tuple[str, ...] = LANGUAGES, as_given: bool = False) -> Lexicon:
    """The words of these languages, ready to be found."""
    return Lexicon((Entry(word, WHAT, 1.0) for language in languages for word in words(language, as_given)), "en")


@cache
def words(language: str, as_given: bool = False) -> tuple[str, ...]:
    """The list of a language: as LDNOOBW gives it, or with what is added and left out."""
    given = (FOLDER / "ldnoobw" / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    if as_given:
        return tuple(given)
    ours = _ours()[language]
    off = set(ours["left_out"])
    return tuple(dict.fromkeys([*(word for word in given if word not in off), *ours["added"]]))


@cache
def _ours() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    made = tomllib.loads((FOLDER / "seeds" / "offence.toml").read_text(encoding="utf-8"))
    return {
        language: {
            kind: tuple(word.strip() for line in some.splitlines() for word in line.split(",") if word.strip())
            for kind, some in lists.items()
        }
        for language, lists in made.items()
    }


def _disguised(text: str, lists: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Words with digits, signs or foreign letters in place of their own, with letters repeated, hidden or apart."""
    for run in _SPACED.finditer(text):
        if len(run[0]) <= 2 * LONGEST_WORD and _is_listed(_JOINTS.sub("", run[0].replace("*", "")), lists):
            yield run.span()
    for chunk in _CHUNK.finditer(text):
        if len(chunk[0]) <= LONGEST_WORD and _ODD.search(chunk[0]) and _hides(chunk[0], lists):
            yield chunk.span()


@lru_cache(50_000)
def _hides(chunk: str, lists: tuple[str, ...]) -> bool:
    bare = chunk.strip(".-_'’!|\"").lower()
    if _MASK.search(bare.strip("*#")):
        return _is_masked(bare.strip("*#"), lists)
    joined = _JOINTS.sub("", bare)
    return any(_is_listed(once, lists) for plain in (bare, joined) for once in _spellings(plain))


def _spellings(word: str) -> Iterator[str]:
    for letters in (word, word.translate(TO_LATIN), word.translate(TO_CYRILLIC)):
        if letters.isalpha():
            yield letters
            yield _AGAIN.sub(r"\1", letters)


def _is_listed(word: str, lists: tuple[str, ...]) -> bool:
    small = folded(word)
    return any(hit.start == 0 and hit.end == len(small) for hit in lexicon(lists).hits(small))


@cache
def _openings(lists: tuple[str, ...]) -> Mapping[tuple[str, int], tuple[str, ...]]:
    """First letter and length → the words of the lists; of `ебл*` all that are up to three letters longer."""
    made: dict[tuple[str, int], set[str]] = defaultdict(set)
    for word in (word for language in lists for word in words(language)):
        bare = folded(word.strip("=*"))
        for longer in range(4) if word.endswith("*") else range(1):
            if bare.isalpha() and len(bare) + longer > 3:
                made[bare[0], len(bare) + longer].add(bare)
    return {key: tuple(sorted(some)) for key, some in made.items()}


def _is_masked(word: str, lists: tuple[str, ...]) -> bool:
    """Whether a word with `*` for some letters is one of the lists; its first letter and one more must be there."""
    if not word[0].isalpha() or len(_MASK.sub("", word)) < 2:
        return False
    return any(
        all(here in (there, "*", "#") for here, there in zip(word, listed, strict=False))
        and sum(here not in "*#" for here in word[: len(listed)]) > 1
        for listed in _openings(lists).get((folded(word[0]), len(word)), ())
    )
