"""The phrases that surface features count, in English, Russian and Chinese: words in a row, whatever stands between."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from reward_model.words import tokens

Counts = npt.NDArray[np.int64]

PHRASES: Mapping[str, str] = {
    "connective": (
        "because|therefore|however|although|though|thus|hence|moreover|furthermore|for example|for instance|"
        "in addition|on the other hand|as a result|since|while|whereas|also|first|second|finally|if|then|but|so|"
        "потому что|поэтому|однако|хотя|следовательно|например|кроме того|с другой стороны|также|во-первых|если|но|"
        "因为|所以|因此|然而|虽然|但是|例如|此外|另外|首先|其次|最后|如果"
    ),
    "first person": ("i|me|my|mine|myself|i'm|i've|i'd|i'll|we|our|us|я|мне|меня|мой|моя|моё|мои|мы|нас|наш|我"),
    "second person": ("you|your|yours|yourself|you're|you'll|you've|ты|тебя|тебе|вы|вас|вам|ваш|ваша|ваше|你|您"),
    "negation": (
        "no|not|never|nothing|nobody|none|don't|doesn't|didn't|isn't|aren't|won't|wouldn't|shouldn't|can't|cannot|"
        "не|нет|никогда|ничего|никто|нельзя|"
        "不|没|未|无法"
    ),
    "hedge": (
        "maybe|perhaps|probably|possibly|might|may|could|seems|seem|likely|i think|i guess|i believe|in my opinion|"
        "not sure|sort of|kind of|it depends|generally|usually|"
        "может быть|возможно|вероятно|наверное|кажется|скорее всего|по-моему|думаю|обычно|зависит|"
        "也许|可能|或许|大概|似乎|我认为|我觉得|不确定|通常|一般"
    ),
    "refusal": (
        "i can't|i cannot|i can not|i won't|i will not|i'm unable|i am unable|i'm not able|i am not able|"
        "i'm not comfortable|i don't want to|i'd rather not|i refuse|i don't feel comfortable|can't help|cannot help|"
        "i'm not going to|not something i|against the law|illegal|unethical|inappropriate|i must decline|"
        "не могу|не буду|не имею права|отказываюсь|незаконно|неэтично|к сожалению, я не|"
        "我不能|我无法|不能提供|无法提供|我不会|违法|不道德|不合适|拒绝"
    ),
    "apology": (
        "sorry|i apologize|i apologise|apologies|forgive me|regret|unfortunately|"
        "извините|простите|прошу прощения|сожалею|к сожалению|"
        "抱歉|对不起|很遗憾|请原谅"
    ),
    "machine": (
        "as an ai|as a language model|language model|i'm an ai|i am an ai|i'm just an ai|chatbot|ai assistant|"
        "как языковая модель|языковая модель|искусственный интеллект|как ии|"
        "作为一个人工智能|人工智能|语言模型|作为一个ai|作为ai"
    ),
    "chat": (
        "u|ur|r|lol|omg|cuz|cause|coz|gonna|wanna|gotta|ya|yeah|yea|plz|thx|idk|dont|doesnt|cant|wont|isnt|im|ive|thats|"
        "didnt|alot|ok|wow|hey|dude|ппц|лол|имхо|чо|щас|норм|спс|пжл|"
        "哈哈|嘿嘿|呵呵|嘻嘻"
    ),
    "coarse": (
        "stupid|idiot|idiots|dumb|hate|crap|shit|fuck|fucking|damn|hell|ass|bitch|dick|penis|sex|kill|steal|"
        "дурак|идиот|тупой|дерьмо|чёрт|ненавижу|убить|"
        "笨|傻|蠢|垃圾|他妈|操|杀|讨厌"
    ),
    "advice": (
        "should|recommend|suggest|consider|please|make sure|be careful|important|talk to|professional|police|doctor|"
        "help|safe|legal|rights|"
        "следует|рекомендую|советую|пожалуйста|осторожно|важно|врач|полиция|помощь|безопасно|стоит|"
        "应该|建议|请|小心|注意|重要|医生|警察|帮助|安全"
    ),
    "reason": (
        "because|reason|reasons|for example|such as|e.g|evidence|study|studies|research|according to|fact|facts|"
        "так как|потому что|причина|например|исследования|исследование|согласно|факт|то есть|"
        "因为|原因|例如|比如|研究|根据|证据|事实"
    ),
}
"""Kind → the phrases that tell it, in small letters."""


class _Tree(NamedTuple):
    """The phrases word by word: `words` are those that stand in any, numbered from 1.

    `after[state, word]` is the state in which a word leaves one that reads, 0 where no phrase goes on so; state 0 has
    read nothing. `ends[state]` says of which kinds a phrase ends there.
    """

    words: tuple[str, ...]
    after: npt.NDArray[np.int16]
    ends: npt.NDArray[np.bool_]


def _phrases() -> Iterator[tuple[int, list[str]]]:
    """The place of its kind, and the words, of each phrase."""
    for at, phrases in enumerate(PHRASES.values()):
        yield from ((at, tokens(phrase)) for phrase in phrases.split("|"))


@cache
def _tree() -> _Tree:
    words = tuple(sorted({word for _, phrase in _phrases() for word in phrase}))
    states: dict[tuple[str, ...], int] = {(): 0}
    for _, phrase in _phrases():
        for length in range(1, len(phrase) + 1):
            states.setdefault(tuple(phrase[:length]), len(states))
    after = np.zeros((len(states), len(words) + 1), dtype=np.int16)
    for read, state in states.items():
        if read:
            after[states[read[:-1]], words.index(read[-1]) + 1] = state
    ends = np.zeros((len(states), len(PHRASES)), dtype=bool)
    for kind, phrase in _phrases():
        ends[states[tuple(phrase)], kind] = True
    return _Tree(words, after, ends)


def phrase_counts(words: pl.Series, rows: npt.NDArray[np.integer], n_rows: int) -> Counts:
    """How many phrases of each kind begin in each text outside another one of the kind, texts × `PHRASES`.

    `words` are those of all texts in small letters (`words.tokens`), `rows` the text of each, in increasing order.
    """
    found = list(_read(words, rows))
    at, length, state = (np.concatenate(parts) for parts in zip(*found, strict=True))
    kinds = _tree().ends[state]
    counts = [_outermost(at[mine], length[mine], rows, n_rows) for mine in kinds.T]
    return np.stack(counts, axis=1)


def _read(words: pl.Series, rows: npt.NDArray[np.integer]) -> Iterator[tuple[Counts, Counts, Counts]]:
    """Where a phrase may begin, how many of its words are read, and the state they lead to, for one word and more."""
    tree = _tree()
    number = words.cast(pl.Enum(tree.words), strict=False).to_physical().cast(pl.Int64) + 1
    numbers, state = number.fill_null(0).to_numpy(), np.zeros(len(words), dtype=np.int64)
    at, length = np.arange(len(words)), 0
    while length == 0 or len(at):
        goes_on = at + length < len(rows)
        at, state = at[goes_on], state[goes_on]
        state = tree.after[state, numbers[at + length]].astype(np.int64)
        kept = (state > 0) & (rows[at + length] == rows[at])
        at, state, length = at[kept], state[kept], length + 1
        yield at, np.full(len(at), length), state


def _outermost(at: Counts, length: Counts, rows: npt.NDArray[np.integer], n_rows: int) -> Counts:
    order = np.argsort(at, kind="stable")
    first, until = at[order], np.maximum.accumulate((at + length)[order])
    begins = np.ones(len(first), dtype=bool)
    begins[1:] = first[1:] >= until[:-1]
    return np.bincount(rows[first[begins]], minlength=n_rows)
