"""The formats a file of rows may have, and which one it has."""

from collections.abc import Mapping, Sequence

from data.errors import InputError, Sentence
from data.intake.argilla import ARGILLA
from data.intake.completions import NEMO, OPENAI, RANKED
from data.intake.format import Format, Values
from data.intake.labelstudio import LABEL_STUDIO
from data.intake.oasst import OASST
from data.intake.pandalm import PANDALM
from data.intake.potato import POTATO
from data.intake.preferences import PREFERENCES
from data.intake.rankings import RANKINGS
from data.intake.rated import HELPSTEER, HELPSTEER_PAIRS, ULTRAFEEDBACK
from data.intake.responses import RESPONSES
from data.intake.rows import Row, listed
from data.intake.tasks import TASKS
from data.intake.ukp import UKP, UKP_VOTES
from data.intake.unpaired import UNPAIRED
from data.intake.values import listed_in
from data.intake.votes import VOTES

FORMATS: Mapping[str, Format] = {
    "responses": RESPONSES,
    "tasks": TASKS,
    "preferences": PREFERENCES,
    "ranked": RANKED,
    "unpaired": UNPAIRED,
    "votes": VOTES,
    "oasst": OASST,
    "ultrafeedback": ULTRAFEEDBACK,
    "helpsteer": HELPSTEER,
    "helpsteer-pairs": HELPSTEER_PAIRS,
    "openai": OPENAI,
    "nemo": NEMO,
    "pandalm": PANDALM,
    "ukp": UKP,
    "ukp-votes": UKP_VOTES,
    "argilla": ARGILLA,
    "label-studio": LABEL_STUDIO,
    "potato": POTATO,
    "rankings": RANKINGS,
}
"""Name → format, from the most general to the most special: a file has the last one that recognises it."""


def format_of(rows: Sequence[Row]) -> str:
    """The format of a file, by its first rows; InputError when it is none of `FORMATS`."""
    values = [row.values for row in rows]
    if any(map(_is_stepwise, values)):
        raise InputError(
            "The file holds the steps of single answers (TRL stepwise), and there is nothing to compare; choose a file "
            "with several answers to a prompt."
        )
    found = next((name for name in reversed(list(FORMATS)) if FORMATS[name].recognises(values)), None)
    if found is None:
        names = list(dict.fromkeys(str(name) for row in values for name in row))
        raise InputError(
            "The format was not recognised from the columns {columns}; choose one of {formats} and say which column is "
            "the prompt and which the responses.",
            columns=listed(names) or Sentence("none"),
            formats=", ".join(FORMATS),
        )
    return found


def _is_stepwise(values: Values) -> bool:
    """Whether a row has steps with a label each, which must not be taken for answers to choose from."""
    steps, labels = listed_in(values.get("completions")), listed_in(values.get("labels"))
    return bool(steps and labels and len(steps) == len(labels)) and all(isinstance(one, bool) for one in labels or ())
