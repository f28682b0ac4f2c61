"""Colours for code: Pygments' tokens in six classes."""

import html
import math
import time
from collections.abc import Mapping
from functools import lru_cache
from itertools import takewhile

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

from app.formulas import words

MAX_CODE = 20_000
"""Characters of a code block that is coloured; longer ones are shown plain."""
CLASSES: Mapping[_TokenType, str] = {
    Comment: "rd-c",
    Keyword: "rd-k",
    String: "rd-s",
    Number: "rd-n",
    Name.Function: "rd-f",
    Name.Class: "rd-f",
    Operator.Word: "rd-k",
}
LANGUAGES = words(
    "bash c c++ c# cpp csharp css diff dockerfile go haskell html java javascript js json jsx julia kotlin latex "
    "lua makefile matlab objective-c perl php powershell py python python3 r ruby rust scala sh shell sql swift "
    "tex toml ts tsx typescript xml yaml yml"
)


def coloured(code: str, info: str, deadline: float = math.inf) -> str:
    """The code as HTML text with spans; plain where the language named by the fence is not a known one.

    Plain too when it is not done at `deadline` (of `time.monotonic`): some lexers take a minute for 20,000 characters.
    """
    lexer = _lexer(info.split(maxsplit=1)[0].lower() if info else "")
    if lexer is None or len(code) > MAX_CODE:
        return html.escape(code)
    tokens = list(takewhile(lambda _: time.monotonic() < deadline, lexer.get_tokens(code)))
    if "".join(text for _, text in tokens) != code:
        return html.escape(code)
    return "".join(_span(kind, text) for kind, text in tokens)


@lru_cache(maxsize=100)
def _lexer(language: str) -> Lexer | None:
    return get_lexer_by_name(language, stripnl=False, ensurenl=False) if language in LANGUAGES else None


def _span(kind: _TokenType, text: str) -> str:
    name = next((css for token, css in CLASSES.items() if token in kind.split()), None)
    return f'<span class="{name}">{html.escape(text)}</span>' if name else html.escape(text)
