"""LaTeX formulas as MathML, drawn only where nothing of the source is lost."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from xml.etree import ElementTree

from latex2mathml.converter import convert


def words(text: str) -> frozenset[str]:
    """The words of a string that lists them."""
    return frozenset(text.split())


MAX_FORMULA = 2_000
"""Characters of a formula that is drawn; longer ones are shown as they are written."""
MATHML_TAGS = words(
    "math mrow mi mn mo mtext mspace msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd "
    "mstyle menclose mpadded"
)
MATHML_ATTRIBUTES = words(
    "display displaystyle scriptlevel mathvariant stretchy fence form symmetric largeop movablelimits minsize "
    "maxsize linethickness columnalign accent accentunder notation width lspace rspace"
)
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""The characters that turn the direction of text around; a formula with one is shown as it is written."""
_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_COMMAND = re.compile(r"\\(?:begin|end)\s*\{[a-zA-Z]+\*?\}(?:\{[lcr|\s]*\})?|\\([a-zA-Z]+)")
_ALIGNED = re.compile(r"\{align(?:ed)?\}")
_NAMED = words(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log "
    "max min Pr sec sin sinh sup tan tanh mod"
)
"""Commands that are drawn as their own name."""


def reads_as_formula(latex: str) -> bool:
    """Whether what stands between dollars is a formula and not a price: “$5, or 5$” is none."""
    return bool(re.search(r"[\\^_=+<>{}]", latex)) or bool(
        re.fullmatch(r"(?=.*[^\W\d_])[\w()\[\],.'!|/*:-]{1,20}", latex)
    )


@lru_cache(maxsize=2_000)
def mathml(latex: str, display: bool) -> str | None:
    """The formula as MathML; None when it cannot be drawn with every letter and digit of the source in sight."""
    if len(latex) > MAX_FORMULA or "%" in latex.replace(r"\%", "") or DIRECTION.search(latex):
        return None
    try:
        drawn = convert(_ALIGNED.sub("{align*}", latex), display="block" if display else "inline")
        tree = ElementTree.fromstring(drawn)  # noqa: S314 (our own converter's output, without entities of its own)
    except Exception:  # the converter raises many kinds of errors on text that is not LaTeX, all meaning “not drawn”
        return None
    if not all(_is_plain(element) for element in tree.iter()):
        return None
    return _markup(tree) if _shows_all("".join(tree.itertext()), latex) else None


def _is_plain(element: ElementTree.Element) -> bool:
    return element.tag.removeprefix(_NAMESPACE) in MATHML_TAGS and not (element.tail or "").strip()


def _markup(tree: ElementTree.Element) -> str:
    for element in tree.iter():
        element.tag = element.tag.removeprefix(_NAMESPACE)
        for name in set(element.attrib) - MATHML_ATTRIBUTES:
            del element.attrib[name]
        if element.tag == "mi" and element.text in _NAMED:
            element.tag, element.attrib = "mo", {"lspace": "0.17em", "rspace": "0.17em"}
    return ElementTree.tostring(tree, encoding="unicode")


def _shows_all(drawn: str, latex: str) -> bool:
    """Whether the drawing has each letter and digit of the source; commands may add letters beyond ASCII, like π."""
    written = _COMMAND.sub(lambda found: f" {_name(found[1])} ", latex)
    seen, wanted = _characters(drawn), _characters(written)
    return wanted <= seen and not any(c.isascii() for c in seen - wanted)


def _name(command: str | None) -> str:
    plain = (command or "").removeprefix("b" if command == "bmod" else "p" if command == "pmod" else "")
    return plain if plain in _NAMED else ""


def _characters(text: str) -> Counter[str]:
    """How often each letter and digit occurs, whatever its style: the same for ℝ and R."""
    return Counter(c for c in unicodedata.normalize("NFKD", text) if c.isalnum())
