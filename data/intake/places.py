"""Where rows come from: a file, or a dataset in a folder or on the Hugging Face Hub."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from data.errors import InputError, Sentence
from data.intake.rows import quoted

PREFIX = "hf:"
"""What the name of a dataset of the Hub begins with where a file could be meant as well."""
_NAME = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
_PART = re.compile(r"[\w./+-]{0,200}", re.ASCII)
_NO_PART = Sentence("{name} is no name of a configuration, split or revision; write it as the dataset’s page does.")


class Undecided(InputError):
    """A dataset has several splits or configurations, and which of them is meant is not said: `options` lists them."""

    def __init__(self, sentence: str, what: Literal["split", "config"], options: Sequence[str]) -> None:
        super().__init__(sentence)
        self.what, self.options = what, tuple(options)


@dataclass(frozen=True)
class Dataset:
    """A dataset of the Hub (`owner/name`) or in a folder; an empty configuration or split means the only one.

    InputError when the name of any of them is none: nothing of it is to become a path or an address.
    """

    of: str | Path
    config: str = ""
    split: str = ""
    revision: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.of, str) and (not _NAME.fullmatch(self.of) or ".." in self.of):
            raise InputError("{name} is no name of a dataset; write owner/name.", name=quoted(self.of))
        for value in (self.config, self.split, self.revision):
            if not _PART.fullmatch(value) or ".." in value:
                raise InputError(_NO_PART, name=quoted(value))

    @property
    def name(self) -> str:
        """What people call it: with the revision, the configuration and the split that are named."""
        parts = [f"@{self.revision}" if self.revision else "", *(f":{x}" for x in (self.config, self.split) if x)]
        return f"{PREFIX + self.of if isinstance(self.of, str) else self.of.name}{''.join(parts)}"


Place = Path | Dataset


def place_of(text: str, config: str = "", split: str = "", revision: str = "") -> Place:
    """The place that a person means: `hf:owner/name`, a folder or a file; InputError when it has no such parts."""
    if text.startswith(PREFIX):
        return Dataset(text.removeprefix(PREFIX), config, split, revision)
    path = Path(text)
    if path.is_dir():
        return Dataset(path, config, split, revision)
    if given := next((x for x in (config, split, revision) if x), ""):
        fault = Sentence("A file has no {name}; a configuration, split or revision belongs to a dataset.")
        raise InputError(fault, name=quoted(given))
    return path
