"""A project's glossary: where a wrong term stands, whole or inflected, and the right one in the form that fits."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import snowballstemmer

from data.clean.marks import Mark
from data.clean.prose import prose
from data.schemas import Term

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_DENSE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_STEMMERS = {name: snowballstemmer.stemmer(name) for name in ("english", "russian")}
_HARD, _PLURAL = "рнтдлмвбпсз", re.compile(r"[^sxz](?<![sc]h)(?<![^aeiou]y)(?<!f)(?<!fe)(?<!o)")
"""Endings of Russian nouns that inflect in one way; English nouns whose plural only takes an s."""


class _Entry(NamedTuple):
    """A term, ready to be looked for: its words' stems, and its letters."""

    term: Term
    stems: tuple[str, ...]
    wrong: str
    by_case: bool
    """The two differ in nothing but case, so only the wrong case is wrong."""


class Glossary(NamedTuple):
    """Terms of words by the stem of the first, longest first; others (signs, scripts without spaces) by their text."""

    by_stem: Mapping[str, Sequence[_Entry]]
    by_text: Mapping[str, _Entry]
    lengths: Mapping[str, Sequence[int]]
    """First letter → the lengths that occur in `by_text`, longest first."""


@lru_cache(maxsize=64)
def glossary(terms: tuple[Term, ...], language: str = "") -> Glossary:
    """The terms that hold in this language (empty: it is not known, so all of them), ready to be looked for."""
    here = [term for term in terms if term.wrong != term.right and language in ("", term.language or language)]
    entries = sorted(map(_entry, here), key=lambda entry: -len(entry.wrong))
    by_stem: dict[str, list[_Entry]] = defaultdict(list)
    lengths: dict[str, dict[int, None]] = defaultdict(dict)
    for entry in entries:
        if entry.stems:
            by_stem[entry.stems[0]].append(entry)
        else:
            lengths[entry.wrong[0].casefold()][len(entry.wrong)] = None
    by_text = {entry.wrong.casefold(): entry for entry in reversed(entries) if not entry.stems}
    return Glossary(dict(by_stem), by_text, {letter: tuple(found) for letter, found in lengths.items()})


def corrections(text: str, known: Glossary) -> Iterator[Mark]:
    """Wrong terms in a text, in order, outside code and addresses; the longest where several begin.

    A form that only shares its stem with the wrong term is corrected where the right one inflects alike, and pointed
    out where it may not.
    """
    end = 0
    shown = prose(text)
    for mark in sorted([*_by_words(shown, known), *_by_letters(shown, known)], key=lambda one: (one.start, -one.end)):
        if mark.start >= end:
            yield mark
            end = mark.end


def _entry(term: Term) -> _Entry:
    wrong = term.wrong.strip()
    words = _WORD.findall(wrong)
    plain = " ".join(words) == wrong and not _DENSE.search(wrong)
    stems = tuple(stem(word) for word in words) if plain else ()
    return _Entry(term, stems, wrong, wrong.casefold() == term.right.strip().casefold())


def stem(word: str) -> str:
    """What the forms of a word share, by the Snowball stemmer of its script."""
    return _stem(word.casefold())


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return str(_STEMMERS["russian" if _CYRILLIC.search(word) else "english"].stemWord(word[:60]))


def _by_words(text: str, known: Glossary) -> Iterator[Mark]:
    if not known.by_stem:
        return
    words = list(_WORD.finditer(text))
    stems = [stem(word[0]) for word in words]
    for n, first in enumerate(stems):
        for entry in known.by_stem.get(first, ()):
            here = words[n : n + len(entry.stems)]
            if tuple(stems[n : n + len(here)]) == entry.stems and _is_one(text, here):
                if mark := _mark(text, here[0].start(), here[-1].end(), entry):
                    yield mark
                break


def _is_one(text: str, words: Sequence[re.Match[str]]) -> bool:
    """Whether nothing but white space stands between the words."""
    return all(not text[one.end() : other.start()].strip() for one, other in pairwise(words))


def _by_letters(text: str, known: Glossary) -> Iterator[Mark]:
    if not known.lengths:
        return
    letters = re.compile(f"[{re.escape(''.join(known.lengths))}]", re.IGNORECASE)
    for at in letters.finditer(text):
        for length in known.lengths.get(at[0].casefold(), ()):
            start, end = at.start(), at.start() + length
            entry = known.by_text.get(text[start:end].casefold())
            if entry and _stands_alone(text, start, end, entry):
                if mark := _mark(text, start, end, entry):
                    yield mark
                break


def _stands_alone(text: str, start: int, end: int, entry: _Entry) -> bool:
    """Whether no letter continues a term of letters that spaces would set apart."""
    before = start and _WORD.match(entry.wrong[0]) and not _DENSE.match(entry.wrong[0]) and _WORD.match(text[start - 1])
    after = _WORD.match(entry.wrong[-1]) and not _DENSE.match(entry.wrong[-1]) and _WORD.match(text[end : end + 1])
    return not before and not after


def _mark(text: str, start: int, end: int, entry: _Entry) -> Mark | None:
    here, right = " ".join(text[start:end].split()), entry.term.right.strip()
    if entry.by_case:
        return Mark(start, end, _what(entry), right) if here == entry.wrong else None
    if _is_within(text, start, end, entry):
        return None
    instead = right if here.casefold() == entry.wrong.casefold() else _inflected(here, entry.wrong, right)
    return Mark(start, end, _what(entry), instead and _in_case_of(here, entry.wrong, instead))


def _what(entry: _Entry) -> str:
    return f"The glossary says “{entry.term.right.strip()}”, not “{entry.wrong}”"


def _is_within(text: str, start: int, end: int, entry: _Entry) -> bool:
    """Whether the place is part of the right term already."""
    right = entry.term.right.strip().casefold()
    at = right.find(entry.wrong.casefold())
    return at >= 0 and text[max(0, start - at) : end - len(entry.wrong) - at + len(right)].casefold() == right


def _inflected(here: str, wrong: str, right: str) -> str | None:
    """The right term in the form in which the wrong one stands, where both take the same ending; else None."""
    ending = here.casefold().removeprefix(wrong.casefold())
    if not here.casefold().startswith(wrong.casefold()) or not ending.isalpha():
        return None
    if _CYRILLIC.search(wrong):
        return right + ending if wrong[-1] in _HARD and right[-1] in _HARD else None
    return right + ending if ending == "s" and _PLURAL.search(right, len(right) - 1) else None


def _in_case_of(here: str, wrong: str, right: str) -> str:
    """The right term with capitals where the text has them and the glossary does not."""
    if right != right.lower() or here == wrong:
        return right
    if len(here) > 1 and here.isupper():
        return right.upper()
    return right[:1].upper() + right[1:] if here[:1].isupper() else right
