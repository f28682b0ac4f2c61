"""One fit as it is run in a process of its own: from pairs to a card and weights to store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from data.errors import InputError
from data.schemas import PreferencePair
from reward_model.fit import FitRules
from reward_model.learning import with_ceiling
from reward_model.model import model_from, weights_bytes
from reward_model.tracking import told
from reward_model.training import Step, trained


@dataclass(frozen=True)
class Order:
    """What to fit: `before` is the card and the weights of the version to begin at, `about` goes into the new card."""

    pairs: Sequence[PreferencePair]
    rules: FitRules
    before: tuple[Mapping[str, Any], bytes] | None
    about: Mapping[str, Any]
    experiment: str


class Fitted(NamedTuple):
    """A fit to store: `told` is what came of telling MLflow, if asked; `warm`: it began at the version before."""

    card: Mapping[str, Any]
    weights: bytes
    told: str | None
    warm: bool


def fitted_apart(order: Order, report: Callable[[Step], None]) -> Fitted:
    """The fit that was ordered; a version to begin at that cannot be read is left aside. InputError: too few pairs."""
    before = None
    if order.before is not None:
        try:
            before = model_from(*order.before)
        except InputError:
            before = None
    model = trained(order.pairs, report, order.rules, before)
    model = replace(model, card=_whole_card(model.card, order.about))
    return Fitted(model.card, weights_bytes(model), told(model, order.experiment), before is not None)


def _whole_card(card: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    learning, accuracy = card.get("learning"), card["metrics"]["accuracy"]
    known = learning and with_ceiling(learning, accuracy, about.get("human_ceiling"))
    return {**card, **about, "learning": known}
