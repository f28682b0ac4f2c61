"""Where our reading of Markdown differs from CommonMark: nothing that the model wrote may be swallowed."""

import time

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit, getLine, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.image import image
from markdown_it.rules_inline.link import link

MAX_DEPTH = 60
"""Blocks or emphases within each other; nobody reads deeper ones, and parsers may drop them."""
_SCHEMES = ("http://", "https://", "mailto:")


class TooHard(Exception):
    """The text takes too long to read as Markdown, or is nested too deeply."""


def add_rules(md: MarkdownIt) -> None:
    """Put our rules in place of CommonMark's."""
    md.validateLink = _is_web_address  # type: ignore[method-assign]
    md.normalizeLinkText = str  # type: ignore[method-assign, assignment]
    md.block.ruler.before("table", "guard", _block_guard, {"alt": []})
    md.block.ruler.at("table", _whole_table, {"alt": ["paragraph", "reference"]})
    md.inline.ruler.before("text", "guard", _inline_guard)
    md.inline.ruler.before("escape", "bracket_formula", _bracket_formula)
    md.inline.ruler.at("escape", _backslash)
    md.inline.ruler.at("link", _link_with_address)
    md.inline.ruler.at("image", _image_as_source)
    md.core.ruler.push("depth", _depth_guard)
    md.core.ruler.push("directions", _directions)


def _is_web_address(url: str) -> bool:
    return url.lower().startswith(_SCHEMES)


def _check_time(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise TooHard


def _block_guard(state: StateBlock, _start: int, _end: int, _silent: bool) -> bool:
    if state.level > MAX_DEPTH:
        raise TooHard
    _check_time(state.env["deadline"])
    return False


def _inline_guard(state: StateInline, _silent: bool) -> bool:
    _check_time(state.env["deadline"])
    return False


def _depth_guard(state: StateCore) -> None:
    if any(child.level > MAX_DEPTH for token in state.tokens for child in token.children or ()):
        raise TooHard


def _directions(state: StateCore) -> None:
    """Each paragraph finds its own direction; one in a list item takes that of the item, and so of its bullet."""
    items = 0
    for token in state.tokens:
        items += token.nesting if token.tag == "li" else 0
        if token.type == "blockquote_open" or (token.type == "paragraph_open" and not items):
            token.attrSet("dir", "auto")


def _whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table only if each row has at most as many cells as the head: CommonMark's tables drop the others."""
    at, kept = state.line, len(state.tokens)
    if not table(state, start, end, silent):
        return False
    if silent or not _has_spare_cells(state, start):
        return True
    del state.tokens[kept:]
    state.line = at
    return False


def _has_spare_cells(state: StateBlock, start: int) -> bool:
    width = _cells(getLine(state, start))
    return any(_cells(getLine(state, line)) > width for line in range(start + 2, state.line))


def _cells(line: str) -> int:
    columns = escapedSplit(line.strip())
    outer = (columns[:1] == [""]) + (len(columns) > 1 and columns[-1] == "")
    return len(columns) - outer


def _backslash(state: StateInline, silent: bool) -> bool:
    """A backslash still takes the meaning from the mark behind it, but both stay in sight."""
    pair = state.src[state.pos : state.pos + 2]
    if state.pos + 1 >= state.posMax or pair[0] != "\\" or not isMdAsciiPunct(ord(pair[1])):
        return False
    if not silent:
        state.pending += pair
    state.pos += 2
    return True


def _bracket_formula(state: StateInline, silent: bool) -> bool:
    r"""The formulas \( … \) and \[ … \]."""
    opening = state.src[state.pos : state.pos + 2]
    closing = {r"\(": r"\)", r"\[": r"\]"}.get(opening)
    if closing is None:
        return False
    end = state.src.find(closing, state.pos + 2, state.posMax)
    if end < 0 or not state.src[state.pos + 2 : end].strip():
        return False
    if not silent:
        token = state.push("math_inline_double" if opening == r"\[" else "math_inline", "math", 0)
        token.markup, token.content = opening, state.src[state.pos + 2 : end]
    state.pos = end + 2
    return True


def _link_with_address(state: StateInline, silent: bool) -> bool:
    """A link that remembers how its address and title are written."""
    start = state.pos
    if not link(state, silent):
        return False
    if not silent:
        end = state.md.helpers.parseLinkLabel(state, start)
        state.tokens[-1].meta["address"] = state.src[end + 1 : state.pos]
    return True


def _image_as_source(state: StateInline, silent: bool) -> bool:
    """An image becomes the Markdown that stands for it."""
    start, kept = state.pos, len(state.tokens)
    pending = state.pending
    if not image(state, silent):
        return False
    if not silent:
        del state.tokens[kept:]
        state.pending = pending + state.src[start : state.pos]
    return True
