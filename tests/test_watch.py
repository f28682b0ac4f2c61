"""How released models do over time, and what a lead is warned of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from data.intake.released import Released, released
from data.intake.rows import Row
from data.schemas import Alarm, Project, Rejection, WatchedAnswer
from data.store import Store
from reward_model.alarms import alarm_states
from reward_model.likeness import judged_prompts, unlikeness
from reward_model.watch import iso_week, releases, weekly, win_rate, win_rates

START = datetime(2026, 11, 2, 12, tzinfo=UTC)


def answer(source: str, prompt: str, score: float, week: int = 0, **more: object) -> WatchedAnswer:
    when = START + timedelta(weeks=week)
    values: dict[str, object] = {
        "id": f"{source} {prompt} {week} {score}",
        "source": source,
        "written_at": when,
        "prompt": prompt,
        "response": "Yes",
        "group": prompt,
        "model_version": 1,
        "score": score,
        "unlike": 0.5,
    }
    return WatchedAnswer.model_validate(values | more)


def made(source: str, shift: float, n: int = 60, week: int = 0, seed: int = 0, first: int = 0) -> list[WatchedAnswer]:
    chance = np.random.default_rng(seed)
    return [answer(source, f"Prompt {first + k}", float(chance.normal(shift)), week) for k in range(n)]


def test_weeks_are_those_of_iso_also_around_new_year() -> None:
    assert iso_week(datetime(2027, 1, 1, tzinfo=UTC)) == "2026-W53"
    assert iso_week(datetime(2025, 12, 29, tzinfo=UTC)) == "2026-W01"


def test_each_source_and_week_has_its_mean_with_an_interval_that_holds_it() -> None:
    answers = made("b", 1.0, week=1) + made("a", 0.0) + made("a", 0.5, week=1, seed=1)
    assert releases(answers) == ["a", "b"]
    weeks = weekly(answers, {})
    assert [(w.source, w.week, w.n, w.n_prompts) for w in weeks] == [
        ("a", "2026-W45", 60, 60),
        ("a", "2026-W46", 60, 60),
        ("b", "2026-W46", 60, 60),
    ]
    assert all(w.score.low < w.score.value < w.score.high for w in weeks)
    assert weeks[0].monday == datetime(2026, 11, 2, tzinfo=UTC)


def test_flagged_and_unlike_shares_count_what_passes_their_limits() -> None:
    answers = [
        answer("a", "p1", 0.0, flags={"toxic": 0.6}, unlike=0.96),
        answer("a", "p2", 0.0, flags={"toxic": 0.4}, unlike=0.95),
        answer("a", "p3", 0.0),
        answer("a", "p4", 0.0),
    ]
    (week,) = weekly(answers, {})
    assert (week.flagged.value, week.unlike.value) == (0.25, 0.25)
    assert weekly(answers, {"toxic": 0.3})[0].flagged.value == 0.5


def test_a_release_is_held_against_the_last_on_the_prompts_that_both_answered() -> None:
    old, new = made("old", 0.0), made("new", 1.0, week=1, first=30)
    found = win_rate(old + new, "new", "old")
    assert (found.paired, found.n_prompts) == (True, 30)
    expected = np.mean([1 / (1 + np.exp(o.score - n.score)) for o in old for n in new if o.prompt == n.prompt])
    assert found.rate.value == pytest.approx(expected)
    assert found.rate.low < found.rate.value < found.rate.high
    assert win_rate(old + new, "old", "new").rate.value == pytest.approx(1 - expected)


def test_without_a_common_prompt_all_stand_beside_all_and_it_says_so() -> None:
    found = win_rate(made("old", 0.0) + made("new", 2.0, week=1, first=1000, seed=5), "new", "old")
    assert not found.paired
    assert 0.5 < found.rate.low < found.rate.value < found.rate.high < 1


def test_one_prompt_says_nothing_of_others() -> None:
    (found,) = win_rates([answer("old", "p", 0.0), answer("new", "p", 3.0, week=1)])
    assert (found.rate.low, found.rate.high) == (0.0, 1.0)


def test_the_paired_interval_of_two_equal_releases_mostly_holds_one_half() -> None:
    inside = 0
    for seed in range(60):
        found = win_rate(made("a", 0.0, 40, 0, seed) + made("b", 0.0, 40, 1, seed + 1000), "b", "a")
        inside += found.rate.low <= 0.5 <= found.rate.high
    assert inside >= 54


def test_a_prompt_far_from_all_judged_ones_is_unlike_and_a_judged_one_is_not() -> None:
    cooking = {f"g{n}": f"How do I cook {n} eggs with {food} for dinner?" for n, food in enumerate(FOOD)}
    found = unlikeness(judged_prompts(cooking), ["How do I cook 2 eggs with rice for dinner?", CODE, cooking["g1"]])
    assert found[1] > 0.95
    assert found[0] < 0.95
    assert found[2] == 0.0


FOOD = ("rice", "beans", "milk", "bread", "cheese", "onions", "carrots", "butter", "tomatoes", "noodles", "fish", "ham")
CODE = "Prove that every compact Hausdorff topological space is normal."


def test_nothing_is_unlike_while_nothing_was_judged() -> None:
    assert unlikeness(judged_prompts({}), ["a", "b"]).tolist() == [0, 0]
    assert unlikeness(judged_prompts({"g": "one"}), ["a"]).tolist() == [0]


ALARMS: dict[Alarm, float] = {
    "win rate below": 0.5,
    "score falls by": 0.3,
    "unlike share above": 0.2,
    "flagged share above": 0.05,
}


def test_an_alarm_is_sure_only_when_the_whole_interval_is_beyond_its_limit() -> None:
    worse = made("old", 0.0, 200) + [a.model_copy(update={"unlike": 0.99}) for a in made("new", -1.0, 200, 1, 1)]
    states = {state.alarm: state for state in alarm_states(worse, ALARMS, {})}
    assert {name: state.state for name, state in states.items()} == {
        "win rate below": "alarm",
        "score falls by": "alarm",
        "unlike share above": "alarm",
        "flagged share above": "no data",
    }
    assert states["win rate below"].beside == "old"
    slightly = made("old", 0.0, 20) + made("new", -0.2, 20, 1, 2)
    limit = win_rate(slightly, "new", "old").rate.value + 0.01
    assert [s.state for s in alarm_states(slightly, {"win rate below": limit}, {})] == ["may be"]
    assert [s.state for s in alarm_states(slightly, {"win rate below": 0.05}, {})] == ["quiet"]


def test_a_fall_is_measured_against_the_earlier_weeks_of_the_same_release() -> None:
    answers = made("a", 1.0, 80) + made("a", 0.0, 80, week=1, seed=3)
    (state,) = alarm_states(answers, {"score falls by": 0.2}, {})
    assert state.measure is not None
    assert state.measure.value == pytest.approx(1.0, abs=0.4)
    assert (state.state, state.beside) == ("alarm", "a")


def test_alarms_wait_for_data() -> None:
    assert [s.state for s in alarm_states([], ALARMS, {})] == ["no data"] * 4
    alone = {s.alarm: s.state for s in alarm_states(made("a", 0.0), ALARMS, {})}
    assert (alone["win rate below"], alone["score falls by"]) == ("no data", "no data")


def read(*rows: dict[str, object]) -> Iterator[Released | Rejection]:
    return released([Row(n, values) for n, values in enumerate(rows, start=1)])


GOOD: dict[str, object] = {"prompt": "p", "response": "r", "source": "m", "written_at": "2026-11-23"}


@pytest.mark.parametrize(
    "written", ["2026-11-23", "2026-11-23T00:00:00Z", "2026-11-23 03:00+03:00", 1795392000, datetime(2026, 11, 23)]
)
def test_a_moment_is_read_however_files_write_it(written: object) -> None:
    (found,) = read(GOOD | {"written_at": written})
    assert isinstance(found, Released)
    assert found.written_at == datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"written_at": "yesterday"}, "is no date"),
        ({"written_at": None}, "is missing"),
        ({"written_at": "1826-01-01"}, "year 1826"),
        ({"source": ""}, "which model"),
        ({"response": " "}, "is empty"),
        ({"prompt": None}, "is missing"),
        ({"written_at": 1e300}, "is no date"),
    ],
)
def test_a_bad_row_is_one_sentence_and_the_good_ones_stay(change: dict[str, object], says: str) -> None:
    bad, good = read(GOOD | change, GOOD)
    assert isinstance(bad, Rejection)
    assert says in bad.reason
    assert bad.reason.startswith("Row 1: ")
    assert isinstance(good, Released)


def test_watched_answers_are_kept_once_and_take_over_new_scores(any_store: Store) -> None:
    project = any_store.create_project(Project(name="Test"))
    some = made("a", 0.0, 5)
    assert any_store.add_watched(project.id, some) == 5
    assert any_store.add_watched(project.id, [*some[:3], *made("b", 1.0, 1, week=-1)]) == 1
    assert [one.source for one in any_store.watched(project.id)] == ["b", *["a"] * 5]
    again = [one.model_copy(update={"model_version": 2, "score": 9.0, "flags": {"spam": 0.5}}) for one in some]
    assert any_store.add_watched(project.id, again) == 0
    assert [one.id for one in any_store.watched_scores(project.id, 2)] == [
        one.id for one in any_store.watched(project.id) if one.model_version == 2
    ]
    kept = {one.id: one for one in any_store.watched(project.id)}
    assert [kept[one.id] for one in again] == again
    assert any_store.watched_size(project.id)[:3] == (6, 1, 2)
    other = any_store.create_project(Project(name="Other"))
    assert any_store.watched_size(other.id)[:3] == (0, 0, 0)
    assert any_store.watched(other.id) == []
