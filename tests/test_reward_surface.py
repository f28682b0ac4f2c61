"""What is counted in many responses at once is what reading them one by one would count, however hostile they are."""

import re
from collections.abc import Callable, Mapping
from math import log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reward_model import surface
from reward_model.cuts import readable
from reward_model.surface import SURFACE, surface_rows
from reward_model.words import spaced_words, tokens

HOSTILE = (
    "",
    " ",
    " \n\u2028\t ",
    "\n\n",
    "\nabc\n",
    ".",
    "...",
    "\x00a\x00. b",
    "今天天气，很好。真的！！\n\n今天？",
    "مرحبا بالعالم، كيف؟ نعم.",
    "हिन्दी में। Ça va… ŉ ß İ Ⅳ½² é e\u0301",
    "🙂 :) ;-D \ud800 Hi\udfff",
    "Wait...Ok!?? «so».no I'm SORRY; i.e. i, _i_ Nooo ⒶⒷⒸ",
    "`a` ``b`` `c``d` ```\nx\n``` `e\nf` `g``",
    "# T\n\n- x\n 2) y\n* z\n|a|\n| b |c\n**b c** __d__ * e\r\n\r\n~~~\n\x0b- x\n- x",
    "<b>x</b> &amp; < c > https://x.y www.z $$1$$ \\(x\\) \\frac",
    "word " * 9_000,
    "x" * 30_000,
)
ANY_TEXT = st.one_of(st.sampled_from(HOSTILE), st.text("aAbß1!?.,;:' \n`*_#|-i今。é\u0301\ud800🙂", max_size=40))


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def matches(pattern: str) -> Callable[[str], float]:
    return lambda text: log1p(len(re.findall(pattern, readable([text])[0])))


def number(characters: str) -> Callable[[str], float]:
    return lambda text: log1p(sum(map(text.count, characters)))


def rate(characters: str) -> Callable[[str], float]:
    return lambda text: 100 * share(sum(map(text.count, characters)), len(text))


def filled(parts: list[str]) -> float:
    return sum(bool(part.strip()) for part in parts)


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def of_words(wanted: Callable[[str], float]) -> Callable[[str], float]:
    return lambda text: share(sum(map(wanted, spaced_words(text))), len(spaced_words(text)))


PLAIN: Mapping[str, Callable[[str], float]] = {
    "log_characters": lambda text: log1p(len(text)),
    "log_words": lambda text: log1p(len(tokens(text.casefold()))),
    "log_sentences": lambda text: log1p(filled(re.split(r"[.!?…。！？।؟]+(?=\s|$|[^\x00-\x7f])|\n+", text))),
    "log_lines": lambda text: log1p(len(lines(text))),
    "log_paragraphs": matches(r"\n\s*\n"),
    "empty": lambda text: not text.strip(),
    "word_length": of_words(len),
    "long_words": of_words(lambda word: len(word) > 6),
    "log_vocabulary": lambda text: log1p(len(set(tokens(text.casefold())))),
    "repeated_lines": lambda text: 1 - len(set(lines(text))) / max(len(lines(text)), 1),
    "list_items": matches(surface.LIST_ITEM),
    "headings": matches(surface.HEADING),
    "bold": matches(surface.BOLD),
    "code_blocks": matches(surface.CODE_BLOCK),
    "inline_code": matches(r"(?<!`)`[^`\n]+`(?!`)"),
    "table_rows": matches(surface.TABLE_ROW),
    "links": matches(surface.LINK),
    "maths": matches(surface.MATHS),
    "html": matches(surface.HTML),
    "quote_marks": number('"“”«»„「」『』'),
    "brackets": number("(（["),
    "emoji": matches(surface.EMOJI),
    "log_commas": number(",，、،"),
    "commas": rate(",，、،"),
    "full_stops": rate(".。।"),
    "questions": number("?？؟"),
    "exclamations": number("!！"),
    "colons": rate(":;：；"),
    "apostrophes": rate("'’"),
    "dashes": rate("-–—"),
    "repeated_marks": lambda text: log1p(len(re.findall(r"([!?.,…])\1+", text))),
    "stretched": lambda text: log1p(sum(run[1].isalpha() for run in re.finditer(r"(.)\1{2,}", text))),
    "no_space": lambda text: log1p(sum(pair[1].isalpha() for pair in re.finditer(r"[,.!?;](?=(.))", text))),
    "capitals": lambda text: share(sum(map(str.isupper, text)), sum(map(str.isalpha, text))),
    "shouted": of_words(lambda word: word.isupper() and len(word) > 2),
    "capital_start": lambda text: text.strip()[:1].isupper(),
    "small_starts": matches(surface.SMALL_START),
    "small_i": lambda text: log1p(spaced_words(text.replace("i.e", "")).count("i")),
    "ends_well": lambda text: text.strip().endswith(tuple(surface.ENDS_WELL)),
    "ends_asking": lambda text: text.strip().endswith(tuple(surface.ENDS_ASKING)),
    "digits": lambda text: share(sum(map(str.isdigit, text)), len(text)),
}
"""Feature → the same read plainly, one text at a time."""


@settings(deadline=None)
@given(st.lists(ANY_TEXT, max_size=6))
def test_many_are_counted_as_one(texts: list[str]) -> None:
    rows = surface_rows([("What is a 今天?", text) for text in texts])
    assert rows.shape == (len(texts), len(SURFACE))
    for text, row in zip(texts, rows, strict=True):
        found = dict(zip(SURFACE, row.tolist(), strict=True))
        assert {name: found[name] for name in PLAIN} == pytest.approx({n: float(of(text)) for n, of in PLAIN.items()})


@settings(deadline=None)
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=6))
def test_words_shared_with_the_prompt_are_counted_once_each(items: list[tuple[str, str]]) -> None:
    found = surface_rows(items)[:, [list(SURFACE).index(name) for name in ("words_of_prompt", "prompt_covered")]]
    for (prompt, response), shares in zip(items, found.tolist(), strict=True):
        asked, said = (set(tokens(text.casefold())) for text in (prompt, response))
        assert shares == [share(len(asked & said), len(said)), share(len(asked & said), len(asked))]


def test_hostile_texts_count_the_same_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [("", text) for text in HOSTILE]
    together = surface_rows(items)
    assert np.isfinite(together).all()
    for bound in ("ROWS", "CHARACTERS"):
        monkeypatch.setattr(surface, bound, 2)
        assert np.array_equal(surface_rows(items), together)
    assert np.array_equal(surface_rows(items[::-1]), together[::-1])
