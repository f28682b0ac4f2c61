"""The optional sentence encoder: a family more where somebody names one, a sentence where it cannot be used."""

from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from data.errors import InputError
from reward_model import encoder
from reward_model.embedding import embeddings
from reward_model.encoder import MOST_DIMENSIONS, encoded
from reward_model.explain import contributions
from reward_model.features import ENCODER, EVERY_FAMILY, family_of, features
from reward_model.fit import FitRules
from reward_model.model import load, save
from reward_model.training import trained
from tests.preferences_made import made_pairs

MISSING = find_spec("sentence_transformers") is None


class Static:
    """An encoder in the shape of sentence-transformers' own, with the static embeddings that are built in."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions

    def encode(self, texts: list[str], **_options: bool) -> np.ndarray:
        """Vectors of length 1."""
        return np.tile(embeddings(texts), (1, 8))[:, : self.dimensions]


@pytest.fixture
def static(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "_encoder", lambda name: Static(int(name)))


@pytest.mark.skipif(not MISSING, reason="sentence-transformers is installed here")
def test_without_the_package_one_sentence_says_what_to_install() -> None:
    with pytest.raises(InputError, match=r"install it with “pip install -r requirements-encoder\.txt”"):
        encoded(["A text."], "some/encoder")


def test_a_name_that_is_no_encoder_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_name: str) -> None:
        raise OSError("no such model\nand much more")

    package = ModuleType("sentence_transformers")
    package.SentenceTransformer = refuse  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "sentence_transformers", package)
    with pytest.raises(InputError, match=r"“nobody/none” cannot be loaded: no such model"):
        encoded(["A text."], "nobody/none")


@pytest.mark.usefixtures("static")
def test_an_empty_text_has_no_vector_and_too_many_dimensions_are_refused() -> None:
    found = encoded(["A text.", " "], "256")
    assert found.shape == (2, MOST_DIMENSIONS)
    assert np.linalg.norm(found, axis=1).tolist() == pytest.approx([1, 0])
    with pytest.raises(InputError, match="has 2,048 dimensions; name one with at most 1,024"):
        encoded(["A text."], "2048")


@pytest.mark.usefixtures("static")
def test_a_model_with_an_encoder_scores_the_same_after_it_was_saved_and_explains_it_as_one_part(tmp_path: Path) -> None:
    model = trained(made_pairs(30, noise=0.0), rules=FitRules(families=(), encoder="256"))
    assert model.families == (ENCODER,)
    save(model, tmp_path)
    item = ("Say it", "A careful answer because of evidence.")
    again = load(tmp_path)
    assert again.scores([item]) == pytest.approx(model.scores([item]))
    parts = contributions(again, item)
    assert sum(part.value for part in parts) == pytest.approx(again.scores([item])[0], abs=1e-6)
    assert {part.family for part in parts} == {ENCODER, "typical"}


@pytest.mark.usefixtures("static")
def test_the_encoder_has_columns_of_its_own() -> None:
    row = features([("p", "Some words.")], [ENCODER], "256")
    assert {family_of(int(at)) for at in row.indices} == {ENCODER}
    assert set(row.indices.tolist()) <= set(EVERY_FAMILY[ENCODER].columns.tolist())
