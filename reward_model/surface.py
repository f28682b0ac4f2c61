"""Surface features: what can be counted in a response without knowing what it says.

Each feature is one line of `SURFACE`: a name, a label for people, and a function of some responses read together.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from reward_model.characters import Characters, Floats, Ints
from reward_model.cuts import chunks
from reward_model.responses import Responses

LIST_ITEM = r"(?m)^[ \t]*(?:[-*•‣·]|\d{1,3}[.)、])[ \t]*\S"
HEADING = r"(?m)^[ \t]*#{1,6}[ \t]+\S"
BOLD = r"(?:\*\*|__)\S(?:[^\n]*?\S)?(?:\*\*|__)"
CODE_BLOCK = r"(?m)^[ \t]*(?:```|~~~)"
SEVERAL_BACKTICKS, BETWEEN_BACKTICKS = "``+", "`[^`\n]+`"
TABLE_ROW = r"(?m)^[ \t]*\|.*\|[ \t]*$"
LINK = r"https?://|www\."
MATHS = r"\$\$|\\\(|\\\[|\\frac|\\begin\{"
EMOJI = "[\U0001f300-\U0001faff\u2600-\u27bf]|[:;]-?[)(DP]"
HTML = r"<[a-zA-Z/][^<>\n]{0,80}>|&[a-z]{2,6};"
SMALL_START = r"(?m)(?:^|[.!?]\s+)[a-zа-яё]"
PARAGRAPH = r"\n\s*\n"
ENDS_WELL, ENDS_ASKING = frozenset('.!?…。！？।؟)]}"”»」`|:*'), frozenset("?？؟")
ROWS, CHARACTERS = 500, 1_000_000
"""Responses read together, and characters after which no more are: about 40 bytes are held for each."""

Count = Callable[[Responses], Floats | Ints]
"""A feature: one entry a response."""


def _share(part: Ints, whole: Ints) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)


def _matching(pattern: str) -> Count:
    return lambda r: np.log1p(_found(r.series, pattern))


def _number(kind: str) -> Count:
    return lambda r: np.log1p(r.characters.count(kind))


def _rate(kind: str) -> Count:
    return lambda r: 100 * _share(r.characters.count(kind), r.sizes)


def _phrase(kind: str) -> Count:
    return lambda r: np.log1p(r.phrases(kind))


def _phrase_share(kind: str) -> Count:
    return lambda r: 100 * _share(r.phrases(kind), r.words)


def _of_words(wanted: Callable[[Characters], Ints]) -> Count:
    """As a share of the words of scripts with spaces."""
    return lambda r: _share(wanted(r.characters), r.characters.n_words)


def _each(of_text: Callable[[str], float]) -> Count:
    return lambda r: np.array([of_text(text) for text in r.texts], dtype=np.float64)


def _density(text: str) -> float:
    raw = text.encode("utf-8", "surrogatepass")[:20_000]
    return len(zlib.compress(raw, 1)) / (len(raw) + 20)


def _inline_code(r: Responses) -> Floats:
    return np.log1p(_found(r.series.str.replace_all(SEVERAL_BACKTICKS, "\n"), BETWEEN_BACKTICKS))


def _found(texts: pl.Series, pattern: str) -> Ints:
    return texts.str.count_matches(pattern).to_numpy().astype(np.int64)


SURFACE: Mapping[str, tuple[str, Count]] = {
    "log_characters": ("Length in characters (log)", lambda r: np.log1p(r.sizes)),
    "log_words": ("Length in words (log)", lambda r: np.log1p(r.words)),
    "root_words": ("Length in words (square root)", lambda r: np.sqrt(r.words)),
    "log_sentences": ("Sentences (log)", lambda r: np.log1p(r.characters.sentences)),
    "log_lines": ("Lines (log)", lambda r: np.log1p(r.characters.lines)),
    "log_paragraphs": ("Paragraphs (log)", _matching(PARAGRAPH)),
    "empty": ("Empty response", lambda r: r.sizes == r.characters.count("space")),
    "sentence_length": ("Words a sentence (log)", lambda r: np.log1p(_share(r.words, r.characters.sentences))),
    "word_length": ("Letters a word", _of_words(Characters.letters_of_words)),
    "long_words": ("Share of long words", _of_words(Characters.long_words)),
    "log_vocabulary": ("Different words (log)", lambda r: np.log1p(r.vocabulary)),
    "variety": ("Share of words said once only", lambda r: _share(r.vocabulary, r.words)),
    "density": ("Variety of the text (how little it can be compressed)", _each(_density)),
    "repeated_lines": ("Share of repeated lines", lambda r: r.repeated_lines),
    "list_items": ("List items (log)", _matching(LIST_ITEM)),
    "headings": ("Headings (log)", _matching(HEADING)),
    "bold": ("Bold passages (log)", _matching(BOLD)),
    "code_blocks": ("Code fences (log)", _matching(CODE_BLOCK)),
    "inline_code": ("Inline code (log)", _inline_code),
    "table_rows": ("Table rows (log)", _matching(TABLE_ROW)),
    "links": ("Links (log)", _matching(LINK)),
    "maths": ("Formulas (log)", _matching(MATHS)),
    "html": ("HTML tags and entities (log)", _matching(HTML)),
    "quote_marks": ("Quotation marks (log)", _number("quotation mark")),
    "brackets": ("Brackets (log)", _number("bracket")),
    "emoji": ("Emoji and smileys (log)", _matching(EMOJI)),
    "log_commas": ("Commas (log)", _number("comma")),
    "commas": ("Commas per 100 characters", _rate("comma")),
    "full_stops": ("Full stops per 100 characters", _rate("full stop")),
    "questions": ("Question marks (log)", _number("question mark")),
    "exclamations": ("Exclamation marks (log)", _number("exclamation mark")),
    "colons": ("Colons and semicolons per 100 characters", _rate("colon")),
    "apostrophes": ("Apostrophes per 100 characters", _rate("apostrophe")),
    "dashes": ("Dashes per 100 characters", _rate("dash")),
    "repeated_marks": ("Repeated punctuation (log)", lambda r: np.log1p(r.characters.runs("repeatable", 2))),
    "stretched": ("Stretched letters (log)", lambda r: np.log1p(r.characters.runs("letter", 3))),
    "no_space": (
        "Punctuation without a space after it (log)",
        lambda r: np.log1p(r.characters.pairs("before a space", "letter")),
    ),
    "capitals": (
        "Share of capital letters",
        lambda r: _share(r.characters.count("capital"), r.characters.count("letter")),
    ),
    "shouted": ("Share of words in capitals", _of_words(Characters.shouted)),
    "capital_start": ("Begins with a capital letter", _each(lambda text: text.lstrip()[:1].isupper())),
    "small_starts": ("Sentences that begin small (log)", _matching(SMALL_START)),
    "small_i": ("“i” written small (log)", lambda r: np.log1p(r.characters.small_i())),
    "ends_well": ("Ends with closing punctuation", _each(lambda text: text.rstrip()[-1:] in ENDS_WELL)),
    "ends_asking": ("Ends with a question", _each(lambda text: text.rstrip()[-1:] in ENDS_ASKING)),
    "digits": ("Share of digits", lambda r: _share(r.characters.count("digit"), r.sizes)),
    "connectives": ("Connectives (log)", _phrase("connective")),
    "connective_share": ("Connectives per 100 words", _phrase_share("connective")),
    "first_person": ("First person per 100 words", _phrase_share("first person")),
    "second_person": ("Second person per 100 words", _phrase_share("second person")),
    "negations": ("Negations per 100 words", _phrase_share("negation")),
    "hedges": ("Hedges (log)", _phrase("hedge")),
    "refusals": ("Refusals (log)", _phrase("refusal")),
    "apologies": ("Apologies (log)", _phrase("apology")),
    "as_machine": ("Speaks as a machine (log)", _phrase("machine")),
    "chat": ("Chat spellings per 100 words", _phrase_share("chat")),
    "coarse": ("Coarse words (log)", _phrase("coarse")),
    "advice": ("Advice and warnings (log)", _phrase("advice")),
    "reasons": ("Reasons and examples (log)", _phrase("reason")),
    "words_of_prompt": (
        "Share of its words that stand in the prompt",
        lambda r: _share(r.shared_vocabulary, r.vocabulary),
    ),
    "prompt_covered": (
        "Share of the prompt's words that it takes up",
        lambda r: _share(r.shared_vocabulary, r.prompt_vocabulary),
    ),
}
"""Name → label and function; the order is that of the columns."""


def surface_rows(items: Sequence[tuple[str, str]]) -> Floats:
    """Every surface feature of prompts and responses, items × `SURFACE`; always finite."""
    texts = [response for _, response in items]
    rows = [_read(items[chunk]) for chunk in chunks(texts, ROWS, CHARACTERS)]
    return np.concatenate([np.zeros((0, len(SURFACE))), *rows])


def _read(items: Sequence[tuple[str, str]]) -> Floats:
    responses = Responses(items)
    return np.column_stack([feature(responses) for _, feature in SURFACE.values()])
