"""The sample project: real answers and real judgements, loaded as any file is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from data.schemas import Load, Project
from data.store import Store

NAME = "Sample: Open Assistant and model answers"
LOADED_BY = "sample"
FOLDER = Path(__file__).parent / "samples"


class SampleFile(NamedTuple):
    """One file of the sample, its file of texts if it has one, and its licence."""

    path: str
    licence: str
    texts: str | None = None


FILES = (
    SampleFile("llmfao/tasks.jsonl.gz", "CC-BY-4.0"),
    SampleFile("open-assistant/trees.jsonl.gz", "Apache-2.0"),
    SampleFile("llmfao/votes.csv.gz", "CC-BY-4.0", "llmfao/texts.jsonl.gz"),
)
"""The tasks that wait for an annotator come first, so the first of them is the first to be ranked."""


def guideline() -> str:
    """What annotators of the sample are asked to do."""
    return (FOLDER / "guideline.md").read_text(encoding="utf-8")


def is_loaded(store: Store) -> bool:
    """Whether every file of the sample has been loaded to its end."""
    project = next((p for p in store.projects() if p.name == NAME), None)
    return project is not None and not _missing(store, project)


def load_sample(store: Store, watch: Callable[[str, float], object] = lambda _name, _share: None) -> Iterator[Load]:
    """Load what is missing of the sample project, file by file; `watch` gets a file's name and the share read."""
    from data import intake  # neither is needed to see that the sample is there, and both are slow to import
    from data.reader import reader

    found = next((p for p in store.projects() if p.name == NAME), None)
    project = found or store.create_project(Project(name=NAME, guideline=guideline()))
    for file in _missing(store, project):
        texts = FOLDER / file.texts if file.texts else None
        made = intake.plan(FOLDER / file.path, name=file.path, texts=texts)

        def seen(progress: intake.Progress, name: str = file.path) -> None:
            watch(name, progress.share)

        told = reader(store, project)
        yield intake.load(made, store, project, LOADED_BY, licence=file.licence, watch=seen, told=told)


def _missing(store: Store, project: Project) -> list[SampleFile]:
    """The files that no finished load brought in: a load that was stopped begins with a sentence about the file."""
    finished = {x.file for x in store.loads(project.id) if not (x.rejections and x.rejections[0].row == 0)}
    return [file for file in FILES if file.path not in finished]
