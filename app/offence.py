"""The project's own model of toxic answers, as what cleaning asks how probable offence is."""

from app.flag_fitting import SAMPLED, flag_models
from data.clean.offence import Scorer
from data.schemas import Project
from data.store import Store


def offence_of(store: Store, project: Project) -> Scorer | None:
    """What the newest model for the flag “toxic” says of a text; None where none was fitted."""
    model = flag_models(store, project).get(SAMPLED)
    return (lambda text: float(model.probabilities([text])[0])) if model else None
