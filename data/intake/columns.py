"""Which column of a file holds which of our fields: guessed from common names, overruled by a person."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import InputError
from data.intake.rows import listed, quoted

FIELDS: Mapping[str, Mapping[str, str]] = {
    "tasks": {
        "prompt": "the prompt: text, or a list of {role, content}",
        "responses": "one column with a list of responses, or two to nine columns with one response each",
        "sources": "who wrote the responses, in the same order: one column with a list, or one column a response",
        "group": "what must stay on one side of a split (by default: the opening words of the prompt)",
    },
    "responses": {
        "prompt": "the prompt: text, or a list of {role, content}",
        "response": "one response",
        "source": "who wrote it",
        "task": "an id that the rows of one task share (by default: the prompt itself)",
        "group": "what must stay on one side of a split (by default: the opening words of the prompt)",
    },
    "preferences": {
        "prompt": "the prompt; without it the beginning that chosen and rejected share",
        "chosen": "the better response: text, a list of {role, content}, or a transcript",
        "rejected": "the worse response",
        "chosen_source": "who wrote the chosen response",
        "rejected_source": "who wrote the rejected response",
        "annotator": "who judged (by default: “imported”)",
        "margin": "by how much the chosen response is better (0 or more)",
        "weight": "how much the pair counts when a reward model is fitted from the file (above 0)",
        "group": "what must stay on one side of a split (by default: the opening words of the prompt)",
    },
    "oasst": {},
    "votes": {
        "winner": "who won: left, right, model_a, model_b, tie, both_bad, or the name of a source",
        "source_a": "the source of one response",
        "source_b": "the source of the other",
        "prompt": "the prompt, where the file has the texts itself",
        "response_a": "the response of the first source, where the file has the texts itself",
        "response_b": "the response of the second source, where the file has the texts itself",
        "id": "the id that the vote shares with a row of the file of texts",
        "name_a": "a readable name of the first source",
        "name_b": "a readable name of the second source",
        "annotator": "who voted (by default: “imported”)",
        "group": "what must stay on one side of a split (by default: the opening words of the prompt)",
    },
}
"""Format → its fields and what each holds; `oasst` trees name their fields themselves."""

REQUIRED: Mapping[str, frozenset[str]] = {
    "tasks": frozenset({"prompt", "responses"}),
    "responses": frozenset({"prompt", "response"}),
    "preferences": frozenset({"chosen", "rejected"}),
    "oasst": frozenset(),
    "votes": frozenset({"winner", "source_a", "source_b"}),
}
SEVERAL = frozenset({"responses", "sources", "winner"})
"""Fields that may be spread over several columns."""

_PROMPTS = ("prompt", "instruction", "question", "query", "input", "context", "messages", "user_prompt", "text")
_RESPONSES = ("response", "completion", "answer", "output", "result", "generation", "reply", "content", "text")
_SOURCES = ("source", "model", "model_name", "generator", "policy", "system")
_ANNOTATORS = ("annotator", "annotator_id", "worker", "worker_id", "judge", "labeler", "rater", "user_id", "user")
_GROUPS = ("group", "split_group", "cluster", "topic")
NAMES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "tasks": {
        "prompt": _PROMPTS,
        "responses": ("responses", "completions", "candidates", "answers", "outputs", "candidates_completions"),
        "sources": ("sources", "models", "model_names", "candidate_policies"),
        "group": _GROUPS,
    },
    "responses": {
        "prompt": _PROMPTS,
        "response": _RESPONSES,
        "source": _SOURCES,
        "task": ("task", "task_id", "prompt_id", "question_id", "conversation_id"),
        "group": _GROUPS,
    },
    "preferences": {
        "prompt": _PROMPTS,
        "chosen": ("chosen", "preferred", "preferred_output", "better"),
        "rejected": ("rejected", "non_preferred", "non_preferred_output", "worse"),
        "chosen_source": ("chosen_source", "chosen_model", "chosen_policy"),
        "rejected_source": ("rejected_source", "rejected_model", "rejected_policy"),
        "annotator": _ANNOTATORS,
        "margin": ("margin",),
        "weight": ("weight",),
        "group": _GROUPS,
    },
    "oasst": {},
    "votes": {
        "winner": ("winner", "vote", "label", "preference"),
        "source_a": ("model_x", "model_a", "source_a", "left_model", "model_1", "model1", "left"),
        "source_b": ("model_y", "model_b", "source_b", "right_model", "model_2", "model2", "right"),
        "prompt": _PROMPTS,
        "response_a": ("response_a", "result_x", "conversation_a", "answer_a", "response_1", "response1", "output_a"),
        "response_b": ("response_b", "result_y", "conversation_b", "answer_b", "response_2", "response2", "output_b"),
        "id": ("id", "pair_id", "item"),
        "name_a": ("left", "name_a"),
        "name_b": ("right", "name_b"),
        "annotator": _ANNOTATORS,
        "group": _GROUPS,
    },
}
"""Format → field → the names that columns commonly have, best first."""

_NUMBERED = r"(?:response|completion|answer|candidate|output)s?_?([a-i]|[1-9])$"
_NUMBERED_SOURCE = r"(?:model|source|policy|generator)s?_?([a-i]|[1-9])$"


@dataclass(frozen=True)
class Columns:
    """Field → the columns that hold it (several only for the fields in `SEVERAL`)."""

    of: Mapping[str, tuple[str, ...]]

    def name(self, field: str) -> str:
        """The first column of a field; the field's own name when it has none, for use in sentences."""
        return self.of[field][0] if self.of.get(field) else field

    def value(self, values: Mapping[str, Any], field: str) -> Any:
        """What a row has in the first column of a field; None when there is no such column."""
        found = self.of.get(field)
        return values.get(found[0]) if found else None

    def overruled(self, by: Mapping[str, Sequence[str]], names: Iterable[str], format_name: str) -> "Columns":
        """These columns with some chosen by a person (none: field is not read); InputError names what is unknown."""
        known = list(names)
        for field, columns in by.items():
            _check_choice(field, columns, known, format_name)
        chosen = {field: tuple(columns) for field, columns in by.items()}
        return Columns({field: columns for field, columns in {**self.of, **chosen}.items() if columns})


def _check_choice(field: str, columns: Sequence[str], known: list[str], format_name: str) -> None:
    if field not in FIELDS[format_name]:
        fields = ", ".join(FIELDS[format_name]) or "no fields to map"
        raise InputError(f"The format {format_name} has no field {quoted(field)}; it has: {fields}.")
    unknown = next((column for column in columns if column not in known), None)
    if unknown is not None:
        raise InputError(f"The file has no column {quoted(unknown)}; its columns are {listed(known)}.")
    if len(columns) > 1 and field not in SEVERAL:
        raise InputError(f"The field {field} is read from one column, not from {len(columns)}; name one.")


def guess(format_name: str, names: Iterable[str]) -> Columns:
    """The columns that commonly hold each field of a format."""
    known = {_plain(name): name for name in reversed(list(names))}
    found: dict[str, tuple[str, ...]] = {
        field: (known[name],)
        for field, common in NAMES[format_name].items()
        if (name := next((name for name in common if name in known), None)) is not None
    }
    if format_name == "tasks":
        found = _spread(found, known)
    if format_name == "votes":
        found = _one_hot_winner(found, known)
    first_use = {columns[0]: field for field, columns in reversed(found.items())}
    return Columns({field: columns for field, columns in found.items() if first_use[columns[0]] == field})


def missing(format_name: str, columns: Columns) -> list[str]:
    """The fields a format cannot do without that no column holds."""
    return sorted(REQUIRED[format_name] - set(columns.of))


def check_complete(format_name: str, columns: Columns, names: Iterable[str]) -> None:
    """Raise InputError when a required field has no column."""
    if lacking := missing(format_name, columns):
        raise InputError(
            f"The format {format_name} needs a column for {' and '.join(lacking)}; the file has "
            f"{listed(list(names)) or 'no columns'}: say which column it is, or choose another format."
        )


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().lower())


def _spread(found: dict[str, tuple[str, ...]], known: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """`found` with the responses and sources that stand in one column each."""
    responses = tuple(known[n] for n in sorted(n for n in known if re.match(_NUMBERED, n)))
    sources = tuple(known[n] for n in sorted(n for n in known if re.match(_NUMBERED_SOURCE, n)))
    if "responses" not in found and len(responses) > 1:
        found = found | {"responses": responses}
        if "sources" not in found and len(sources) == len(responses):
            found = found | {"sources": sources}
    return found


def _one_hot_winner(found: dict[str, tuple[str, ...]], known: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """`found` with a winner that is spread over columns of 0 and 1."""
    spread = tuple(known[n] for n in ("winner_model_a", "winner_model_b", "winner_tie") if n in known)
    return found | {"winner": spread} if "winner" not in found and len(spread) > 1 else found
