"""The formats of an export: how their rows are made, what a row is, what it is for, and what it loses."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from data.export.of_judgements import arena, nemo, rankings
from data.export.of_pairs import explicit, implicit, openai
from data.export.of_responses import imitated, unpaired
from data.export.of_tasks import helpsteer, oasst, ultrafeedback
from data.export.rows import Choice, Judged, Rows


class Format(NamedTuple):
    """One export format: how its rows are made, what a row is called, what it is for.

    `loses`: what of a judgement cannot be read back from it. `nested`: its rows hold more than text, so no CSV. `needs`
    is what a project must have first.
    """

    rows: Callable[[Judged, Choice], Rows]
    unit: str
    says: str
    loses: str
    nested: bool = False
    needs: str = "rank some answers first"


_PAIRS_LOSE = (
    "Everything but the prompt, two answers and which is better. Nobody is named, so the same two answers load once, "
    "as their first row has them."
)
_TEXT_LOSES = "As text, a conversation becomes one text."
_TRL_LOSES = f"{_PAIRS_LOSE} A margin stays where every pair has one. {_TEXT_LOSES}"
ALL_LOSE = (
    "Which tasks are checks with a known answer, which prompts stay on one side of a split, and what was skipped."
)
"""What is lost in every format but `rankings`, which keeps the first two."""
FORMATS: Mapping[str, Format] = {
    "trl-explicit": Format(
        explicit, "pairs", "prompt, chosen, rejected: for TRL's DPOTrainer and RewardTrainer.", _TRL_LOSES
    ),
    "trl-implicit": Format(
        implicit, "pairs", "chosen and rejected with the prompt inside: for TRL's RewardTrainer.", _TRL_LOSES
    ),
    "trl-unpaired": Format(
        unpaired,
        "labelled responses",
        "prompt, completion, label: for TRL's KTOTrainer.",
        "Who judged, and everything but whether a response was chosen more often than rejected; a prompt with one "
        f"response is no task to load. {_TEXT_LOSES}",
    ),
    "sft": Format(
        imitated,
        "answers",
        "prompt and completion: references, edits and best answers, for TRL's SFTTrainer.",
        "Every answer that is not to be imitated, and all that was said of answers; a prompt with one answer is no "
        f"task to load. {_TEXT_LOSES}",
        needs="it takes answers that annotators write, correct, or prefer to all others",
    ),
    "openai": Format(
        openai,
        "pairs",
        "input, preferred_output, non_preferred_output: for OpenAI's preference fine-tuning.",
        _PAIRS_LOSE,
        nested=True,
    ),
    "nemo": Format(
        nemo,
        "judgements",
        "context and ranked completions: for NeMo RL.",
        "Answers that nobody ranked, sources, flags, criteria, scores, edits, references, comments, margins and times.",
        nested=True,
    ),
    "ultrafeedback": Format(
        ultrafeedback,
        "tasks",
        "an instruction, its completions and their scores, in the shape of UltraFeedback.",
        "Who judged: scores are means over annotators. Answers that nobody ranked, flags, scores, edits, references, "
        "comments, margins and times; a conversation becomes one text.",
        nested=True,
    ),
    "helpsteer": Format(
        helpsteer,
        "compared responses",
        "two responses and each annotator's preference from −3 to 3, in the shape of HelpSteer3.",
        "Sources, flags, criteria, scores, edits, references and times; responses of one prompt fall apart into pairs. "
        "A margin becomes a strength from 1 to 3, and 2 where there is none.",
        nested=True,
    ),
    "arena": Format(
        arena,
        "votes",
        "two models, their conversations and which won, as the Arena publishes its votes.",
        "Flags, criteria, scores, edits, references, comments, margins and times; responses of one prompt fall apart "
        "into pairs. A response without source is named by its id.",
        nested=True,
    ),
    "oasst": Format(
        oasst,
        "tasks",
        "message trees with ranks, as Open Assistant publishes them.",
        "Flags, criteria, scores, edits, references, comments, margins and times; rankings of one answer, and that no "
        "answer is acceptable.",
        nested=True,
    ),
    "rankings": Format(
        rankings,
        "judgements",
        "every judgement with ties, flags, comments and times: nothing is lost.",
        "Nothing, but for skipped tasks; annotators by number where names are not wanted.",
    ),
}
"""Name of the format → what it writes."""
