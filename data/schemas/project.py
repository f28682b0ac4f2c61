"""A campaign and its settings."""

from typing import Annotated

from pydantic import Field, model_validator

from data.schemas.base import Label, Name, Saying, Schema, Slug, Text
from data.schemas.flag import STANDARD_FLAGS, STANDARD_TOPICS, FlagKind, Topic

MAX_CRITERIA = 6


class Criterion(Schema):
    """One respect in which the responses are ranked, beside the overall ranking."""

    criterion: Slug
    label: Label
    definition: Saying = ""


class Project(Schema):
    """A campaign: one guideline, its tasks, its settings. `overlap` is how many people judge each task.

    `flags` and `topics` are what can be flagged, `criteria` what is ranked beside the overall ranking. `scores`: each
    response gets a score of 1 to 7 too. `review`: annotators confirm what they have said before they submit it.
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

    @model_validator(mode="after")
    def _names_differ(self) -> "Project":
        for what, names in (
            ("flags", [flag.kind for flag in self.flags]),
            ("topics", [topic.topic for topic in self.topics]),
            ("criteria", [criterion.criterion for criterion in self.criteria]),
        ):
            if len(set(names)) != len(names):
                raise ValueError(f"two of the {what} have the same short name; give each its own")
        return self
