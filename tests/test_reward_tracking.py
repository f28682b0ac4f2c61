"""MLflow: told where somebody asks for it, and never in the way of a fit."""

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

from reward_model.model import CARD, WEIGHTS, RewardModel
from reward_model.tracking import SETTING, figures, told
from reward_model.training import trained
from tests.preferences_made import made_pairs


@pytest.fixture(scope="module")
def model() -> RewardModel:
    return trained(made_pairs(12))


class Client:
    """Stands for MLflow's client and remembers what it is told."""

    seen: ClassVar[dict[str, Any]] = {}
    fails = False

    def __init__(self, tracking_uri: str) -> None:
        Client.seen = {"where": tracking_uri, "params": {}, "metrics": {}}

    def get_experiment_by_name(self, _name: str) -> None:
        return None

    def create_experiment(self, name: str) -> str:
        return name

    def create_run(self, experiment: str) -> Any:
        Client.seen["experiment"] = experiment
        return SimpleNamespace(info=SimpleNamespace(run_id="r1"))

    def log_param(self, _run: str, name: str, value: str) -> None:
        if Client.fails:
            raise ConnectionError("password=secret")
        Client.seen["params"][name] = value

    def log_metric(self, _run: str, name: str, value: float) -> None:
        Client.seen["metrics"][name] = value

    def log_artifacts(self, _run: str, folder: str) -> None:
        Client.seen["files"] = {path.name: path.read_bytes() for path in Path(folder).iterdir()}

    def set_terminated(self, _run: str, status: str = "FINISHED") -> None:
        Client.seen["status"] = status


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> type[Client]:
    module = ModuleType("mlflow")
    module.MlflowClient = Client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setenv(SETTING, "http://tracking")
    Client.fails = False
    return Client


def test_nothing_is_told_where_nobody_asks(model: RewardModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    assert told(model, "demo") is None


def test_a_run_holds_choices_figures_card_and_weights(model: RewardModel, mlflow: type[Client]) -> None:
    said = told(model, "demo")
    seen = mlflow.seen
    assert said == "MLflow holds this fit as run r1 of “demo”."
    assert (seen["where"], seen["experiment"], seen["status"]) == ("http://tracking", "demo", "FINISHED")
    assert seen["params"]["fingerprint"] == model.card["data"]["fingerprint"]
    assert seen["metrics"]["accuracy"] == model.card["metrics"]["accuracy"]
    assert seen["metrics"]["accuracy_low"] == model.card["metrics"]["accuracy_ci"][0]
    assert set(seen["files"]) == {CARD, "card.md", WEIGHTS}
    assert json.loads(seen["files"][CARD])["metrics"] == model.card["metrics"]


def test_a_server_that_fails_costs_a_sentence_and_not_the_fit(model: RewardModel, mlflow: type[Client]) -> None:
    mlflow.fails = True
    said = told(model, "demo")
    assert said is not None
    assert "ConnectionError" in said
    assert "secret" not in said
    assert mlflow.seen["status"] == "FAILED"


def test_where_mlflow_is_missing_a_sentence_says_what_to_install(
    model: RewardModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, "http://tracking")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    said = told(model, "demo")
    assert said is not None
    assert "requirements-mlflow.txt" in said


def test_every_figure_is_one_number(model: RewardModel) -> None:
    found = dict(figures({"metrics": model.card["metrics"], "human_ceiling": {"accuracy": 0.8, "ci": [0.7, 0.9]}}))
    assert {"human_ceiling", "human_ceiling_low", "brier_high", "ece"} <= set(found)
    assert all(isinstance(value, float) for value in found.values())


def test_mlflow_itself_keeps_a_run_in_a_file(
    model: RewardModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = pytest.importorskip("mlflow")
    where = f"sqlite:///{tmp_path / 'runs.db'}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(SETTING, where)
    said = told(model, "demo")
    assert said is not None
    client = mlflow.MlflowClient(tracking_uri=where)
    (run,) = client.search_runs([client.get_experiment_by_name("demo").experiment_id])
    assert run.data.metrics["accuracy"] == pytest.approx(model.card["metrics"]["accuracy"])
