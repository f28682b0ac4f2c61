"""Words and n-grams of any script, and the phrases that surface features count in English, Russian and Chinese."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"  # kana, Han
    "\U00020000-\U0003ffff"  # rare Han
)
"""Ranges of the scripts that put no spaces between words."""
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
SPACED = rf"(?:[^\W_{UNSPACED}]++|[{_MARKS}]++)++"
"""A word of the other scripts."""
_TOKEN = re.compile(rf"[{UNSPACED}]|{SPACED}")
_SPACED_WORD = re.compile(SPACED)
_ASCII_WORD = re.compile("[0-9A-Za-z]+")
_PIECE = re.compile(rf"[{UNSPACED}]+|[^\s{UNSPACED}]+")
_ONE_UNSPACED = re.compile(rf"[{UNSPACED}]")
_PLAIN_WORD = re.compile(r"\w+")
CHARACTERS = (2, 4)
"""The shortest and the longest character n-gram."""


def tokens(text: str) -> list[str]:
    """The words of a text; in scripts without spaces every character is one."""
    return (_ASCII_WORD if text.isascii() else _TOKEN).findall(text)


def spaced_words(text: str) -> list[str]:
    """The words of scripts that put spaces between them."""
    return (_ASCII_WORD if text.isascii() else _SPACED_WORD).findall(text)


def word_ngrams(text: str) -> Iterator[str]:
    """Words and pairs of neighbouring words, in small letters."""
    found = tokens(text.casefold())
    yield from found
    for left, right in pairwise(found):
        yield left + right if _ONE_UNSPACED.match(left) and _ONE_UNSPACED.match(right) else f"{left} {right}"


def character_ngrams(text: str) -> Iterator[str]:
    """Character n-grams inside words, whose ends count as a space; plain n-grams where a script has no spaces."""
    for piece in _PIECE.findall(text):
        yield from piece_ngrams(piece)


def piece_ngrams(piece: str) -> list[str]:
    """The character n-grams of one word with what is joined to it, or of a run of characters without spaces."""
    padded = piece if _ONE_UNSPACED.match(piece) else f" {piece} "
    shortest, longest = CHARACTERS
    return [padded[at : at + size] for size in range(shortest, longest + 1) for at in range(len(padded) - size + 1)]


NGRAMS: Mapping[str, Callable[[str], Iterator[str]]] = {"words": word_ngrams, "characters": character_ngrams}
"""Hashed family → how a text falls into its n-grams."""


class Phrases:
    """Phrases of one kind, counted where they stand as whole words; those of scripts without spaces anywhere.

    The search takes most of the time of all features, so it is made only where a phrase of several words may stand;
    else the phrases of one word are counted by their number, which comes to the same.
    """

    def __init__(self, spaced: str, unspaced: str) -> None:
        phrases = spaced.split("|")
        between = "|".join(map(re.escape, phrases))
        self.pattern = re.compile(rf"\b(?:{between})\b|{unspaced}")
        self._words = {phrase for phrase in phrases if _PLAIN_WORD.fullmatch(phrase)}
        self._longer = [
            (phrase, frozenset(_PLAIN_WORD.findall(phrase)))
            for at, phrase in enumerate(phrases)
            if self._is_found(at, phrases)
        ]

    def _is_found(self, at: int, phrases: Sequence[str]) -> bool:
        """Whether a phrase of several words is ever found: not where its first word is an earlier phrase."""
        phrase = phrases[at]
        return phrase not in self._words and _PLAIN_WORD.findall(phrase)[0] not in phrases[:at]

    def count(self, text: str, words: "PlainWords") -> int:
        """How many stand in a text in small letters, whose `plain_words` these are."""
        times, unspaced = words
        if unspaced or any(phrase in text for phrase, parts in self._longer if times.keys() >= parts):
            return len(self.pattern.findall(text))
        return sum(times[word] for word in self._words & times.keys())


class PlainWords(NamedTuple):
    """How often each run of letters, digits and underscores stands in a text; whether a script without spaces does."""

    times: Mapping[str, int]
    unspaced: bool


def plain_words(text: str) -> PlainWords:
    """What tells how many phrases of one word there are."""
    return PlainWords(Counter(_PLAIN_WORD.findall(text)), not text.isascii() and bool(_ONE_UNSPACED.search(text)))


WORDS_OF: Mapping[str, Phrases] = {
    "connective": Phrases(
        "because|therefore|however|although|though|thus|hence|moreover|furthermore|for example|for instance|"
        "in addition|on the other hand|as a result|since|while|whereas|also|first|second|finally|if|then|but|so|"
        "потому что|поэтому|однако|хотя|следовательно|например|кроме того|с другой стороны|также|во-первых|если|но",
        "因为|所以|因此|然而|虽然|但是|例如|此外|另外|首先|其次|最后|如果",
    ),
    "first person": Phrases(
        "i|me|my|mine|myself|i'm|i've|i'd|i'll|we|our|us|я|мне|меня|мой|моя|моё|мои|мы|нас|наш",
        "我",
    ),
    "second person": Phrases(
        "you|your|yours|yourself|you're|you'll|you've|ты|тебя|тебе|вы|вас|вам|ваш|ваша|ваше", "你|您"
    ),
    "negation": Phrases(
        "no|not|never|nothing|nobody|none|don't|doesn't|didn't|isn't|aren't|won't|wouldn't|shouldn't|can't|cannot|"
        "не|нет|никогда|ничего|никто|нельзя",
        "不|没|未|无法",
    ),
    "hedge": Phrases(
        "maybe|perhaps|probably|possibly|might|may|could|seems|seem|likely|i think|i guess|i believe|in my opinion|"
        "not sure|sort of|kind of|it depends|generally|usually|"
        "может быть|возможно|вероятно|наверное|кажется|скорее всего|по-моему|думаю|обычно|зависит",
        "也许|可能|或许|大概|似乎|我认为|我觉得|不确定|通常|一般",
    ),
    "refusal": Phrases(
        "i can't|i cannot|i can not|i won't|i will not|i'm unable|i am unable|i'm not able|i am not able|"
        "i'm not comfortable|i don't want to|i'd rather not|i refuse|i don't feel comfortable|can't help|cannot help|"
        "i'm not going to|not something i|against the law|illegal|unethical|inappropriate|i must decline|"
        "не могу|не буду|не имею права|отказываюсь|незаконно|неэтично|к сожалению, я не",
        "我不能|我无法|不能提供|无法提供|我不会|违法|不道德|不合适|拒绝",
    ),
    "apology": Phrases(
        "sorry|i apologize|i apologise|apologies|forgive me|regret|unfortunately|"
        "извините|простите|прошу прощения|сожалею|к сожалению",
        "抱歉|对不起|很遗憾|请原谅",
    ),
    "machine": Phrases(
        "as an ai|as a language model|language model|i'm an ai|i am an ai|i'm just an ai|chatbot|ai assistant|"
        "как языковая модель|языковая модель|искусственный интеллект|как ии",
        "作为一个人工智能|人工智能|语言模型|作为一个ai|作为ai",
    ),
    "chat": Phrases(
        "u|ur|r|lol|omg|cuz|cause|coz|gonna|wanna|gotta|ya|yeah|yea|plz|thx|idk|dont|doesnt|cant|wont|isnt|im|ive|thats|"
        "didnt|alot|ok|wow|hey|dude|ппц|лол|имхо|чо|щас|норм|спс|пжл",
        "哈哈|嘿嘿|呵呵|嘻嘻",
    ),
    "coarse": Phrases(
        "stupid|idiot|idiots|dumb|hate|crap|shit|fuck|fucking|damn|hell|ass|bitch|dick|penis|sex|kill|steal|"
        "дурак|идиот|тупой|дерьмо|чёрт|ненавижу|убить",
        "笨|傻|蠢|垃圾|他妈|操|杀|讨厌",
    ),
    "advice": Phrases(
        "should|recommend|suggest|consider|please|make sure|be careful|important|talk to|professional|police|doctor|"
        "help|safe|legal|rights|"
        "следует|рекомендую|советую|пожалуйста|осторожно|важно|врач|полиция|помощь|безопасно|стоит",
        "应该|建议|请|小心|注意|重要|医生|警察|帮助|安全",
    ),
    "reason": Phrases(
        "because|reason|reasons|for example|such as|e.g|evidence|study|studies|research|according to|fact|facts|"
        "так как|потому что|причина|например|исследования|исследование|согласно|факт|то есть",
        "因为|原因|例如|比如|研究|根据|证据|事实",
    ),
}
"""Kind → the phrases that tell it, in small letters."""
