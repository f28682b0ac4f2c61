"""What the labels of people teach about sensitive topics: weights of words, beside the lists.

A topic is there when the list's weight and the weights of the words in the text reach the topic's bar. A word is a
stem, in Chinese a character or two. `data.clean.topic_learning` fits the weights; a topic keeps its plain list where
they bring nothing.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import Field

from data.clean.lexicon import HAN, folded, stem, words_of
from data.clean.marks import Mark
from data.clean.sensitive import MOST_CHARACTERS, Detector, Seeds, weight_of
from data.schemas import Judgement, Project, Slug, Task
from data.schemas.base import Schema, fingerprint
from data.schemas.flag import SENSITIVE

FEWEST = 20
"""So many labelled texts with a topic, and as many without, are needed before anything is learned."""
MOST_WEIGHTS, WORTH = 3_000, 0.5
_HAN_RUN = re.compile(f"[{HAN}]+")


class Example(NamedTuple):
    """A text that people have labelled with its topics; `group` names the prompt that it belongs to."""

    text: str
    language: str
    topics: frozenset[str]
    group: str


class Term(NamedTuple):
    """A word of a text as the weights know it, from character `start` up to `end`."""

    start: int
    end: int
    name: str


class TopicWeights(Schema):
    """What the labels of a topic taught: the weight of each word and of the list, and the bar to reach.

    `labelled` and `others` count the labelled texts with and without the topic; `f1_lists` and `f1_learned` are
    measured on prompts left out.
    """

    topic: Slug
    words: Annotated[Mapping[str, float], Field(max_length=MOST_WEIGHTS)]
    listed: float
    bar: float
    labelled: Annotated[int, Field(ge=FEWEST)]
    others: Annotated[int, Field(ge=FEWEST)]
    f1_lists: Annotated[float, Field(ge=0, le=1)]
    f1_learned: Annotated[float, Field(ge=0, le=1)]

    @property
    def better(self) -> bool:
        """Whether the weights find more on prompts left out than the list alone."""
        return self.f1_learned > self.f1_lists


class LearnedTopics(Schema):
    """What a project's labels taught, once it was asked: of how many texts, and how many had each topic."""

    texts: Annotated[int, Field(ge=0)]
    labels: Annotated[Mapping[Slug, int], Field(max_length=100)]
    weights: Annotated[tuple[TopicWeights, ...], Field(max_length=100)]
    learned_by: str
    learned_at: datetime


class LearnedDetector(Detector):
    """A detector whose lists are joined by weights learned from labels, for the topics where they are better."""

    def __init__(self, weights: Iterable[TopicWeights], seeds: Seeds) -> None:
        super().__init__(seeds)
        self._weights = [one for one in weights if one.better]

    def marks(self, text: str, language: str = "") -> dict[str, tuple[Mark, ...]]:
        """Topic → the words that told it: those of the list, and those whose learned weight speaks for it."""
        found = super().marks(text, language)
        terms = list(terms_of(text, language)) if self._weights else []
        hits = self.hits(text, language) if self._weights else {}
        for one in self._weights:
            listed = hits.get(one.topic, [])
            found.pop(one.topic, None)
            places = {(hit.start, hit.end) for hit in listed} | _telling(one, terms)
            if places and _score(one, weight_of(listed), terms) >= one.bar:
                found[one.topic] = tuple(Mark(start, end, one.topic) for start, end in sorted(places))
        return found


def detector_of(seeds: Seeds, learned: LearnedTopics | None) -> Detector:
    """What finds the topics of a project: the lists, its own words, and what its labels have taught."""
    return LearnedDetector(learned.weights, seeds) if learned else Detector(seeds)


def read_by(project: Project, learned: LearnedTopics | None) -> str:
    """What topics are read by, as a fingerprint: another one means that the tasks are to be read again."""
    topics = [topic.topic for topic in project.topics]
    seeds = sorted(
        (topic, code, word) for topic, by in project.seeds.items() for code, some in by.items() for word in some
    )
    weights = learned.model_dump_json(include={"weights"}) if learned else ""
    return fingerprint([repr(topics), repr(seeds), weights])


def labelled(tasks: Iterable[Task], judgements: Iterable[Judgement]) -> list[Example]:
    """The judged responses of a project; a topic holds where half of those who judged flagged it."""
    said: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        if judgement.status == "submitted":
            said[judgement.task_id].append(judgement)
    return [
        Example(response.text, task.language, _agreed(said[task.id], response.id), task.group)
        for task in tasks
        if said.get(task.id)
        for response in task.responses
    ]


def _agreed(judgements: Sequence[Judgement], response_id: str) -> frozenset[str]:
    votes = [
        {flag.topic for flag in one.flags if flag.response_id == response_id and flag.kind == SENSITIVE}
        for one in judgements
    ]
    named = {topic for vote in votes for topic in vote if topic}
    return frozenset(topic for topic in named if 2 * sum(topic in vote for vote in votes) >= len(votes))


def counted(examples: Iterable[Example]) -> dict[str, int]:
    """Topic → how many of the labelled texts have it."""
    return dict(Counter(topic for example in examples for topic in example.topics))


def terms_of(text: str, language: str) -> Iterator[Term]:
    """The words of a text as the weights know them: stems, and in Chinese characters and pairs of them."""
    read = text[:MOST_CHARACTERS]
    for token in words_of(read):
        yield Term(token.start, token.start + len(token.text), stem(folded(token.text), language or "en"))
    for run in _HAN_RUN.finditer(read):
        for at in range(run.start(), run.end()):
            yield Term(at, at + 1, text[at])
            if at + 1 < run.end():
                yield Term(at, at + 2, text[at : at + 2])


def _score(one: TopicWeights, listed: float, terms: Sequence[Term]) -> float:
    names = {term.name for term in terms}
    said = sum(one.words.get(name, 0.0) for name in sorted(names)) / max(1, len(names)) ** 0.5
    return float(one.listed * listed + said)


def _telling(one: TopicWeights, terms: Sequence[Term]) -> set[tuple[int, int]]:
    """The places of words that speak for the topic about as much as the one that speaks for it most."""
    most = max((one.words.get(term.name, 0.0) for term in terms), default=0.0)
    return {(term.start, term.end) for term in terms if 0 < WORTH * most <= one.words.get(term.name, 0.0)}
