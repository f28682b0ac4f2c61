"""What flag models say of answers that nobody judged."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from data.errors import InputError, Sentence
from reward_model.features import Item
from reward_model.flag_features import counts
from reward_model.flag_model import FlagModel, flag_model_from, weights_bytes
from reward_model.model import CARD, WEIGHTS
from reward_model.scoring import Flagging, Flags, no_flags


def flagging(models: Mapping[str, FlagModel], least: Mapping[str, float]) -> Flagging:
    """The flags of these models, by kind; one counts from the probability that `least` has for it."""
    limits = {kind: least[kind] for kind in models}
    return partial(_flags, models=models, least=limits) if models else no_flags  # as it can be sent to processes


def _flags(items: Sequence[Item], models: Mapping[str, FlagModel], least: Mapping[str, float]) -> Sequence[Flags]:
    found = counts([response for _, response in items])
    chances = {kind: model.of_counts(found).tolist() for kind, model in models.items()}
    return [{kind: said[at] for kind, said in chances.items() if said[at] >= least[kind]} for at in range(len(items))]


def save_flag_model(model: FlagModel, folder: Path) -> None:
    """Write card and weights into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CARD).write_text(json.dumps(dict(model.card), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / WEIGHTS).write_bytes(weights_bytes(model))


def load_flag_model(folder: Path) -> FlagModel:
    """The flag model kept in a folder; InputError when it is missing or damaged."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        weights = (folder / WEIGHTS).read_bytes()
    except FileNotFoundError as error:
        missing = Path(str(error.filename)).name
        lacks = Sentence("{folder} holds no flag model: {file} is missing; name another folder.")
        raise InputError(lacks, folder=folder, file=missing) from None
    except (OSError, ValueError):
        unread = Sentence("The card of the flag model in {folder} cannot be read; fit or copy it again.")
        raise InputError(unread, folder=folder) from None
    if not isinstance(card, dict) or not isinstance(card.get("kind"), str):
        unnamed = Sentence("The card of the flag model in {folder} names no kind of flag; fit or copy it again.")
        raise InputError(unnamed, folder=folder)
    return flag_model_from(card, weights)
