"""Two conversations that begin alike: what both were asked, and how each goes on."""

from typing import NamedTuple

from data.intake.values import fault
from data.schemas import Message

_SPEAKER = {"user": "Human", "assistant": "Assistant", "system": "System"}


class Parted(NamedTuple):
    """What two conversations share, and what follows in each."""

    prompt: tuple[Message, ...]
    first: str
    second: str


def parted(first: tuple[Message, ...], second: tuple[Message, ...], columns: tuple[str, str, str]) -> Parted:
    """The prompt is what both begin with, up to the assistant's turn in which they part.

    `columns` are those of the prompt and of the two conversations, for the InputError where they share nothing.
    """
    shared = next((n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None)
    shared = min(len(first), len(second)) - 1 if shared is None else shared
    while shared > 0 and not (first[shared].role == second[shared].role == "assistant"):
        shared -= 1
    if not any(message.content.strip() for message in first[:shared]):
        fault("is missing, and the two responses share no first message; add the prompt", columns[0])
    return Parted(first[:shared], spoken(first[shared:], columns[1]), spoken(second[shared:], columns[2]))


def spoken(said: tuple[Message, ...], column: str) -> str:
    """What the assistant said: the one turn, or all of them with their speakers where there are more."""
    if len(said) == 1 and said[0].role == "assistant":
        return said[0].content
    if not said or said[-1].role != "assistant":
        fault("does not end with a message of the assistant; add its response", column)
    first = said[0].content if said[0].role == "assistant" else f"{_SPEAKER[said[0].role]}: {said[0].content}"
    return "\n\n".join([first, *(f"{_SPEAKER[m.role]}: {m.content}" for m in said[1:])])
