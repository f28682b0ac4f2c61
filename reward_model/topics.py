"""What prompts are about: clusters of their embeddings, each named by its typical words."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from reward_model.embedding import embeddings
from reward_model.languages import SMALL_WORDS
from reward_model.words import spaced_words, tokens

FEWEST = 40
"""With fewer prompts than so many nothing is said of topics."""
MOST_TOPICS = 8
_A_TOPIC = 20
_FITTED_ON, _LOOKED_AT = 5_000, 1_000
_NAMED_BY = 3
_EMPTY = """
does did don write create make give explain tell please list use using like want need good best new
что как чтобы для это или при так уже еще ещё если есть быть был была было были меня мне мой моя мои тебя вас вам нас
нам они она оно его ему их ним кто где когда чем том тот эта этот эти все всё также может можно нужно какой какая какие
какое который которые почему потому более очень чего без над под про после перед себя свой хочу пожалуйста
一个 自己 如何 什么 怎么 可以 应该 我们 你们 他们 因为 所以 如果 这个 那个 没有 不是 就是 还是 为什 怎样 哪些 请问
我想 是一
"""
_SAY_NOTHING = ENGLISH_STOP_WORDS.union(_EMPTY.split(), *SMALL_WORDS.values())


def topics(prompts: Sequence[str]) -> list[str] | None:
    """The topic of each prompt, named by three words typical of it; None for fewer than `FEWEST` different prompts.

    Clusters by k-means (MacQueen 1967) on static embeddings of the first 1,000 characters; about one topic for every
    20 prompts, at most `MOST_TOPICS`. The same prompts always give the same topics.
    """
    unique = sorted({prompt[:_LOOKED_AT] for prompt in prompts})
    if len(unique) < FEWEST:
        return None
    vectors = embeddings(unique)
    spread = np.random.default_rng(0).permutation(len(unique))[:_FITTED_ON]
    means = KMeans(min(MOST_TOPICS, len(unique) // _A_TOPIC), n_init=4, random_state=0).fit(vectors[spread])
    names = _names(unique, means.predict(vectors).tolist())
    return [names[prompt[:_LOOKED_AT]] for prompt in prompts]


def _names(unique: Sequence[str], cluster: Sequence[int]) -> Mapping[str, str]:
    """Prompt → the words that more of its cluster's prompts have than of all prompts, by weighted log-ratio."""
    said = [_words(prompt) for prompt in unique]
    everywhere, inside = Counter[str](), defaultdict[int, Counter[str]](Counter)
    for words, n in zip(said, cluster, strict=True):
        everywhere.update(words)
        inside[n].update(words)
    sizes = Counter(cluster)
    names = {n: _typical(counts, everywhere, sizes[n] / len(unique)) for n, counts in inside.items()}
    return {prompt: names[n] or f"topic {n + 1}" for prompt, n in zip(unique, cluster, strict=True)}


def _typical(inside: Counter[str], everywhere: Counter[str], share: float) -> str:
    def worth(word: str) -> tuple[float, str]:
        found, expected = inside[word], share * everywhere[word]
        return -found * float(np.log((found + 1) / (expected + 1))), word

    return ", ".join(sorted(inside, key=worth)[:_NAMED_BY])


def _words(prompt: str) -> set[str]:
    """The different words of at least three letters, and neighbouring characters of scripts without spaces."""
    small = prompt.casefold()
    unspaced = [t if len(t) == 1 and not t.isascii() else "" for t in tokens(small)]
    two = {left + right for left, right in pairwise(unspaced) if left and right and "的" not in (left, right)}
    words = {word for word in spaced_words(small) if len(word) > 2 and not word.isdigit()}
    return (words | two).difference(_SAY_NOTHING)
