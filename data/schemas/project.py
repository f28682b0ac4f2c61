"""A campaign and its settings."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from data.errors import Sentence
from data.schemas.base import Label, Language, Name, Saying, Schema, Slug, Text
from data.schemas.cleaning import Term
from data.schemas.flag import STANDARD_FLAGS, STANDARD_TOPICS, FlagKind, Topic

MAX_CRITERIA = 6
CONTROL_SHARE = 0.1
"""At least this share of the tasks given out is chosen at random, whatever the queues ask for."""
QueueName = Literal["informative", "disagreement", "contested", "suspects", "random"]
"""Why a task was given out; random: the control, which no model has chosen."""
Alarm = Literal["win rate below", "score falls by", "unlike share above", "flagged share above"]
"""What a lead can be warned of when the answers of a release are watched."""
RouteName = Annotated[str, Field(pattern="^(topic:[a-z][a-z0-9-]{0,39}|language:[a-z]{2,3})$")]
Words = Annotated[tuple[Label, ...], Field(max_length=1_000)]
Share = Annotated[float, Field(ge=0, le=1)]

_SAME_FLAGS = Sentence("Two of the flags have the same short name; give each its own.")
_SAME_TOPICS = Sentence("Two of the topics have the same short name; give each its own.")
_SAME_CRITERIA = Sentence("Two of the criteria have the same short name; give each its own.")


class Criterion(Schema):
    """One respect in which the responses are ranked, beside the overall ranking."""

    criterion: Slug
    label: Label
    definition: Saying = ""


class Project(Schema):
    """A campaign: one guideline, its tasks, its settings. `overlap` is how many people judge each task.

    `flags` and `topics` are what can be flagged, `criteria` what is ranked beside the overall ranking. `scores`: each
    response gets a score of 1 to 7 too. `review`: annotators confirm what they have said before they submit it.
    `suggestions` says whether and when annotators see what flag models propose, `thresholds` maps a kind of flag to the
    probability from which it is proposed. `queues` maps a queue to its share of the tasks given out; the rest, at least
    `CONTROL_SHARE`, is given out in the usual order as the control. `alarms` maps an alarm to its limit.
    `glossary` holds the words that cleaning corrects, `seeds` maps a topic and a language to further words that tell of
    the topic. `routes` maps a kind of task ("topic:health", "language:ru") to those who are given such tasks, and
    nobody else is; a kind with nobody in it goes to everybody.
    """

    id: int = 0
    name: Name
    guideline: Text = ""
    overlap: Annotated[int, Field(ge=1, le=100)] = 1
    seed: int = 0
    flags: Annotated[tuple[FlagKind, ...], Field(min_length=1, max_length=20)] = STANDARD_FLAGS
    topics: Annotated[tuple[Topic, ...], Field(max_length=30)] = STANDARD_TOPICS
    criteria: Annotated[tuple[Criterion, ...], Field(max_length=MAX_CRITERIA)] = ()
    scores: bool = False
    review: bool = False
    suggestions: Literal["off", "after", "before"] = "off"
    thresholds: Annotated[Mapping[Slug, Share], Field(max_length=20)] = {}
    queues: Annotated[Mapping[QueueName, Share], Field(max_length=5)] = {}
    alarms: Annotated[Mapping[Alarm, Annotated[float, Field(ge=0)]], Field(max_length=4)] = {}
    glossary: Annotated[tuple[Term, ...], Field(max_length=2_000)] = ()
    seeds: Annotated[Mapping[Slug, Mapping[Language, Words]], Field(max_length=30)] = {}
    routes: Annotated[Mapping[RouteName, Annotated[tuple[Name, ...], Field(max_length=500)]], Field(max_length=60)] = {}

    @model_validator(mode="after")
    def _names_differ(self) -> "Project":
        for fault, names in (
            (_SAME_FLAGS, [flag.kind for flag in self.flags]),
            (_SAME_TOPICS, [topic.topic for topic in self.topics]),
            (_SAME_CRITERIA, [criterion.criterion for criterion in self.criteria]),
        ):
            if len(set(names)) != len(names):
                raise ValueError(fault)
        return self

    @model_validator(mode="after")
    def _control_remains(self) -> "Project":
        if "random" in self.queues or sum(self.queues.values()) > 1 - CONTROL_SHARE + 1e-9:
            raise ValueError(
                "The queues take more than 90 % of the tasks; leave at least 10 % to chance, as a control."
            )
        return self
