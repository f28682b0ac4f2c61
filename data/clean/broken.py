"""Text that a program has broken: a wrong encoding, characters nobody sees, a wrong Unicode form, leftover HTML.

Nothing here touches code or addresses, and nothing is proposed that is not surely the broken form of it.
"""

import html
import re
import unicodedata
from collections.abc import Iterator

from ftfy import TextFixerConfig, fix_encoding
from ftfy.badness import is_bad

from data.clean.marks import Mark
from data.clean.prose import prose

MISREAD = "The letters were read in a wrong encoding"
LOST = "Letters were lost where the text was read in a wrong encoding"
INVISIBLE = "There are characters here that nobody can see"
FORM = "The characters are not in the composed Unicode form (NFC)"
ENTITY, TAG = "A character is written as HTML", "A tag of HTML is left over"

_LINE = re.compile(r"[^\n]*[^\n\x00-\x7f][^\n]*")
_SUSPECT = re.compile(r"[^\x00-\x7f][^\x00-\x7fа-яА-Я\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]|Ã |[\x80-\x9f]")
"""What every letter of UTF-8 becomes when its bytes are read one by one."""
_LOSS = re.compile(r"\ufffd+|(?:锟斤拷|烫烫烫|屯屯屯)+")
_FOREIGN = re.compile(r"[^\x00-\x7f]{4,}")
_CHINESE = re.compile(r"[\u4e00-\u9fff\u3000-\u3011\u2018-\u201d\u2026\u2014\uff00-\uff5e]+")
_ENCODING = TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)

_JOINED = r"\u0590-\u08ff\u0900-\u0fff\u1000-\u109f\u1780-\u18af\ufb1d-\ufdff\ufe70-\ufefc"
"""Scripts whose letters change by joiners, or that break lines by invisible spaces: Hebrew and Arabic to Mongolian."""
_PICTURE = r"\u200d\u2190-\u2bff\ufe0f\U0001f000-\U0001faff\U0001f3fb-\U0001f3ff"
_UNSEEN = re.compile(
    rf"(?<![{_JOINED}])[\u200b\u200c](?![{_JOINED}])"
    rf"|(?<![{_JOINED}{_PICTURE}])\u200d|\u200d(?![{_JOINED}{_PICTURE}])(?<![{_JOINED}]\u200d)"
    r"|[\ufeff\u2060-\u2064\u00ad\u180e]|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0001-\U000e007f]"
)
_TURNING = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")

_PIECE = re.compile(r"\S{1,200}")
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_TAG = re.compile(
    r"</?(?P<name>p|br|div|span|b|i|u|strong|em|font|ul|ol|li|table|tbody|thead|tr|td|th|h[1-6]|center|hr|a|img|script"
    r"|style|iframe|blockquote|pre|code)(?:\s[^<>\n]{0,300})?\s?/?>",
    re.IGNORECASE,
)
_ABOUT_HTML = re.compile(r"html|xml|css\b|jsx|\btags?\b|тег|разметк|标签|標籤|标记语言|<!doctype|markup", re.IGNORECASE)
_INSTEAD = {"br": "\n", "li": "\n- ", "hr": "\n", "b": "", "i": "", "u": "", "strong": "", "em": "", "font": ""}
_INSTEAD |= {"span": "", "center": ""}
_ENDED = {"p": "\n\n", "div": "\n", "ul": "\n", "ol": "\n", "tr": "\n", "blockquote": "\n"} | {
    f"h{n}": "\n\n" for n in range(1, 7)
}


def misread(text: str) -> Iterator[Mark]:
    """Places where letters stand for others that were read in a wrong encoding, mended where nothing was lost."""
    if text.isascii():
        return
    shown = prose(text)
    for line in _LINE.finditer(shown):
        mended = fix_encoding(line[0], _ENCODING) if _SUSPECT.search(line[0]) else line[0]
        if mended != line[0]:
            start, end, instead = _difference(line[0], mended)
            sure = not is_bad(mended) and "\ufffd" not in mended
            yield Mark(line.start() + start, line.start() + end, MISREAD, instead if sure else None)
    yield from _misread_chinese(shown)
    for lost in _LOSS.finditer(shown):
        yield Mark(lost.start(), lost.end(), LOST)


def _misread_chinese(text: str) -> Iterator[Mark]:
    """UTF-8 that was read as GB 18030: rare characters whose bytes are common ones."""
    for found in _FOREIGN.finditer(text):
        try:
            mended = found[0].encode("gb18030").decode("utf-8")
        except UnicodeError:
            continue
        if _CHINESE.fullmatch(mended):
            yield Mark(found.start(), found.end(), MISREAD, mended)


def _difference(one: str, other: str) -> tuple[int, int, str]:
    """Where two different lines begin to differ, where they end to (in the first), and what the other has there."""
    most = min(len(one), len(other))
    start = next((n for n in range(most) if one[n] != other[n]), most)
    most -= start
    end = next((n for n in range(most) if one[-1 - n] != other[-1 - n]), most)
    return start, len(one) - end, other[start : len(other) - end]


def invisible(text: str) -> Iterator[Mark]:
    """Characters without width, but for those that a script, an emoji or a change of direction needs."""
    if text.isascii():
        return
    shown = prose(text)
    found = [place.span() for place in _UNSEEN.finditer(shown)]
    if not _RIGHT_TO_LEFT.search(shown):
        found += [place.span() for place in _TURNING.finditer(shown)]
    for start, end in sorted(found):
        yield Mark(start, end, INVISIBLE, "")


def decomposed(text: str) -> Iterator[Mark]:
    """Words whose characters have a composed form, by which they would be found and counted."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return
    for piece in _PIECE.finditer(prose(text)):
        composed = unicodedata.normalize("NFC", piece[0])
        if composed != piece[0]:
            yield Mark(piece.start(), piece.end(), FORM, composed)


def markup(text: str) -> Iterator[Mark]:
    """Entities and tags of HTML; only pointed out where the text speaks of HTML, and where a link would be lost."""
    if "&" not in text and "<" not in text:
        return
    shown = prose(text)
    spoken_of = bool(_ABOUT_HTML.search(text))
    for found in _ENTITY.finditer(shown):
        meant = html.unescape(found[0])
        if meant != found[0]:
            yield Mark(found.start(), found.end(), ENTITY, None if spoken_of else _plain_space(meant))
    for tag in _TAG.finditer(shown):
        yield Mark(tag.start(), tag.end(), TAG, None if spoken_of else _without(tag))


def _plain_space(character: str) -> str | None:
    """The character itself; a space for one that does not break, nothing to propose for what no text can hold."""
    return None if character == "\x00" else character.replace("\xa0", " ")


def _without(tag: re.Match[str]) -> str | None:
    name, ends = tag["name"].lower(), tag[0].startswith("</")
    if name in _ENDED:
        return _ENDED[name] if ends else ""
    if name in _INSTEAD:
        return "" if ends else _INSTEAD[name]
    return None
