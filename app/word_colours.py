"""An answer with its words coloured by what they add to its score, every character shown as it was written.

Blue and a line above push the score up, vermilion and a line below push it down, so that colour never says it alone.
"""

import html
from collections.abc import Iterable, Sequence
from math import ceil
from pathlib import Path

from app.formulas import DIRECTION
from app.language import _, signed
from reward_model.word_shares import Word

WORDS_CSS = (Path(__file__).parent / "word_colours.css").read_text(encoding="utf-8")
"""The style of all that this module makes; the text keeps the colour that it has around it, light or dark."""
LEVELS = 5
"""Strengths of a colour."""
FAINT = 0.08
"""Words that push less than this share of the strongest stay as they are."""


def strongest_push(words: Iterable[Word]) -> float:
    """The most that a word adds or takes away, in logits; 0 without words."""
    return max((abs(word.value) for word in words), default=0.0)


def coloured_html(text: str, words: Sequence[Word], strongest: float, name: str) -> str:
    """The text in a box named `name` that scrolls by itself; a push of `strongest` has the full colour.

    For `st.html`, with WORDS_CSS. `words` cover the text in its order.
    """
    body = "".join(_word(text[word.start : word.end], word.value, strongest) for word in words)
    label = html.escape(name, quote=True)
    box = f'<div class="rw-box" tabindex="0" role="region" aria-label="{label}">'
    return f'{box}<div class="rw-text" dir="auto">{body}</div></div>'


def legend_html() -> str:
    """What the colours and lines mean."""
    up, down = _marked(html.escape(_("pushes up")), 1, LEVELS), _marked(html.escape(_("pushes down")), -1, LEVELS)
    said = html.escape(
        _(
            "Blue with a line above {up}, orange with a line below {down}, the stronger the more. Point at a word to "
            "read its number."
        )
    )
    return f'<div class="rw-text rw-legend">{said.format(up=up, down=down)}</div>'


def _word(text: str, value: float, strongest: float) -> str:
    shown = _safe(text)
    if text.isspace() or abs(value) <= FAINT * strongest:
        return shown
    return _marked(shown, value, ceil(LEVELS * min(abs(value) / strongest, 1.0)), signed(value, 3))


def _marked(shown: str, value: float, level: int, number: str = "") -> str:
    title = f' title="{html.escape(number, quote=True)}"' if number else ""
    return f'<span class="rw-{"up" if value > 0 else "down"} rw-{level}"{title}>{shown}</span>'


def _safe(text: str) -> str:
    """Escaped, on one line of markup, and each direction override walled in and named."""
    named = DIRECTION.sub(
        lambda found: f'<bdi class="rd-hidden" title="U+{ord(found[0]):04X}">{found[0]}</bdi>', html.escape(text)
    )
    return named.replace("\n", "&#10;")
