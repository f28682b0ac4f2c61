"""The sample project: what is in it, that it is loaded once, that its texts and licences are there."""

from pathlib import Path

import pytest

from data import sample
from data.sample import FILES, FOLDER, NAME, guideline, is_loaded, load_sample
from data.schemas import STANDARD_FLAGS, Judgement, Task
from data.store import Store


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('sample') / 'sample.db'}")
    loads = list(load_sample(store))
    assert [load.rows_rejected for load in loads] == [0, 0, 0]
    return store


def all_of(store: Store) -> tuple[list[Task], list[Judgement]]:
    project = store.project(NAME)
    return list(store.tasks(project.id)), store.judgements(project.id)


def test_it_holds_the_counts_that_its_sources_state(loaded: Store) -> None:
    tasks, judgements = all_of(loaded)
    assert len(tasks) == 26 + 214 + 2139
    by = {who: [j for j in judgements if j.annotator.startswith(who)] for who in ("oasst", "llmfao-")}
    assert (len(by["oasst"]), len(by["llmfao-"])) == (212, 8931)
    assert len({j.annotator for j in by["llmfao-"]}) == 124
    assert sum(len(j.ranking) == 1 for j in by["llmfao-"]) == 3471
    voted = [t for t in tasks if t.id in {j.task_id for j in by["llmfao-"]}]
    assert len({t.group for t in voted}) == 13
    assert len({r.source for t in voted for r in t.responses}) == 59


def test_most_is_judged_and_real_tasks_are_left_to_rank_a_short_one_first(loaded: Store) -> None:
    project = loaded.project(NAME)
    tasks, judgements = all_of(loaded)
    open_ones = [t for t in tasks if t.id not in {j.task_id for j in judgements}]
    assert len(open_ones) == 28
    assert sum(3 <= len(t.responses) <= 6 for t in open_ones) >= 26
    given = loaded.assign(project, "somebody")
    assert given
    first = given.task
    assert first == open_ones[0]
    assert first.prompt[0].content == "Tell a joke about going on vacation."
    assert sum(len(r.text) for r in first.responses) < 600
    assert all(r.source for t in open_ones[:26] for r in t.responses)


def test_a_ranking_of_the_trees_is_the_one_people_gave(loaded: Store) -> None:
    tasks, judgements = all_of(loaded)
    task = next(t for t in tasks if t.prompt[0].content == "How can I find the best 401k plan for my needs?")
    (judgement,) = (j for j in judgements if j.task_id == task.id)
    assert task.response(judgement.ranking[0][0]).text.startswith("The first step is to research your options.")


def test_it_is_loaded_once(loaded: Store) -> None:
    assert is_loaded(loaded)
    assert list(load_sample(loaded)) == []


def test_a_load_that_broke_off_goes_on(store: Store) -> None:
    def stop(name: str, share: float) -> None:
        if "trees" in name:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(load_sample(store, stop))
    assert not is_loaded(store)
    assert [load.file for load in load_sample(store)] == [FILES[1].path, FILES[2].path]
    assert is_loaded(store)


def test_the_guideline_speaks_of_every_flag(loaded: Store) -> None:
    assert loaded.project(NAME).guideline == guideline()
    assert all(f"| {flag.label} |" in guideline() for flag in STANDARD_FLAGS)


def test_every_folder_of_samples_names_its_source_and_licence() -> None:
    for folder in {FOLDER / Path(file.path).parent for file in FILES}:
        assert (folder / "LICENSE").stat().st_size > 1000
        source = (folder / "SOURCE.md").read_text()
        assert "Commit" in source
        assert all(file.licence in source for file in FILES if file.path.startswith(folder.name))
        assert all(f"`{path.name}`" in source for path in folder.iterdir() if path.suffix == ".gz")
    assert sum(p.stat().st_size for p in sample.FOLDER.rglob("*") if p.is_file()) < 1_500_000
