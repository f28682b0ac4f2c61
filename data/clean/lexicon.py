"""Lists of words found in a text: inflected words by their stems, words of scripts without spaces wherever they stand.

`vote` stands for its inflected forms, `tax*` for whatever begins so, `=Pole` for this form alone; a word written in
capitals counts only in capitals; several words stand one after the other. Every text is read once, in time that grows
with its length.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_OTHER_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\uff66-\uff9f"
_WORD = re.compile(rf"[^\W_{HAN}{_OTHER_UNSPACED}]+")
_ONE_HAN = re.compile(f"[{HAN}]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_PATTERN = re.compile(rf"=?[^\W_{HAN}{_OTHER_UNSPACED}]+\*?")
LONGEST_WORD, GAP = 40, 3
"""Of a longer word only so much is read; words of one entry have at most so many characters between them."""
REMEMBERED = 200_000
LANGUAGES = ("en", "ru", "zh")
"""Those of the usual lists, each at home in its script."""
CYRILLIC_LANGUAGES = frozenset({"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg"})
HAN_LANGUAGES = frozenset({"zh", "ja"})
SNOWBALL: Mapping[str, str] = {
    "ar": "arabic",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "hi": "hindi",
    "it": "italian",
    "nl": "dutch",
    "pl": "polish",
    "pt": "portuguese",
    "ru": "russian",
    "tr": "turkish",
}


class Entry(NamedTuple):
    """A line of a list: what it tells of, how much it weighs; a weight of 0 says that these words are not meant.

    Entries of one `kind` count as one word; without a kind each counts by itself.
    """

    text: str
    what: str
    weight: float
    kind: str = ""


class Hit(NamedTuple):
    """An entry found in a text, in code points from `start` up to and without `end`; `key` is equal for equal words."""

    start: int
    end: int
    what: str
    weight: float
    key: str


class Token(NamedTuple):
    """A word of a text, from character `start` on, as it is written."""

    start: int
    text: str


class Found(NamedTuple):
    """What follows the first word of an entry, and what the entry says."""

    rest: tuple[str, ...]
    key: str
    what: str
    weight: float


def words_of(text: str) -> list[Token]:
    """The words of a text, those of scripts without spaces left out."""
    return [Token(found.start(), found[0]) for found in _WORD.finditer(text)]


@lru_cache(REMEMBERED)
def folded(word: str) -> str:
    """A word in small letters, in one form of Unicode, with е for ё, cut after `LONGEST_WORD` characters."""
    return unicodedata.normalize("NFKC", word[:LONGEST_WORD]).casefold().replace("ё", "е")


@lru_cache(REMEMBERED)
def stem(word: str, language: str) -> str:
    """The stem of a folded word; of a Cyrillic one by the rules of Russian where the language has other letters."""
    home = "ru" if _CYRILLIC.match(word) and language not in CYRILLIC_LANGUAGES else language
    return str(_stemmer(home).stemWord(word)) if home in SNOWBALL else word


@lru_cache(32)
def _stemmer(language: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(SNOWBALL[language])


def lists_for(language: str, known: Collection[str]) -> tuple[str, ...]:
    """Which of the known lists a text in a language is read by: its own in its script, the usual ones in other scripts.

    A text whose language is not known is read by the usual ones alone.
    """
    home = "ru" if language in CYRILLIC_LANGUAGES else "zh" if language in HAN_LANGUAGES else "en" if language else ""
    own = {language} if language in known else set()
    return tuple(sorted({*(code for code in LANGUAGES if code != home), *own}))


class Lexicon:
    """Entries made ready for texts in one language; `hits` finds them."""

    def __init__(self, entries: Iterable[Entry], language: str) -> None:
        self._language = language
        self._starts: dict[str, list[Found]] = defaultdict(list)
        self._han: dict[str, dict[str, Found]] = defaultdict(dict)
        self._known: dict[str, tuple[str, ...]] = {}
        for entry in entries:
            self._add(entry)
        self._units = frozenset(unit for first, some in self._starts.items() for unit in (first, *_rests(some)))
        self._prefixes = tuple(sorted({len(unit) - 1 for unit in self._units if unit[0] == "*"}))
        self._anywhere = [(_anywhere(some), some) for some in self._han.values()]

    def _add(self, entry: Entry) -> None:
        if _ONE_HAN.search(entry.text):
            found = Found((), entry.kind or entry.text, entry.what, entry.weight)
            known = self._han[entry.what].setdefault(entry.text, found)
            if known.weight and (not found.weight or found.weight > known.weight):
                self._han[entry.what][entry.text] = found
            return
        units = tuple(self._unit(word) for word in _PATTERN.findall(entry.text))
        if units:
            self._starts[units[0]].append(Found(units[1:], entry.kind or " ".join(units), entry.what, entry.weight))

    def _unit(self, pattern: str) -> str:
        if pattern.endswith("*"):
            return "*" + folded(pattern[:-1])
        if pattern.startswith("="):
            return "=" + folded(pattern[1:])
        if len(pattern) > 1 and pattern.isupper():
            return "^" + pattern
        return "~" + stem(folded(pattern), self._language)

    def units(self, word: str) -> tuple[str, ...]:
        """The parts of entries that this word is; each different word is looked up once."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[word] = tuple(unit for unit in self._forms(word) if unit in self._units)
        return known

    def _forms(self, word: str) -> Iterator[str]:
        small = folded(word)
        yield "~" + stem(small, self._language)
        yield "=" + small
        yield "^" + word[:LONGEST_WORD]
        for length in self._prefixes:
            if length <= len(small):
                yield "*" + small[:length]

    def hits(self, text: str) -> list[Hit]:
        """Every entry that stands in the text, in the order of their places."""
        return sorted([*self._spaced(text), *self._unspaced(text)])

    def _unspaced(self, text: str) -> Iterator[Hit]:
        for pattern, entries in self._anywhere if _ONE_HAN.search(text) else ():
            for place in pattern.finditer(text):
                found = entries[place[0]]
                yield Hit(place.start(), place.end(), found.what, found.weight, found.key)

    def _spaced(self, text: str) -> Iterator[Hit]:
        if not self._starts:
            return
        tokens = words_of(text)
        for at, token in enumerate(tokens):
            for unit in self.units(token.text):
                for found in self._starts.get(unit, ()):
                    if not found.rest or self._goes_on(tokens, at, found.rest):
                        last = tokens[at + len(found.rest)]
                        yield Hit(token.start, last.start + len(last.text), found.what, found.weight, found.key)

    def _goes_on(self, tokens: list[Token], at: int, rest: tuple[str, ...]) -> bool:
        if at + len(rest) >= len(tokens):
            return False
        after = tokens[at : at + len(rest) + 1]
        for before, token, unit in zip(after, after[1:], rest, strict=False):
            if token.start - before.start - len(before.text) > GAP or unit not in self.units(token.text):
                return False
        return True


def _rests(some: Iterable[Found]) -> Iterator[str]:
    for found in some:
        yield from found.rest


def _anywhere(entries: Iterable[str]) -> re.Pattern[str]:
    """All entries as one pattern, the longest first, gathered by their first character."""
    ends: dict[str, list[str]] = defaultdict(list)
    for entry in sorted(entries, key=lambda one: (-len(one), one)):
        ends[entry[0]].append(re.escape(entry[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(some)})" for first, some in ends.items()))
