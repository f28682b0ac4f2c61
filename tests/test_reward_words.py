"""The words beside the numbers of a reward model, which must agree with other pages and with what a coin would get."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import session
from data.schemas import Project
from data.store import Store
from reward_model.model import weights_bytes
from reward_model.training import trained
from tests.preferences_made import made_pairs

MAIN = Path(__file__).parent.parent / "app" / "main.py"
NUMBERS = {"n_pairs": 100, "n_ties": 40, "n_prompts": 225, "n_groups": 113, "brier": 0.15}


@pytest.fixture(autouse=True)
def the_store_of_this_test(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The screens use the store of the test."""
    monkeypatch.setattr(session, "store", lambda: store)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def page(store: Store, project: Project, log_loss: float) -> AppTest:
    model = trained(made_pairs(10))
    card = dict(model.card) | {"metrics": model.card["metrics"] | NUMBERS | {"log_loss": log_loss}}
    store.save_model(project.id, card, weights_bytes(model), "ann")
    at = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/reward_model.py").run()
    assert not at.exception
    return at


@pytest.mark.parametrize(("log_loss", "is_said"), [(0.6932, True), (0.6931, False)])
def test_a_log_loss_no_better_than_a_coin_is_said_to_be_so(
    store: Store, project: Project, log_loss: float, is_said: bool
) -> None:
    captions = [caption.value for caption in page(store, project, log_loss).caption]
    assert any("no better than that of tossing a coin" in caption for caption in captions) == is_said


def test_prompts_are_split_groups_and_the_coin_has_the_ties_of_these_pairs(store: Store, project: Project) -> None:
    at = page(store, project, 0.69)
    told = {metric.label: (metric.value, metric.help) for metric in at.metric}
    assert told["Prompts"][0] == "113"
    assert "Prompts that open alike count as one." in told["Prompts"][1]
    assert "tossing a coin has 0.150 on these pairs" in told["Brier score"][1]
    versions = next(table.value for table in at.dataframe if "Fingerprint" in table.value.columns)
    assert versions["Prompts"].tolist() == [113]
