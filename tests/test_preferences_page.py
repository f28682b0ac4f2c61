"""The Preferences page on a real store, and the tables behind it."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.charts import leaderboard_chart, win_rate_chart
from app.findings import KINDS, Wanted, board_frame, flag_labels, frame_of, records, wanted_pairs
from app.session import Person, Role
from data.export.files import csv_text
from data.readings import Reading
from data.schemas import STANDARD_FLAGS, Judgement, Project, Slice, Task
from data.store import Store
from rankers.agreement import human_ceiling
from rankers.leaderboard import leaderboard, win_rates
from rankers.pairs import PairRules, pairs_frame, preference_pairs
from tests.conftest import MAIN, a_judgement, a_task

pytestmark = pytest.mark.usefixtures("shared_store")


def judged_tasks(n: int = 40) -> tuple[list[Task], list[Judgement]]:
    """n prompts, three sources, two people; the third source is flagged now and then."""
    tasks = [a_task(f"Question {i}?", f"one {i}", "two", "three", sources=("gpt", "llama", "=evil")) for i in range(n)]
    orders = [(("r1",), ("r2",), ("r3",)), (("r2",), ("r1", "r3")), (("r3",), ("r1",), ("r2",))]
    flags = [{"response_id": "r3", "kind": "toxic"}]
    judgements = [
        a_judgement(task, *orders[(i + len(who)) % 3], annotator=who, flags=flags if i % 4 == 0 else [])
        for i, task in enumerate(tasks)
        for who in ("ann", "robert")
    ]
    return tasks, judgements


@pytest.fixture
def filled(store: Store, project: Project) -> Project:
    store.add(project.id, *judged_tasks())
    return project


def preferences_page() -> AppTest:
    return AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/preferences.py").run()


def open_tab(at: AppTest, name: str) -> AppTest:
    at.session_state["preferences_tab"] = name
    return at.run()


def everything_on(at: AppTest) -> str:
    elements = [*at.markdown, *at.caption, *at.text, *at.subheader, *at.error]
    return "\n".join(str(element.value) for element in elements)


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_without_a_project_the_page_says_what_will_appear() -> None:
    at = preferences_page()
    assert not at.exception
    assert "appear here" in everything_on(at)


def test_without_pairs_the_page_offers_the_next_step(store: Store, project: Project) -> None:
    store.add(project.id, judged_tasks(2)[0])
    at = preferences_page()
    assert not at.exception
    assert "0 judgements so far, and no pairs" in everything_on(at)
    assert at.get("page_link")


def test_the_answer_comes_first_with_its_interval_and_counts_that_add_up(filled: Project) -> None:
    at = preferences_page()
    assert not at.exception
    made = preference_pairs({t.id: t for t in judged_tasks()[0]}, judged_tasks()[1], PairRules())
    assert metrics(at)["Judgements"] == "80"
    assert metrics(at)["Pairs"] == f"{len(made.pairs)}"
    assert metrics(at)["Two people agree"].endswith("%")
    said = everything_on(at)
    assert f"240 pairs in all = {len(made.pairs)} made" in said
    assert "95% interval" in said
    assert "is preferred to an average source in" in said


def test_the_rules_are_chosen_here_and_their_effect_is_counted(filled: Project) -> None:
    at = preferences_page()
    before = metrics(at)["Pairs"]
    at.selectbox(key="preferences_flags").set_value("excluded").run()
    assert not at.exception
    assert metrics(at)["Pairs"] == "200"
    assert "40 left out: flagged response in the pair" in everything_on(at)
    at.selectbox(key="preferences_flags").set_value("ignored").run()
    assert metrics(at)["Pairs"] == "240"
    assert 200 < int(before) < 240
    table = at.table[0].value
    assert table.loc["excluded"].to_dict() | {"What it does": ""} == {
        "Pairs kept": "200",
        "Left out": "40",
        "What it does": "",
    }
    at.selectbox(key="preferences_weighting").set_value("1").run()
    assert not at.exception
    assert at.table[1].value.loc["1"].iloc[0] == "100.0% of all"


def test_something_new_is_seen_at_once(filled: Project, store: Store) -> None:
    at = preferences_page()
    before = metrics(at)["Judgements"]
    task = judged_tasks()[0][0]
    store.submit(filled.id, a_judgement(task, ("r1",), ("r2",), annotator="new"))
    assert (before, metrics(at.run())["Judgements"]) == ("80", "81")


def test_the_win_rates_are_drawn_for_as_many_sources_as_wanted(filled: Project) -> None:
    at = open_tab(preferences_page(), "Win rates")
    assert not at.exception
    assert any("In what percentage of pairs" in heading.value for heading in at.subheader)
    at.segmented_control(key="preferences_top").set_value("all").run()
    assert not at.exception


def test_pairs_are_filtered_and_paged(filled: Project) -> None:
    at = open_tab(preferences_page(), "Pairs")
    assert not at.exception
    n = metrics(at)["Pairs"]
    assert f"**{n}** of {n} pairs" in everything_on(at)
    at.text_input(key="preferences_text").set_value("ONE 17").run()
    assert not at.exception
    found = int(everything_on(at).split("**")[1])
    assert 0 < found <= 6
    at.text_input(key="preferences_text").set_value("nobody wrote this").run()
    assert "No pair is like that" in everything_on(at)


def test_where_no_source_is_named_the_page_says_so(store: Store, project: Project) -> None:
    task = a_task("Which?", "one", "two")
    store.add(project.id, [task], [a_judgement(task, ("r1",), ("r2",))])
    at = preferences_page()
    assert not at.exception
    assert "once responses name their sources" in everything_on(at)
    assert "Not on a leaderboard: 1 pair: source not known" in everything_on(at)
    assert metrics(at)["Two people agree"] == "not known"
    assert "once responses name their sources" in everything_on(open_tab(at, "Win rates"))


def test_sources_that_never_met_stand_on_boards_of_their_own(store: Store, project: Project) -> None:
    one, two = (
        a_task(f"Which {n}?", "one", "two", sources=sources) for n, sources in enumerate((("a", "b"), ("x", "y")))
    )
    store.add(project.id, [one, two], [a_judgement(t, ("r1",), ("r2",)) for t in (one, two)])
    at = preferences_page()
    assert not at.exception
    assert [heading.value.split(":")[0] for heading in at.subheader] == ["Board 1 of 2", "Board 2 of 2"]
    assert "no finite value: some sources only won" in everything_on(at)


def test_annotators_do_not_see_the_page(filled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "person", lambda: Person("ann", "annotator"))
    at = AppTest.from_file(MAIN, default_timeout=60).run()
    with pytest.raises(ValueError, match="preferences"):
        at.switch_page("screens/preferences.py").run()


# By topic and by language.


@pytest.fixture
def read(filled: Project, store: Store) -> Project:
    """Of the 40 tasks 12 are of health and in English, 18 of health and politics in Russian; 10 are not read."""
    kinds = [Reading("en", ("health",))] * 12 + [Reading("ru", ("health", "politics"))] * 18
    store.keep_readings(filled.id, {task.id: kind for task, kind in zip(judged_tasks()[0], kinds, strict=False)})
    return filled


def tables(at: AppTest) -> dict[str, pd.DataFrame]:
    """The tables by topic and by language, by name of the slice."""
    found = [element.value for element in at.dataframe]
    return {title: frame.set_index("Name") for title, frame in zip(("topic", "language"), found, strict=True)}


def test_where_nothing_was_read_there_is_nothing_to_choose_and_the_tab_offers_to_read(filled: Project) -> None:
    at = open_tab(preferences_page(), "Topics and languages")
    assert not at.exception
    assert "once the tasks are read" in everything_on(at)
    assert "Read languages and topics" in [link.proto.label for link in at.get("page_link")]
    with pytest.raises(KeyError):
        at.selectbox(key="preferences_slice")


def test_one_topic_or_language_is_what_the_whole_page_is_about(read: Project, store: Store) -> None:
    at = preferences_page()
    choice = at.selectbox(key="preferences_slice")
    assert choice.options == [
        "Topic: Health",
        "Topic: Politics",
        "Topic: not read",
        "Language: Russian",
        "Language: English",
        "Language: not read",
    ]
    assert metrics(at)["Judgements"] == "80"
    choice.set_value(Slice("topic", "politics")).run()
    assert not at.exception
    mine = {task.id: task for task in judged_tasks()[0][12:30]}
    pairs = preference_pairs(mine, [j for j in judged_tasks()[1] if j.task_id in mine], PairRules()).pairs
    assert (metrics(at)["Judgements"], metrics(at)["Pairs"]) == ("36", f"{len(pairs)}")
    agreement = human_ceiling(pairs)
    assert agreement is not None
    assert metrics(at)["Two people agree"] == f"{agreement.agreement:.1%}"
    assert f"3 sources, {len(pairs)} pairs, 18 prompts" in everything_on(at)
    kept = at.table[0].value.loc["ignored"]
    assert (kept["Pairs kept"], kept["Left out"]) == ("108", "0")
    assert f"**{len(pairs)}** of {len(pairs)} pairs" in everything_on(open_tab(at, "Pairs"))
    by_language = tables(open_tab(at, "Topics and languages"))["language"]
    assert by_language["Judgements"].to_dict() == {"Russian": 36}


def test_a_topic_that_is_no_longer_there_leaves_the_page_whole(read: Project, store: Store) -> None:
    at = preferences_page()
    at.selectbox(key="preferences_slice").set_value(Slice("topic", "politics")).run()
    store.keep_readings(read.id, {task.id: Reading("en", ()) for task in judged_tasks()[0]})
    at.run()
    assert not at.exception
    assert metrics(at)["Judgements"] == "80"
    assert at.selectbox(key="preferences_slice").options == ["Topic: none", "Language: English"]


def test_the_tables_count_a_task_in_each_of_its_topics_and_once_in_its_language(read: Project) -> None:
    at = open_tab(preferences_page(), "Topics and languages")
    assert not at.exception
    found = tables(at)
    assert found["topic"]["Judgements"].to_dict() == {"Health": 60, "Politics": 36, "not read": 20}
    assert found["language"]["Judgements"].to_dict() == {"Russian": 36, "English": 24, "not read": 20}
    assert found["topic"]["Ties"].between(0, 1).all()
    assert found["topic"].loc["Health", "Flagged answers"] == pytest.approx(16 / 180, abs=0.001)
    assert [button.proto.label for button in at.get("download_button")] == ["Download as CSV"] * 2


def test_of_a_topic_with_few_prompts_the_table_says_so(filled: Project, store: Store) -> None:
    tasks = judged_tasks()[0]
    few = {task.id: Reading("en", ("finance",) if n < 4 else ()) for n, task in enumerate(tasks)}
    store.keep_readings(filled.id, few)
    row = tables(open_tab(preferences_page(), "Topics and languages"))["topic"].loc["Finance"]
    assert (row["Prompts"], row["95% interval"]) == (4, "too few")
    assert row[["Agree", "Ties", "Flagged answers"]].isna().all()


# What is behind the page.


def frame() -> pd.DataFrame:
    tasks, judgements = judged_tasks(8)
    return pairs_frame(preference_pairs({t.id: t for t in tasks}, judgements, PairRules(flags="ignored")).pairs)


def test_filters_keep_what_they_say() -> None:
    pairs = frame()
    kinds = {kind: len(wanted_pairs(pairs, Wanted(kind))) for kind in KINDS}
    assert kinds["all pairs"] == len(pairs) == kinds["ties"] + kinds["one preferred"]
    flagged = wanted_pairs(pairs, Wanted("with a flag"))
    assert 0 < len(flagged) < len(pairs)
    assert (flagged["chosen_flags"] + flagged["rejected_flags"] != "").all()
    evil = wanted_pairs(pairs, Wanted(sources=("=evil",)))
    assert ((evil["chosen_source"] == "=evil") | (evil["rejected_source"] == "=evil")).all()
    assert set(wanted_pairs(pairs, Wanted(annotators=("ann",)))["annotator"]) == {"ann"}
    assert set(wanted_pairs(pairs, Wanted(prompt="Question 3?"))["prompt"]) == {"Question 3?"}
    assert len(wanted_pairs(pairs, Wanted(text=" ONE 3 "))) == len(wanted_pairs(pairs, Wanted(text="one 3"))) > 0
    assert wanted_pairs(pairs, Wanted(text="(")).empty


def test_a_board_is_shown_as_chances_between_nothing_and_certainty() -> None:
    tasks, judgements = judged_tasks(8)
    pairs = preference_pairs({t.id: t for t in tasks}, judgements, PairRules()).pairs
    (board,) = leaderboard(pairs).boards
    table = board_frame(board)
    assert (table["Lower end"] <= table["Chance"]).all()
    assert (table["Chance"] <= table["Upper end"]).all()
    assert table["Chance"].between(0, 1).all()
    assert table["Chance"].is_monotonic_decreasing
    assert np.isclose(np.log(table["Chance"] / (1 - table["Chance"])), table["Strength"]).all()


def test_the_charts_hold_every_source_and_numbers_only_where_they_fit() -> None:
    tasks, judgements = judged_tasks(8)
    pairs = preference_pairs({t.id: t for t in tasks}, judgements, PairRules()).pairs
    (board,) = leaderboard(pairs).boards
    drawn = leaderboard_chart(board_frame(board)).to_dict()
    assert any(
        {row["Source"] for row in rows if "Source" in row} == {"gpt", "llama", "=evil"}
        for rows in drawn["datasets"].values()
    )
    rates = win_rates(pairs)
    few = win_rate_chart(rates, ["gpt", "llama"], dark=False).to_dict()
    many = win_rate_chart(rates, ["gpt", "llama", *map(str, range(20))], dark=True).to_dict()
    assert (len(few["layer"]), len(many["layer"])) == (2, 1)


def test_flags_are_named_as_people_know_them() -> None:
    assert flag_labels("toxic, sensitive-topic", STANDARD_FLAGS) == "Toxic, Sensitive topic"
    assert flag_labels("toxic, no-longer-listed", STANDARD_FLAGS[:1]) == "Toxic, no-longer-listed"
    assert flag_labels("", STANDARD_FLAGS) == ""


def test_the_frame_is_made_once_for_as_long_as_nothing_is_added(filled: Project, store: Store) -> None:
    size = store.size(filled.id)
    assert frame_of(filled.id, size, PairRules()) is frame_of(filled.id, size, PairRules())
    store.submit(filled.id, a_judgement(judged_tasks()[0][0], ("r1",), annotator="new"))
    assert store.size(filled.id) == (size[0], size[1] + 1, size[2])


def test_a_selected_pair_is_read_in_full_with_its_sources_and_flags(store: Store, project: Project) -> None:
    text = "<script>alert(1)</script> :tada: -> **bold**"
    task = a_task("What is *this*?", text, "two", sources=("gpt", "llama"))
    flags = [{"response_id": "r2", "kind": "unfactual"}]
    store.add(project.id, [task], [a_judgement(task, ("r1",), ("r2",), flags=flags)])
    at = open_tab(preferences_page(), "Pairs")
    assert "Select a row" in everything_on(at)
    at.session_state["preferences_table"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    assert not at.exception
    said = [element.value for element in at.text]
    assert said == ["Preferred: gpt", "Not preferred: llama, flagged: Unfactual"]
    html = " ".join(element.proto.body for element in at.get("html"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; :tada: -&gt; <strong>bold</strong>" in html


def test_the_leaderboard_can_be_downloaded_with_formulas_defused(filled: Project) -> None:
    tasks, judgements = judged_tasks(8)
    (board,) = leaderboard(preference_pairs({t.id: t for t in tasks}, judgements, PairRules()).pairs).boards
    text = csv_text(records(board_frame(board)), ["Source", "Wins"])
    assert sorted(line.split(",")[0] for line in text.splitlines()) == ["'=evil", "Source", "gpt", "llama"]
    at = preferences_page()
    assert [button.proto.label for button in at.get("download_button")] == ["Download as CSV"]


@pytest.mark.parametrize("screen", ["preferences", "export"])
@pytest.mark.parametrize(("role", "offered"), [("lead", ["Load file", "Rank answers"]), ("engineer", [])])
def test_an_empty_page_offers_only_steps_that_the_person_may_take(
    store: Store, monkeypatch: pytest.MonkeyPatch, screen: str, role: Role, offered: list[str]
) -> None:
    monkeypatch.setattr(session, "person", lambda: Person("eve", role))
    found = []
    for _state in ("no project", "no judgements"):
        at = AppTest.from_file(MAIN, default_timeout=60).run().switch_page(f"screens/{screen}.py").run()
        assert not at.exception
        found += [link.proto.label for link in at.get("page_link")]
        if not store.projects():
            store.add(store.create_project(Project(name="Empty")).id, judged_tasks(2)[0])
    assert found == offered
