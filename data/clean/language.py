"""Which language a text is in, as ISO 639-1; empty rather than guessed."""

import re
from functools import lru_cache
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


def language(text: str) -> str:
    """The ISO 639-1 code of the language of a text; empty where it is short, mixed or between two languages.

    Code, formulas and addresses do not count. It looks at the first letters only.
    """
    words = " ".join(_FORMULA.sub(" ", prose(text[:_SEARCHED])).split())[:_LOOKED_AT]
    if not _is_enough(words):
        return ""
    best, second = islice(_detector().compute_language_confidence_values(words), 2)
    sure = best.value >= SURE and best.value - second.value >= AHEAD
    return best.language.iso_code_639_1.name.lower() if sure else ""


def prompt_language(task: Task) -> str:
    """The language of what the user said last, or before that where it is too short to tell."""
    said = (message.content for message in reversed(task.prompt) if message.role == "user")
    return next(filter(None, map(language, islice(said, 10))), "")


def asks_for_another(text: str) -> bool:
    """Whether a prompt speaks of a language or of translating, in English, Russian or Chinese."""
    return bool(_ASKS.search(text))


def _is_enough(words: str) -> bool:
    letters, latin, dense = (len(kind.findall(words)) for kind in (_LETTER, _LATIN, _DENSE))
    weight = letters + 2 * dense
    return weight >= _FEWEST and max(latin, weight - latin) >= _SHARE * weight


@lru_cache(maxsize=1)
def _detector() -> LanguageDetector:
    known = [getattr(Language, name) for name in LANGUAGES]
    return LanguageDetectorBuilder.from_languages(*known).with_low_accuracy_mode().build()
