"""A fitted reward model told to MLflow, where somebody has set MLFLOW_TRACKING_URI."""

import logging
import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reward_model.card import as_json, markdown
from reward_model.model import CARD, WEIGHTS, RewardModel, weights_bytes

_LOG = logging.getLogger(__name__)
SETTING = "MLFLOW_TRACKING_URI"
_IMPATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
"""A server that does not answer delays a fit by seconds, unless the setting says otherwise."""


def told(model: RewardModel, experiment: str) -> str | None:
    """One run with the card's parameters, figures and files; a sentence on what came of it, None where nobody asked.

    Nothing that goes wrong here is raised: a fit is never lost because it could not be told.
    """
    where = os.environ.get(SETTING)
    if not where:
        return None
    for name, value in _IMPATIENT.items():
        os.environ.setdefault(name, value)
    try:
        run = _run(import_module("mlflow"), model, where, experiment)
    except ModuleNotFoundError as error:
        return (
            f"{SETTING} is set, but {error.name} is not installed: nothing was told to MLflow; "
            "run `pip install -r requirements-mlflow.txt`."
        )
    except Exception as error:  # whatever a server or a version of MLflow does, the fit stays
        _LOG.warning("MLflow could not be told of a fit", exc_info=True)
        return f"MLflow could not be told of this fit ({type(error).__name__}, see the log); the fit itself is kept."
    return f"MLflow holds this fit as run {run} of “{experiment}”."


def _run(mlflow: Any, model: RewardModel, where: str, experiment: str) -> str:
    client = mlflow.MlflowClient(tracking_uri=where)
    known = client.get_experiment_by_name(experiment)
    run_id = str(client.create_run(known.experiment_id if known else client.create_experiment(experiment)).info.run_id)
    try:
        for name, value in parameters(model.card):
            client.log_param(run_id, name, value)
        for name, figure in figures(model.card):
            client.log_metric(run_id, name, figure)
        _send_files(client, run_id, model)
    except Exception:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id)
    return run_id


def _send_files(client: Any, run_id: str, model: RewardModel) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / CARD).write_text(as_json(model.card), encoding="utf-8")
        (Path(folder) / "card.md").write_text(markdown(model.card), encoding="utf-8")
        (Path(folder) / WEIGHTS).write_bytes(weights_bytes(model))
        client.log_artifacts(run_id, folder)


def parameters(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was chosen: the fingerprint of the pairs, rules and choices, as names and texts of up to 500 characters."""
    yield "fingerprint", str(card["data"]["fingerprint"])
    for block in ("choice", "fit_rules", "pair_rules", "split"):
        for name, value in card.get(block, {}).items():
            yield f"{block}.{name}", str(value)[:500]


def figures(card: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """What was found: every number of the card's metrics, the ends of intervals as `…_low` and `…_high`."""
    found = dict(card["metrics"])
    if ceiling := card.get("human_ceiling"):
        found |= {"human_ceiling": ceiling["accuracy"], "human_ceiling_ci": ceiling["ci"]}
    for name, value in found.items():
        if isinstance(value, int | float):
            yield name, float(value)
        elif name.endswith("_ci") and value:
            yield f"{name[:-3]}_low", value[0]
            yield f"{name[:-3]}_high", value[1]
