"""The text of a response as safe HTML in which everything that the model wrote can be read.

The claim, which tests/test_render.py checks against an independent reading: the visible text is the text of the source
in the same order, less Markdown's own marks and white space at the ends of lines. The marks are those of emphasis,
strikethrough, headings, quotes, bullets, rules, tables, code ticks and fences, and the brackets of links. Nothing else
goes: link addresses and titles stand behind the link, definitions of link references, HTML, comments, entities and
backslashes stay as text, numbered lists keep their numbers. Formulas are drawn only where asked for.
"""

import html
import re
import time
from collections.abc import Callable, MutableMapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin

from app.code_colours import coloured
from app.formulas import DIRECTION, MATHML_ATTRIBUTES, MATHML_TAGS, reads_as_formula, words
from app.formulas import mathml as drawing_of
from app.markdown_rules import TooHard, add_rules
from data.schemas import Message

RENDER_CSS = (Path(__file__).parent / "render.css").read_text(encoding="utf-8")
"""The style of all that this module makes; it takes its colours from the text colour around it, light or dark."""
SECONDS = 2.0
"""Time after which Markdown that is too hard to read is shown as it is written."""
MAX_KEPT = 20_000
"""Characters of a text whose rendering is remembered."""

_CLASSES = words(
    "rd-text rd-raw rd-lang rd-code rd-scroll rd-number rd-address rd-formula rd-display rd-role "
    "rd-turn rd-system rd-user rd-assistant rd-left rd-center rd-right rd-k rd-s rd-n rd-c rd-f"
)
_TAGS = words(
    "div span p h3 h4 h5 h6 ul ol li blockquote pre code em strong s a br hr table thead tbody tr th td section"
)
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS | MATHML_TAGS),
    clean_content_tags=set(),
    attributes={"a": {"href"}, "*": {"dir"}, "div": {"tabindex"}, "pre": {"tabindex"}}
    | {tag: set(MATHML_ATTRIBUTES) for tag in MATHML_TAGS},
    allowed_classes={tag: set(_CLASSES) for tag in _TAGS},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="noopener noreferrer nofollow",
    attribute_filter=lambda _tag, _name, value: None if DIRECTION.search(value) else value,
)
_ROLES = {"system": "System", "user": "User", "assistant": "Assistant"}


def response_html(text: str, *, mathml: bool = False) -> str:
    """The text as HTML for `st.html`, to be shown with RENDER_CSS.

    `mathml`: draw formulas. `st.html` strips MathML with all that is in it, so it is only for our own components;
    without it a formula is shown as it is written. Text that takes longer than SECONDS, or is nested deeper than anyone
    reads, is shown raw. There are no line breaks in the result, since `st.html` changes white space around them.
    """
    return (_kept if len(text) <= MAX_KEPT else _rendered)(text, mathml)


def raw_html(text: str) -> str:
    """The text character for character, white space included; only direction overrides are made visible."""
    return _safe(f'<pre class="rd-text rd-raw" dir="auto"><code>{html.escape(text)}</code></pre>')


def prompt_html(messages: Sequence[Message], content: Callable[[str], str] = response_html) -> str:
    """The turns of a prompt, each under its role; a single turn of the user stands without one.

    `content` renders the text of a turn: `response_html` or `raw_html`.
    """
    if len(messages) == 1 and messages[0].role == "user":
        return content(messages[0].content)
    return "".join(
        f'<section class="rd-turn rd-{m.role}"><div class="rd-role">{_ROLES[m.role]}</div>'
        f"{content(m.content)}</section>"
        for m in messages
    )


def _rendered(text: str, drawn: bool) -> str:
    try:
        body = _MARKDOWN.render(text, {"deadline": time.monotonic() + SECONDS, "drawn": drawn})
    except (TooHard, RecursionError):
        return raw_html(text)
    return _safe(f'<div class="rd-text" dir="auto">{body}</div>')


_kept = lru_cache(maxsize=1_000)(_rendered)


def _safe(markup: str) -> str:
    """The last word on what reaches a page: known tags and classes only, and each direction override walled in.

    An override that stands alone in its own isolate turns nothing around; the style prints its name. No attribute may
    hold one: the isolate would end the attribute and with it the tag.
    """
    clean = _CLEANER.clean(markup)
    named = DIRECTION.sub(lambda found: f'<bdi class="rd-hidden" title="U+{ord(found[0]):04X}">{found[0]}</bdi>', clean)
    return named.replace("\n", "&#10;")


Env = MutableMapping[str, Any]


class FaithfulHTML(RendererHTML):
    """How each kind of token looks; every method has markdown-it's signature (tokens, index, options, env)."""

    def renderToken(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Any other token, without the line breaks that would show, since white space is kept."""
        return super().renderToken(tokens, idx, options, env).replace("\n", "")

    def softbreak(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """A line break where the model broke the line."""
        return "<br>"

    def hardbreak(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """The same as a soft one."""
        return "<br>"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """A code block under what stands behind its opening fence."""
        info = tokens[idx].info.strip()
        label = f'<div class="rd-lang">{html.escape(info)}</div>' if info else ""
        return f'<div class="rd-code">{label}{_pre(coloured(tokens[idx].content, info, env["deadline"]))}</div>'

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """An indented code block."""
        return f'<div class="rd-code">{_pre(html.escape(tokens[idx].content))}</div>'

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Code between ticks."""
        return f"<code>{html.escape(tokens[idx].content)}</code>"

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """The address and title behind a link, as they are written."""
        address = tokens[idx].meta.get("address", "")
        return "</a>" + (f'<span class="rd-address">{html.escape(address)}</span>' if address else "")

    def list_item_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """A list item; a numbered one with the number that the model wrote."""
        number = tokens[idx].info and f"{tokens[idx].info}{tokens[idx].markup}"
        return '<li dir="auto">' + (f'<span class="rd-number">{html.escape(number)} </span>' if number else "")

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """A table in a box that scrolls by itself."""
        return '<div class="rd-scroll" tabindex="0"><table dir="auto">'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """The end of the table and of its box."""
        return "</table></div>"

    def math_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """A formula in the line; dollars around something else stay dollars."""
        return _formula(tokens[idx], env, display=False)

    def math_inline_double(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """A displayed formula."""
        return _formula(tokens[idx], env, display=True)

    def math_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """A displayed formula on lines of its own."""
        return f"<p>{_formula(tokens[idx], env, display=True)}</p>"


_CLOSING = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}


def _formula(token: Token, env: Env, display: bool) -> str:
    source = html.escape(f"{token.markup}{token.content}{_CLOSING[token.markup]}")
    if token.markup == "$" and not reads_as_formula(token.content):
        return source.replace("\n", "<br>")
    kind = "rd-formula rd-display" if display else "rd-formula"
    drawing = drawing_of(token.content.strip(), display) if env["drawn"] else None
    return f'<span class="{kind}">{drawing or f"<code>{source}</code>"}</span>'


def _pre(markup: str) -> str:
    return f'<pre tabindex="0" dir="ltr"><code>{markup}</code></pre>'


def _heading(_self: Any, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Env) -> str:
    """A heading two levels lower than it is written: the screen's own headings stand above it."""
    level = min(int(tokens[idx].tag[1]) + 2, 6)
    return f'<h{level} dir="auto">' if tokens[idx].nesting == 1 else f"</h{level}>"


def _cell(_self: Any, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Env) -> str:
    align = re.search("left|center|right", str(tokens[idx].attrs.get("style", "")))
    side = f' class="rd-{align[0]}"' if align else ""
    return f'<{tokens[idx].tag} dir="auto"{side}>'


def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": 200}, renderer_cls=FaithfulHTML)
    made.enable(["table", "strikethrough"]).disable(["reference", "entity"])
    made.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        allow_blank_lines=False,
        double_inline=True,
    )
    add_rules(made)
    for name in ("math_inline", "math_inline_double", "math_block"):
        made.add_render_rule(name, getattr(FaithfulHTML, name))
    for name in ("heading_open", "heading_close"):
        made.add_render_rule(name, _heading)
    for name in ("th_open", "td_open"):
        made.add_render_rule(name, _cell)
    return made


_MARKDOWN = _markdown()
