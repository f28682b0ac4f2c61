"""Which language a text is in, as far as its script and its smallest words tell."""

import re
from collections import Counter
from collections.abc import Mapping

UNKNOWN, LATIN = "unknown", "Latin script"
_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "Latin": re.compile(r"[A-Za-z\u00c0-\u024f]"),
    "Cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "Chinese": re.compile(r"[\u4e00-\u9fff]"),
    "Japanese": re.compile(r"[\u3040-\u30ff]"),
    "Korean": re.compile(r"[\uac00-\ud7af]"),
    "Arabic": re.compile(r"[\u0600-\u06ff]"),
    "Hebrew": re.compile(r"[\u0590-\u05ff]"),
    "Greek": re.compile(r"[\u0370-\u03ff]"),
    "Hindi": re.compile(r"[\u0900-\u097f]"),
    "Thai": re.compile(r"[\u0e00-\u0e7f]"),
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
        "English": "the of and to in is that it for you with on are be this how what do can i my not have was as an a "
        "me at by from or if about there some please want would should who why when your we they",
        "Spanish": "el la de que y en los se del las un por con una su para es como qué más cómo lo al son mi",
        "French": "le la les de des et en un une du que qui est dans pour pas sur au avec ce il je vous comment quel",
        "German": "der die das und ist in den von zu mit sich des auf für nicht ein eine dem im wie ich sie was es",
        "Portuguese": "o a de que e do da em um para com não uma os no se na por mais as dos como é você qual",
        "Italian": "il di che e la un a per in una sono mi non si lo ho come con del da della dei gli le perché è",
        "Dutch": "de het een en van ik te dat die in is niet zijn op aan met voor hoe wat maar je er ook",
        "Polish": "i w nie na się że to z do jest jak o co a po czy dla od są ale przez jaki",
        "Turkish": "bir ve bu da de için ne ile nasıl mı çok daha gibi olan ben o en nedir var mi",
        "Vietnamese": "là và của có không một được cho trong với các những người này đã để như thế nào",
        "Indonesian": "yang dan di untuk dengan ini itu dari apa bagaimana saya tidak ke pada adalah atau",
        "Swedish": "och att det i en är som på för av med den till inte hur vad jag om har ett",
    }.items()
}
"""Language in Latin script → words that nearly every text in it has."""
_SHARED = Counter(word for small in SMALL_WORDS.values() for word in small)


def language(text: str) -> str:
    """The English name of the language, of the script where its languages are not told apart, or `UNKNOWN`.

    Code blocks and addresses do not count. Latin script falls to the language most of whose small words occur, one that
    several languages have counting less; without any it is “Latin script”. It looks at the first 1,000 characters.
    """
    plain = _CODE.sub(" ", text)[:_LOOKED_AT]
    sizes = {script: len(pattern.findall(plain)) for script, pattern in _SCRIPTS.items()}
    if sizes["Japanese"] > _KANA_SHARE * sizes["Chinese"]:
        sizes["Japanese"] += sizes["Chinese"]
    for dense in ("Chinese", "Japanese", "Korean"):
        sizes[dense] *= _DENSE
    script = max(sizes, key=lambda name: sizes[name])
    return _of_script(script, plain.casefold()) if sizes[script] else UNKNOWN


def _of_script(script: str, plain: str) -> str:
    if script == "Latin":
        return _latin(plain)
    if script == "Cyrillic":
        return "Ukrainian" if _UKRAINIAN.search(plain) else "Russian"
    return "Persian" if script == "Arabic" and _PERSIAN.search(plain) else script


def _latin(plain: str) -> str:
    words = _WORD.findall(plain)
    counts = {name: sum(1 / _SHARED[w] for w in words if w in small) for name, small in SMALL_WORDS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else LATIN
