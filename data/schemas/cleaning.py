"""What is wrong with the material, what would mend it, and what was changed."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, model_validator

from data.errors import Sentence
from data.schemas.base import Label, Language, Name, Schema

PARTS = "^(prompt:[0-9]{1,3}|response:.{1,200}|group|responses|task)$"


class Term(Schema):
    """A word of a project's glossary that is not to be used, and the right one; an empty language: in any."""

    wrong: Label
    right: Label
    language: Language = ""


class Finding(Schema):
    """Something in a task that a rule of cleaning holds for a fault, and what would stand there instead.

    `part` says where: `prompt:0` (a message, from 0), `response:r2`, `group`, `responses` (all of them, as a JSON list)
    or `task`. `after` None: only pointed out; for a `task`, empty: set it aside. `why` is one sentence for people.
    """

    rule: Label
    task_id: Name
    part: Annotated[str, Field(pattern=PARTS)]
    before: str
    after: str | None
    why: str

    @model_validator(mode="after")
    def _changes_something(self) -> "Finding":
        if self.before == self.after and self.part != "task":
            raise ValueError("What stands there and what would stand there are the same; leave the finding out.")
        return self


class Change(Schema):
    """A finding that was applied: in which batch, by whom, when; and by whom and when it was undone."""

    id: int
    batch: Name
    rule: Label
    task_id: Name
    part: str
    before: str
    after: str
    why: str
    made_by: Name
    made_at: datetime
    undone_by: Name | None = None
    undone_at: datetime | None = None


class Refusal(Schema):
    """A finding or a change that could not be applied or undone, and why, in one sentence."""

    task_id: Name
    part: str
    reason: Sentence
