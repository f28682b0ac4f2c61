"""Surface features: what can be counted in a response without knowing what it says.

Each feature is one line of `SURFACE`: a name, a label for people, and a function of the parsed response.
"""

import math
import re
import zlib
from collections.abc import Callable, Collection, Mapping
from functools import cached_property

import numpy as np

from reward_model.words import WORDS_OF, PlainWords, plain_words, spaced_words, tokens

_SENTENCE = re.compile(r"[.!?…。！？।؟]+(?=\s|$|[^\x00-\x7f])|\n+")
_LIST_ITEM = re.compile(r"^[ \t]*(?:[-*•‣·]|\d{1,3}[.)、])[ \t]*\S", re.M)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+\S", re.M)
_BOLD = re.compile(r"(?:\*\*|__)\S(?:[^\n]*?\S)?(?:\*\*|__)")
_CODE_BLOCK = re.compile(r"^[ \t]*(?:```|~~~)", re.M)
_INLINE_CODE = re.compile(r"(?<!`)`[^`\n]+`(?!`)")
_TABLE_ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.M)
_LINK = re.compile(r"https?://|www\.")
_MATHS = re.compile(r"\$\$|\\\(|\\\[|\\frac|\\begin\{")
_QUOTE_MARK = re.compile(r"[\"“”«»„「」『』]")
_BRACKET = re.compile(r"[(（\[]")
_REPEATED = re.compile(r"([!?.,…])\1+")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]|[:;]-?[)(DP]")
_HTML = re.compile(r"<[a-zA-Z/][^<>\n]{0,80}>|&[a-z]{2,6};")
_SMALL_START = re.compile(r"(?:^|[.!?]\s+)[a-zа-яё]", re.M)
_LONE_I = re.compile(r"\bi\b(?!\.e)")
_NO_SPACE = re.compile(r"[,.!?;][^\W\d_]")
_ENDS_WELL = re.compile(r"[.!?…。！？।؟)\]}\"”»」`|:*]\s*$")


class Parsed:
    """One response beside its prompt, with what several features need counted once."""

    def __init__(self, prompt: str, response: str) -> None:
        self.prompt, self.text = prompt, response
        self._kinds: dict[str, int] = {}

    @cached_property
    def words(self) -> list[str]:
        """Words in small letters; one character each in scripts without spaces."""
        if self.plain_words.unspaced or not self.raw_words:
            return tokens(self.text.casefold())
        return " ".join(self.raw_words).casefold().split(" ")

    @cached_property
    def raw_words(self) -> list[str]:
        """Words of scripts with spaces, as they are written."""
        return spaced_words(self.text)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The different words."""
        return frozenset(self.words)

    @cached_property
    def prompt_vocabulary(self) -> frozenset[str]:
        """The different words of the prompt."""
        return frozenset(tokens(self.prompt.casefold()))

    @cached_property
    def sentences(self) -> int:
        """Sentences, at least one in a text that is not empty."""
        return sum(bool(part.strip()) for part in _SENTENCE.split(self.text))

    @cached_property
    def lines(self) -> list[str]:
        """Lines that are not blank."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]

    @cached_property
    def phrases(self) -> str:
        """Small letters with straight apostrophes, where phrases are looked for."""
        return self.text.casefold().replace("’", "'")

    @cached_property
    def plain_words(self) -> PlainWords:
        """How often each word stands there, where phrases are looked for."""
        return plain_words(self.phrases)

    @cached_property
    def characters(self) -> frozenset[str]:
        """The different characters."""
        return frozenset(self.text)

    def kind(self, kind: str) -> int:
        """How many phrases of a kind there are."""
        if kind not in self._kinds:
            self._kinds[kind] = WORDS_OF[kind].count(self.phrases, self.plain_words)
        return self._kinds[kind]

    def of_characters(self, wanted: Callable[[str], bool]) -> int:
        """How many characters are wanted."""
        return sum(map(self.text.count, filter(wanted, self.characters)))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _log(count: float) -> float:
    return math.log1p(count)


def _counted(pattern: re.Pattern[str], needed: str = "", otherwise: bool = False) -> Callable[[Parsed], float]:
    """Matches; there is none without a `needed` character, unless `otherwise` there is one beyond ASCII."""

    def count(p: Parsed) -> float:
        possible = not needed or not p.characters.isdisjoint(needed) or (otherwise and not p.text.isascii())
        return _log(len(pattern.findall(p.text))) if possible else 0.0

    return count


def _stretched(p: Parsed) -> float:
    codes = np.frombuffer(p.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    again = codes[1:] == codes[:-1]
    return _log(len(_STRETCHED.findall(p.text))) if np.any(again[1:] & again[:-1]) else 0.0


def _rate(characters: str) -> Callable[[Parsed], float]:
    return lambda p: 100 * _share(sum(map(p.text.count, characters)), len(p.text))


def _phrase(kind: str) -> Callable[[Parsed], float]:
    return lambda p: _log(p.kind(kind))


def _phrase_share(kind: str) -> Callable[[Parsed], float]:
    return lambda p: 100 * _share(p.kind(kind), len(p.words))


def _overlap(mine: Collection[str], others: frozenset[str]) -> float:
    return _share(len(others.intersection(mine)), len(mine))


def _density(p: Parsed) -> float:
    raw = p.text.encode("utf-8", "surrogatepass")[:20_000]
    return _share(len(zlib.compress(raw, 1)), len(raw) + 20)


SURFACE: Mapping[str, tuple[str, Callable[[Parsed], float]]] = {
    "log_characters": ("Length in characters (log)", lambda p: _log(len(p.text))),
    "log_words": ("Length in words (log)", lambda p: _log(len(p.words))),
    "root_words": ("Length in words (square root)", lambda p: math.sqrt(len(p.words))),
    "log_sentences": ("Sentences (log)", lambda p: _log(p.sentences)),
    "log_lines": ("Lines (log)", lambda p: _log(len(p.lines))),
    "log_paragraphs": ("Paragraphs (log)", lambda p: _log(len(re.findall(r"\n\s*\n", p.text)))),
    "empty": ("Empty response", lambda p: float(not p.text.strip())),
    "sentence_length": ("Words a sentence (log)", lambda p: _log(_share(len(p.words), p.sentences))),
    "word_length": ("Letters a word", lambda p: _share(sum(map(len, p.raw_words)), len(p.raw_words))),
    "long_words": (
        "Share of long words",
        lambda p: _share(sum(1 for w in p.raw_words if len(w) > 6), len(p.raw_words)),
    ),
    "log_vocabulary": ("Different words (log)", lambda p: _log(len(p.vocabulary))),
    "variety": ("Share of words said once only", lambda p: _share(len(p.vocabulary), len(p.words))),
    "density": ("Variety of the text (how little it can be compressed)", _density),
    "repeated_lines": ("Share of repeated lines", lambda p: 1 - _share(len(set(p.lines)), len(p.lines) or 1)),
    "list_items": ("List items (log)", _counted(_LIST_ITEM)),
    "headings": ("Headings (log)", _counted(_HEADING, "#")),
    "bold": ("Bold passages (log)", _counted(_BOLD, "*_")),
    "code_blocks": ("Code fences (log)", _counted(_CODE_BLOCK, "`~")),
    "inline_code": ("Inline code (log)", _counted(_INLINE_CODE, "`")),
    "table_rows": ("Table rows (log)", _counted(_TABLE_ROW, "|")),
    "links": ("Links (log)", _counted(_LINK, "/w")),
    "maths": ("Formulas (log)", _counted(_MATHS, "$\\")),
    "html": ("HTML tags and entities (log)", _counted(_HTML, "<&")),
    "quote_marks": ("Quotation marks (log)", _counted(_QUOTE_MARK, '"', otherwise=True)),
    "brackets": ("Brackets (log)", _counted(_BRACKET, "(（[")),
    "emoji": ("Emoji and smileys (log)", _counted(_EMOJI, ":;", otherwise=True)),
    "log_commas": ("Commas (log)", lambda p: _log(sum(map(p.text.count, ",，、،")))),
    "commas": ("Commas per 100 characters", _rate(",，、،")),
    "full_stops": ("Full stops per 100 characters", _rate(".。।")),
    "questions": ("Question marks (log)", lambda p: _log(sum(map(p.text.count, "?？؟")))),
    "exclamations": ("Exclamation marks (log)", lambda p: _log(sum(map(p.text.count, "!！")))),
    "colons": ("Colons and semicolons per 100 characters", _rate(":;：；")),
    "apostrophes": ("Apostrophes per 100 characters", _rate("'’")),
    "dashes": ("Dashes per 100 characters", _rate("-–—")),
    "repeated_marks": ("Repeated punctuation (log)", _counted(_REPEATED)),
    "stretched": ("Stretched letters (log)", _stretched),
    "no_space": ("Punctuation without a space after it (log)", _counted(_NO_SPACE)),
    "capitals": (
        "Share of capital letters",
        lambda p: _share(p.of_characters(str.isupper), p.of_characters(str.isalpha)),
    ),
    "shouted": (
        "Share of words in capitals",
        lambda p: _share(sum(1 for w in p.raw_words if w.isupper() and len(w) > 2), len(p.raw_words)),
    ),
    "capital_start": ("Begins with a capital letter", lambda p: float(p.text.lstrip()[:1].isupper())),
    "small_starts": ("Sentences that begin small (log)", _counted(_SMALL_START)),
    "small_i": ("“i” written small (log)", _counted(_LONE_I)),
    "ends_well": ("Ends with closing punctuation", lambda p: float(bool(_ENDS_WELL.search(p.text)))),
    "ends_asking": ("Ends with a question", lambda p: float(p.text.rstrip()[-1:] in {"?", "？", "؟"})),
    "digits": ("Share of digits", lambda p: _share(p.of_characters(str.isdigit), len(p.text))),
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
        lambda p: _overlap(p.vocabulary, p.prompt_vocabulary),
    ),
    "prompt_covered": (
        "Share of the prompt's words that it takes up",
        lambda p: _overlap(p.prompt_vocabulary, p.vocabulary),
    ),
}
"""Name → label and function; the order is that of the columns."""


def surface_row(prompt: str, response: str) -> list[float]:
    """The value of every surface feature, in the order of `SURFACE`; always finite."""
    parsed = Parsed(prompt, response)
    return [feature(parsed) for _, feature in SURFACE.values()]
