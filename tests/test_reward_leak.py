"""No model is evaluated on a prompt that it was fitted on, whoever asks and whatever the files call their groups."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from data.errors import InputError
from data.schemas import PreferencePair, prompt_group
from reward_model.__main__ import main
from reward_model.design import design
from reward_model.evaluate import out_of_fold
from reward_model.observations import observations
from reward_model.seen import was_seen
from reward_model.training import evaluated, trained
from tests.preferences_made import made_pairs

NEVER = "were in the training data of this reward model; evaluate it on others"


def with_groups(pairs: Sequence[PreferencePair], named: str) -> list[PreferencePair]:
    """The pairs with the groups that intake gives them: `named` and the prompt, or the prompt's own when empty."""
    return [
        pair.model_copy(update={"group": f"{named} {pair.task_id}" if named else prompt_group(pair.prompt)})
        for pair in pairs
    ]


def asked_anew(pairs: Sequence[PreferencePair]) -> list[PreferencePair]:
    """The same answers, to prompts that nobody has seen."""
    prompts = [pair.prompt[0].model_copy(update={"content": f"Now {pair.prompt[0].content}"}) for pair in pairs]
    return [pair.model_copy(update={"prompt": (prompt,)}) for pair, prompt in zip(pairs, prompts, strict=True)]


def as_file(path: Path, pairs: Sequence[PreferencePair], named: str = "") -> Path:
    rows = [
        {"prompt": pair.prompt[0].content, "chosen": pair.chosen, "rejected": pair.rejected}
        | ({"group": f"{named} {pair.task_id}"} if named else {})
        for pair in pairs
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(("fitted", "tested"), [("", ""), ("topic", ""), ("", "topic"), ("topic", "topic")])
def test_a_prompt_of_the_training_data_is_refused_whichever_file_names_its_groups(fitted: str, tested: str) -> None:
    model = trained(with_groups(made_pairs(8), fitted))
    leak = with_groups(made_pairs(8)[:3], tested)
    fresh = with_groups(asked_anew(made_pairs(4)), "new" if tested else "")
    with pytest.raises(InputError, match=NEVER):
        evaluated(model, [*fresh, *leak])
    assert evaluated(model, fresh)["n_pairs"] == len(fresh)


def test_case_and_punctuation_do_not_make_a_new_prompt() -> None:
    model = trained(with_groups(made_pairs(8), ""))
    pair = made_pairs(12)[0]
    shouted = pair.prompt[0].model_copy(update={"content": pair.prompt[0].content.upper() + " !"})
    assert was_seen(model, with_groups([pair.model_copy(update={"prompt": (shouted,)})], "")[0])


def test_where_both_files_name_groups_one_prompt_may_stand_for_many() -> None:
    question = made_pairs(1)[0].prompt
    pairs = [pair.model_copy(update={"prompt": question}) for pair in made_pairs(24)]
    topics = [pair.model_copy(update={"group": f"topic {n // 6}"}) for n, pair in enumerate(pairs)]
    model = trained(topics[:60])
    assert not any(was_seen(model, pair) for pair in topics[60:])
    assert all(was_seen(model, pair) for pair in topics[:60])
    assert all(was_seen(model, pair) for pair in with_groups(topics[60:], ""))


def test_the_command_line_leaves_out_the_leak_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs, model = made_pairs(8), str(tmp_path / "model")
    assert main(["fit", str(as_file(tmp_path / "fit.jsonl", pairs)), "--out", model]) == 0
    capsys.readouterr()
    assert main(["evaluate", model, str(as_file(tmp_path / "test.jsonl", pairs, "named"))]) == 2
    said = capsys.readouterr().err
    assert "24 of 24 pairs are left out: their prompts were in the training data." in said
    assert "There is no pair left to evaluate on" in said


@pytest.mark.parametrize("n_prompts", [8, 50])
def test_no_prompt_stands_on_both_sides_of_a_fold_and_each_is_held_out_once(n_prompts: int) -> None:
    obs = observations(made_pairs(n_prompts, each=2))
    outer = out_of_fold(design(obs), obs, lambda: None).folds
    assert all(not set(obs.group[one.train]) & set(obs.group[one.test]) for one in outer)
    assert sorted(np.concatenate([one.test for one in outer])) == list(range(len(obs)))
