"""Sensitive topics of a text by lists of words that people can read and change, in English, Russian and Chinese.

A topic is there when words of its list that stand close together weigh enough: one strong word, or two different weak
ones. The lists are in `seeds/`; a project adds to them, and its own labels add weights (`data.clean.topic_labels`).
"""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from data.clean.lexicon import LANGUAGES, Entry, Hit, Lexicon, lists_for
from data.clean.marks import Mark
from data.schemas import Task

FOLDER = Path(__file__).parent / "seeds"
WEIGHTS: Mapping[str, float] = {"strong": 1.0, "weak": 0.5, "group": 0.5, "claim": 0.5, "never": 0.0}
ONCE = ("group", "claim")
"""Lists of which all words together count as one: a claim about a group needs a word of each."""
ENOUGH, NEAR = 1.0, 150
"""Different words of a topic that begin within so many characters must weigh so much together."""
MOST_CHARACTERS = 200_000
"""Of a longer text only so much is read."""
SILENCER = "-"
"""A project's word that begins so does not count."""

Seeds = Mapping[str, Mapping[str, Sequence[str]]]
"""Topic → language → words, as a project keeps them."""


class Detector:
    """Finds topics by the lists of Rankdesk and by further words of a project (topic → language → words)."""

    def __init__(self, seeds: Seeds | None = None) -> None:
        self._seeds = {topic: {code: tuple(some) for code, some in by.items()} for topic, by in (seeds or {}).items()}
        self._lexicons: dict[tuple[str, ...], Lexicon] = {}

    def marks(self, text: str, language: str = "") -> dict[str, tuple[Mark, ...]]:
        """Topic → the words that told it, in the order of the text; topics that are not there are left out."""
        found = {topic: _together(hits) for topic, hits in self.hits(text, language).items()}
        return {topic: tuple(Mark(hit.start, hit.end, topic) for hit in kept) for topic, kept in found.items() if kept}

    def hits(self, text: str, language: str = "") -> dict[str, list[Hit]]:
        """Topic → every word of its list in the text, whether or not they weigh enough."""
        by_topic: dict[str, list[Hit]] = defaultdict(list)
        for hit in self._lexicon(language).hits(text[:MOST_CHARACTERS]):
            by_topic[hit.what].append(hit)
        return {topic: _meant(hits) for topic, hits in by_topic.items()}

    def _lexicon(self, language: str) -> Lexicon:
        lists = lists_for(language, {*LANGUAGES, *(code for by in self._seeds.values() for code in by)})
        if lists not in self._lexicons:
            self._lexicons[lists] = Lexicon(self._entries(lists), language if language in lists else "en")
        return self._lexicons[lists]

    def _entries(self, languages: Sequence[str]) -> Iterator[Entry]:
        for code in languages:
            yield from standard(code)
            for topic, by in self._seeds.items():
                yield from (_added(word, topic) for word in by.get(code, ()))


def topics_of(text: str, language: str = "", detector: Detector | None = None) -> dict[str, tuple[Mark, ...]]:
    """The sensitive topics of a text and the words that told them; `language` is ISO 639-1, empty where not known."""
    return (detector or plain()).marks(text, language)


def _added(word: str, topic: str) -> Entry:
    return Entry(word.removeprefix(SILENCER), topic, 0.0 if word.startswith(SILENCER) else 1.0)


def task_topics(task: Task, known: Collection[str], detector: Detector | None = None) -> tuple[str, ...]:
    """Those of the known topics that the task's prompt is about, or at least half of its responses, in their order."""
    found = Counter(topic for one in task.responses for topic in topics_of(one.text, task.language, detector))
    asked = {topic for one in task.prompt for topic in topics_of(one.content, task.language, detector)}
    return tuple(topic for topic in known if topic in asked or 2 * found[topic] >= len(task.responses))


@cache
def plain() -> Detector:
    """The detector of the lists alone."""
    return Detector()


@cache
def standard(language: str) -> tuple[Entry, ...]:
    """The list of Rankdesk in a language; empty for a language without one."""
    return tuple(
        Entry(word, topic, WEIGHTS[kind], kind if kind in ONCE else "")
        for topic, lists in listed(language).items()
        for kind, words in lists.items()
        for word in words
    )


@cache
def listed(language: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Topic → kind of list (see `WEIGHTS`) → the words of Rankdesk; empty for a language without a list."""
    if language not in LANGUAGES:
        return {}
    made = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {topic: {kind: tuple(_split(words)) for kind, words in lists.items()} for topic, lists in made.items()}


def weight_of(hits: Iterable[Hit]) -> float:
    """What the different words of a list weigh together, at most 2."""
    return min(2.0, sum({hit.key: hit.weight for hit in hits}.values()))


def _split(words: str) -> Iterator[str]:
    return (word for line in words.splitlines() for part in line.split(",") if (word := part.strip()))


def _meant(hits: Iterable[Hit]) -> list[Hit]:
    """One hit a place, the widest, with the greatest weight there; none where the widest says that it is not meant."""
    apart: list[Hit] = []
    for hit in sorted(hits, key=lambda one: (one.start, -one.end, one.weight)):
        if not apart or hit.start >= apart[-1].end:
            apart.append(hit)
        elif 0 < apart[-1].weight < hit.weight:
            apart[-1] = apart[-1]._replace(weight=hit.weight, key=hit.key)
    return [hit for hit in apart if hit.weight]


def _together(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that weigh enough with those near them; equal words weigh once."""
    kept: list[Hit] = []
    near: Counter[str] = Counter()
    first = since = 0
    total = 0.0
    for at, hit in enumerate(hits):
        total += 0 if near[hit.key] else hit.weight
        near[hit.key] += 1
        while hit.start - hits[first].start > NEAR:
            near[hits[first].key] -= 1
            total -= 0 if near[hits[first].key] else hits[first].weight
            first += 1
        if total >= ENOUGH:
            kept += hits[max(first, since) : at + 1]
            since = at + 1
    return kept
