"""Which language a text is in, as far as its script and its smallest words tell."""

import re
from collections import Counter
from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "ar": "Arabic", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "fa": "Persian", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch",
    "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "sv": "Swedish", "th": "Thai", "tr": "Turkish",
    "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""Languages that are told from scripts and small words, ISO 639-1 → in English."""
_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "Latin": re.compile(r"[A-Za-z\u00c0-\u024f]"),
    "Cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
}
_PERSIAN = re.compile("[پچژگ]")
_UKRAINIAN = re.compile("[іїєґ]")
_CODE = re.compile(r"```.*?(?:```|$)|https?://\S+", re.S)
_WORD = re.compile(r"[^\W\d_]+")
_LOOKED_AT = 1_000
_DENSE = 3
"""A Chinese, Japanese or Korean character says about as much as so many letters."""
_KANA_SHARE = 0.1

SMALL_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in is that it for you with on are be this how what do can i my not have was as an a "
        "me at by from or if about there some please want would should who why when your we they",
        "es": "el la de que y en los se del las un por con una su para es como qué más cómo lo al son mi",
        "fr": "le la les de des et en un une du que qui est dans pour pas sur au avec ce il je vous comment quel",
        "de": "der die das und ist in den von zu mit sich des auf für nicht ein eine dem im wie ich sie was es",
        "pt": "o a de que e do da em um para com não uma os no se na por mais as dos como é você qual",
        "it": "il di che e la un a per in una sono mi non si lo ho come con del da della dei gli le perché è",
        "nl": "de het een en van ik te dat die in is niet zijn op aan met voor hoe wat maar je er ook",
        "pl": "i w nie na się że to z do jest jak o co a po czy dla od są ale przez jaki",
        "tr": "bir ve bu da de için ne ile nasıl mı çok daha gibi olan ben o en nedir var mi",
        "vi": "là và của có không một được cho trong với các những người này đã để như thế nào",
        "id": "yang dan di untuk dengan ini itu dari apa bagaimana saya tidak ke pada adalah atau",
        "sv": "och att det i en är som på för av med den till inte hur vad jag om har ett",
    }.items()
}
"""Language in Latin script → words that nearly every text in it has."""
_SHARED = Counter(word for small in SMALL_WORDS.values() for word in small)


def language(text: str) -> str:
    """The language as ISO 639-1 names it, the commonest one of a script whose languages are not told apart; else "".

    Code blocks and addresses do not count. Latin script falls to the language most of whose small words occur, one that
    several languages have counting less; without any nothing is told. It looks at the first 1,000 characters.
    """
    plain = _CODE.sub(" ", text)[:_LOOKED_AT]
    sizes = {script: len(pattern.findall(plain)) for script, pattern in _SCRIPTS.items()}
    if sizes["ja"] > _KANA_SHARE * sizes["zh"]:
        sizes["ja"] += sizes["zh"]
    for dense in ("zh", "ja", "ko"):
        sizes[dense] *= _DENSE
    script = max(sizes, key=lambda name: sizes[name])
    return _of_script(script, plain.casefold()) if sizes[script] else ""


def _of_script(script: str, plain: str) -> str:
    if script == "Latin":
        return _latin(plain)
    if script == "Cyrillic":
        return "uk" if _UKRAINIAN.search(plain) else "ru"
    return "fa" if script == "ar" and _PERSIAN.search(plain) else script


def _latin(plain: str) -> str:
    words = _WORD.findall(plain)
    counts = {name: sum(1 / _SHARED[w] for w in words if w in small) for name, small in SMALL_WORDS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""
