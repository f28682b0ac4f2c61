"""Comments that people called toxic or not: what a flag model begins from while nobody has flagged anything."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "samples" / "toxicity"
FILES = {"surge": "Surge AI, English", "cold-dev": "COLD, Chinese", "cold-test": "COLD, Chinese"}
"""File → where its comments come from, for people."""


class Comment(NamedTuple):
    """A comment, and whether people called it toxic."""

    text: str
    toxic: bool
    origin: str


def comments(*files: str) -> Iterator[Comment]:
    """The comments of these files, by default of all."""
    for file in files or FILES:
        with gzip.open(FOLDER / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield Comment(row["text"], row["toxic"], FILES[file])
