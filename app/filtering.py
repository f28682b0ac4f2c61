"""A file of answers, scored beside the screen and then written again: what is kept, and the rest with its reasons."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from app.background import See, Stopped
from app.download import shelf
from app.language import N_, _, number
from app.upload.shelf import Upload
from data.export.again import AnswerFile
from data.export.files import kind_of
from data.intake import loading
from data.intake.answers import flags_in
from data.schemas import Rejection
from reward_model.features import prompt_text
from reward_model.model import RewardModel
from reward_model.scoring import Flagging, Given, Scored, scored
from reward_model.selection import REASONS, Rules, Selection, Why, reason, selected

FATES: Mapping[Why, str] = {
    "": N_("Kept"),
    "flagged": N_("Flagged"),
    "not among the best": N_("Not among the best"),
    "margin too small": N_("Margin too small"),
}
"""What becomes of an answer, as it is called on the screen."""
SCORE = pa.schema([("score", pa.float64()), ("rank", pa.int64())])
WHY = pa.schema([*SCORE, ("row", pa.int64()), ("dropped_because", pa.string())])
NOTHING_READ = loading.Progress(0, 0, 0, 0.0)
_SHORT = 300
_BINS = 40


@dataclass(frozen=True)
class Looked:
    """A file that has been read and scored by this version of the model."""

    upload: str
    project: int
    version: int
    file: AnswerFile
    found: Scored


class Written(NamedTuple):
    """The two files that were written by these rules."""

    rules: Rules
    kind: str
    kept: Path
    dropped: Path


def look_work(
    upload: Upload, project: int, version: int, model: RewardModel, flagging: Flagging
) -> Callable[[See[loading.Progress]], Looked]:
    """The work of reading and scoring every answer of a file."""

    def work(see: See[loading.Progress]) -> Looked:
        file = AnswerFile(upload.path, upload.name)
        try:
            given = (Given((prompt_text(a.prompt), a.response), flags_in(a.values)) for a in file.read(see))
            return Looked(upload.id, project, version, file, scored(given, model, flagging))
        except loading.Stopped:
            raise Stopped from None

    return work


def write_work(looked: Looked, rules: Rules, kind: str, folder: Path) -> Callable[[See[loading.Progress]], Written]:
    """The work of writing what is kept and what is not, as files of this kind."""
    name = Path(looked.file.name.removesuffix(".gz")).stem[:60] or "answers"
    kept, dropped = folder / f"{name}.kept.{kind}", folder / f"{name}.dropped.{kind}"

    def work(see: See[loading.Progress]) -> Written:
        chosen, total = selected(looked.found, rules), 2 * len(looked.found)

        def told(done: int) -> None:
            if done % 500 == 0 and not see(loading.Progress(done, 0, 0, done / total)):
                raise Stopped

        def of_kept(at: int) -> dict[str, Any] | None:
            told(at)
            return None if chosen.why[at] else _added(looked.found, chosen, at)

        def of_dropped(at: int) -> dict[str, Any] | None:
            told(len(looked.found) + at)
            return with_reason(looked, chosen, rules, at) if chosen.why[at] else None

        kind_of(kept)
        looked.file.write(kept, SCORE, of_kept)
        looked.file.write(dropped, WHY, of_dropped, _rejected)
        return Written(rules, kind, kept, dropped)

    return work


def _added(found: Scored, chosen: Selection, at: int) -> dict[str, Any]:
    return {"score": found.score[at], "rank": int(chosen.rank[at]) or None}


def with_reason(looked: Looked, chosen: Selection, rules: Rules, at: int) -> dict[str, Any]:
    """What is added to a row that is dropped."""
    why = {"row": looked.file.rows[at], "dropped_because": reason(looked.found, chosen, rules, at)}
    return _added(looked.found, chosen, at) | why


def _rejected(rejection: Rejection) -> dict[str, Any]:
    return {"row": rejection.row, "dropped_because": rejection.reason}


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


@st.cache_resource(show_spinner=False, max_entries=6, on_release=_remove)
def folder_for(upload: str, project: int, version: int, rules: Rules, kind: str) -> Path:
    """The folder in which what is written by these rules waits; the oldest one goes when there are more than six."""
    return Path(tempfile.mkdtemp(dir=shelf()))


def fates(found: Scored, chosen: Selection) -> pd.DataFrame:
    """How many answers have which score and fate. Columns `score` (the middle of a bin), `fate`, `n`."""
    score = found.scores()
    edges = np.histogram_bin_edges(score, _BINS)
    middles = (edges[:-1] + edges[1:]) / 2
    parts = [
        pd.DataFrame({"score": middles, "fate": fate, "n": np.histogram(score[chosen.why == place], edges)[0]})
        for place, fate in enumerate(FATES[why] for why in REASONS)
    ]
    whole = pd.concat(parts)
    return whole[whole["n"] > 0].assign(low=lambda f: f["score"] - (edges[1] - edges[0]) / 2, width=edges[1] - edges[0])


def examples(looked: Looked, chosen: Selection, places: Sequence[int]) -> pd.DataFrame:
    """These answers as they are read: row, what becomes of it, score, rank, answer, prompt."""
    rows = [
        {
            _("Row"): answer.number,
            _("Why"): _(FATES[REASONS[chosen.why[at]]]),
            _("Score (logits)"): round(looked.found.score[at], 2),
            _("Place"): _("{rank} of {of}", rank=number(int(chosen.rank[at])), of=number(int(chosen.of[at]))),
            _("Answer"): _short(answer.response),
            _("Prompt"): _short(prompt_text(answer.prompt)),
        }
        for at, answer in looked.file.some(places)
    ]
    return pd.DataFrame(rows)


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"
