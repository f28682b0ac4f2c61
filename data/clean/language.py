"""Which language a text is in, as ISO 639-1; empty rather than guessed."""

import re
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from itertools import islice

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

from data.clean.prose import prose
from data.schemas import Task

_LATIN_SCRIPT = (
    "ENGLISH GERMAN FRENCH SPANISH PORTUGUESE ITALIAN DUTCH POLISH CZECH SWEDISH DANISH FINNISH ROMANIAN HUNGARIAN "
    "TURKISH VIETNAMESE INDONESIAN"
)
_OTHER_SCRIPTS = (
    "RUSSIAN UKRAINIAN BULGARIAN GREEK ARABIC PERSIAN HEBREW HINDI BENGALI TAMIL THAI CHINESE JAPANESE KOREAN"
)
LANGUAGES = tuple(f"{_LATIN_SCRIPT} {_OTHER_SCRIPTS}".split())
"""Those that are told apart; a text in any other is taken for the nearest, or for none."""
SURE, AHEAD = 0.7, 0.4
"""Least confidence, and least distance to that of the next language."""
SHORT, SURE_IF_SHORT = 40, 0.95
"""A text of fewer letters needs more confidence: of a few words one language is easily taken for another."""
LIKELY = 0.01
"""Least confidence of a language in which other texts are surely written."""
_LOOKED_AT = 160
_SEARCHED = 4_000
_FEWEST, _SHARE = 12, 0.75
"""Letters that are needed (a dense one counts as three), and the share of them in one kind of script."""
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")
_FORMULA = re.compile(r"\$\$?[^$\n]{1,500}\$\$?|<[^<>\n]{1,300}>|[!-~]{0,80}[@_\\{}=<>|#\d][!-~]{0,80}")

_NAMES = "|".join(LANGUAGES).lower()
_ASKS = re.compile(
    r"\btranslat|\bhow (?:do|would|can) (?:you|i|we) say\b|\blanguages?\b"
    rf"|\b(?:in|into|to|from) (?:{_NAMES}|mandarin|farsi|latin)\b"
    r"|перев[её]д|перевод|язык"
    r"|\b(?:на|по-?|с) ?(?:английск|русск|китайск|немецк|французск|испанск|португальск|итальянск|польск|украинск|турецк"
    r"|арабск|иврит|японск|корейск|греческ|латин|латын|хинди)"
    r"|翻[译譯]|[译譯][成为為文]|[英中汉漢法德日俄韩韓][语語文]|西班牙[语語文]|阿拉伯[语語文]|用.{0,4}(?:回答|回复|写)",
    re.IGNORECASE,
)


def language(text: str, around: Collection[str] = ()) -> str:
    """The ISO 639-1 code of the language of a text; empty where it is short, mixed or between two languages.

    Code, formulas and addresses do not count. It looks at the first letters only. `around` are the languages of longer
    texts beside it: one of them that the text may well be in is taken where the text alone does not tell.
    """
    words = _words(text)
    weight, is_mixed = _weight(words)
    if is_mixed or weight < (1 if around else _FEWEST):
        return ""
    known = _confidence(words)
    return _told(weight, known) or next((code for code in known if code in around and known[code] >= LIKELY), "")


def _words(text: str) -> str:
    return " ".join(_FORMULA.sub(" ", prose(text[:_SEARCHED])).split())[:_LOOKED_AT]


def _confidence(words: str) -> dict[str, float]:
    """Code → confidence, the most confident first."""
    found = _detector().compute_language_confidence_values(words)
    return {one.language.iso_code_639_1.name.lower(): one.value for one in found}


def _told(weight: int, known: dict[str, float]) -> str:
    (best, first), (_, second) = islice(known.items(), 2)
    sure = first >= (SURE if weight >= SHORT else SURE_IF_SHORT) and first - second >= AHEAD
    return best if sure and weight >= _FEWEST else ""


def prompt_language(task: Task) -> str:
    """The language of what the user said last, or before that where it is too short to tell.

    A short prompt is taken to be in a language of the longer texts of its task, if it may well be.
    """
    said = (message.content for message in reversed(task.prompt) if message.role == "user")
    longer = cache(lambda: frozenset(_longer(task)))
    told = (language(text) or language(text, longer()) for text in islice(said, 10))
    return next(filter(None, told), "")


def _longer(task: Task) -> Iterator[str]:
    """The languages of those texts of a task that are long enough to be sure of."""
    turns = (message.content for message in task.prompt[-10:] if message.role != "system")
    for text in (*turns, *(response.text for response in task.responses)):
        if _weight(_words(text))[0] >= SHORT and (found := language(text)):
            yield found


def asks_for_another(text: str) -> bool:
    """Whether a prompt speaks of a language or of translating, in English, Russian or Chinese."""
    return bool(_ASKS.search(text))


def _weight(words: str) -> tuple[int, bool]:
    """How many letters there are, a dense one counted as three, and whether they are of several kinds of script."""
    letters, latin, dense = (len(kind.findall(words)) for kind in (_LETTER, _LATIN, _DENSE))
    weight = letters + 2 * dense
    return weight, max(latin, weight - latin) < _SHARE * weight


@lru_cache(maxsize=1)
def _detector() -> LanguageDetector:
    known = [getattr(Language, name) for name in LANGUAGES]
    return LanguageDetectorBuilder.from_languages(*known).with_low_accuracy_mode().build()
