"""Answers of released models, scored: how good, how far from what was judged, which flags."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from data.schemas import Message, WatchedAnswer, prompt_group
from reward_model.features import Item, prompt_text
from reward_model.likeness import Judged, unlikeness
from reward_model.model import RewardModel
from reward_model.scoring import AT_ONCE, Flagging, no_flags


class Released(Protocol):
    """An answer of a released model as a file has it."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def written_at(self) -> datetime: ...  # noqa: D102
    @property
    def prompt(self) -> tuple[Message, ...]: ...  # noqa: D102
    @property
    def response(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Watcher:
    """What looks at answers: a reward model of this version, what was judged, and flag models."""

    model: RewardModel
    version: int
    judged: Judged
    flagging: Flagging = no_flags

    def watched(self, some: Sequence[Released]) -> list[WatchedAnswer]:
        """The answers with what is made of them."""
        items = [(prompt_text(one.prompt), one.response) for one in some]
        return [
            WatchedAnswer(
                id=one.id,
                source=one.source,
                written_at=one.written_at,
                prompt=prompt,
                response=response,
                group=prompt_group(one.prompt),
                model_version=self.version,
                score=score,
                unlike=unlike,
                flags=flags,
            )
            for one, (prompt, response), (score, unlike, flags) in zip(some, items, self._seen(items), strict=True)
        ]

    def again(self, answers: Sequence[WatchedAnswer]) -> Iterator[list[WatchedAnswer]]:
        """Answers that another version has scored, scored by this one, `AT_ONCE` at a time."""
        for at in range(0, len(answers), AT_ONCE):
            some = answers[at : at + AT_ONCE]
            seen = self._seen([(answer.prompt, answer.response) for answer in some])
            yield [
                answer.model_copy(
                    update={"model_version": self.version, "score": score, "unlike": unlike, "flags": flags}
                )
                for answer, (score, unlike, flags) in zip(some, seen, strict=True)
            ]

    def _seen(self, items: Sequence[Item]) -> Iterator[tuple[float, float, Mapping[str, float]]]:
        scores = self.model.scores(items).tolist()
        unlike = unlikeness(self.judged, [prompt for prompt, _ in items]).tolist()
        return zip(scores, unlike, self.flagging(items), strict=True)
