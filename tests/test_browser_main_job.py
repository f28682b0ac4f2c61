"""The main job, as a stranger does it on the sample project: rank, flag, submit, fit, download, load."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import datasets
import pytest
from playwright.sync_api import Page, expect

from data.schemas import Judgement, Project
from tests.browser import ROOT, ServedApp, serving

FITTING = 240_000
"""Milliseconds that a fit may take on a busy machine."""


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[tuple[ServedApp, Project]]:
    with serving(tmp_path) as app:
        environment = os.environ | {"DATABASE_URL": app.database_url}
        subprocess.run([sys.executable, "-m", "data", "sample"], cwd=ROOT, env=environment, check=True)
        yield app, app.store.projects()[0]


def rank_by_keyboard(page: Page, url: str) -> None:
    """Best C, then A, then B tied with A; flag A as unfactual; submit."""
    page.goto(url)
    page.locator("[data-letter=C]").first.wait_for()
    for key in ("c", "a", "Shift+B", "ArrowLeft", "x", "2", "Escape"):
        page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    page.locator("[data-saved]:not([data-saved=''])").wait_for(state="attached")


def fit_the_reward_model(page: Page, url: str) -> None:
    page.goto(f"{url}/reward_model")
    page.get_by_role("button", name="Fit model").click()
    expect(page.get_by_text("Version 1 is fitted and stored.")).to_be_visible(timeout=FITTING)


def download_jsonl(page: Page, url: str, folder: Path) -> Path:
    page.goto(f"{url}/export")
    link = page.get_by_role("link", name="Train:")
    link.wait_for(timeout=60_000)
    with page.expect_download() as download:
        link.click()
    download.value.save_as(folder / download.value.suggested_filename)
    return folder / download.value.suggested_filename


def only_judgement_of(app: ServedApp, project: Project, annotator: str) -> Judgement:
    (judgement,) = [j for j in app.store.judgements(project.id) if j.annotator == annotator]
    return judgement


def test_a_stranger_ranks_fits_and_downloads(sample: tuple[ServedApp, Project], page: Page, tmp_path: Path) -> None:
    app, project = sample
    rank_by_keyboard(page, app.url)

    judgement = only_judgement_of(app, project, "local")
    shown = dict(zip("ABCDEFGHI", judgement.shown_order, strict=False))
    assert judgement.ranking[0] == (shown["C"],)
    assert set(judgement.ranking[1]) == {shown["A"], shown["B"]}
    assert [flag.kind for flag in judgement.flags] == ["unfactual"]
    assert judgement.flags[0].response_id in judgement.ranking[1]

    fit_the_reward_model(page, app.url)
    (model,) = app.store.models(project.id)
    assert 0.5 < model.card["metrics"]["accuracy"] < 0.8

    file = download_jsonl(page, app.url, tmp_path)
    loaded = datasets.load_dataset("json", data_files=str(file), split="train", cache_dir=str(tmp_path / "cache"))
    assert set(loaded.column_names) == {"prompt", "chosen", "rejected"}
    chosen = app.store.task(project.id, judgement.task_id).response(shown["C"]).text
    assert any(row["chosen"][-1]["content"] == chosen for row in loaded)
