"""How prompts and responses are written: as lists of messages, or as one text."""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from data.schemas import Message

TEXT = pa.string()
TURNS = pa.list_(pa.struct([("role", TEXT), ("content", TEXT)]))
SPEAKERS: Mapping[str, str] = {"system": "System", "user": "Human", "assistant": "Assistant"}
"""Role → its name in a transcript, as Anthropic's HH files write it."""


def turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Messages as TRL and the Hub write them."""
    return [{"role": message.role, "content": message.content} for message in messages]


def transcript(messages: Sequence[Message]) -> str:
    """A conversation as one text that ends where the assistant's answer begins, as Anthropic's HH files write it."""
    return "".join(f"\n\n{SPEAKERS[m.role]}: {m.content}" for m in messages) + "\n\nAssistant: "


def has_turns(prompts: Iterable[Sequence[Message]]) -> bool:
    """Whether some prompt is more than one message of a user."""
    return any(len(prompt) > 1 or prompt[0].role != "user" for prompt in prompts)
