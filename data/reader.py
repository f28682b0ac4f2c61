"""The language and the sensitive topics of tasks, read as they come in or later."""

from collections.abc import Callable, Collection

from data.clean.language import prompt_language
from data.clean.sensitive import Detector, task_topics
from data.clean.topic_labels import detector_of, read_by
from data.readings import Reading
from data.schemas import Project, Task
from data.store import Store

UNREAD = "unread"
"""What is noted of a project of which tasks came in unread: by nothing that there is."""


def read(task: Task, known: Collection[str], detector: Detector) -> Reading:
    """The language of a task, and those of the known topics that the detector finds."""
    language = prompt_language(task)
    return Reading(language, task_topics(task.model_copy(update={"language": language}), known, detector))


def reader_if(wanted: bool, store: Store, project: Project) -> Callable[[Task], Task] | None:
    """The reader of a project; None where its new tasks are to come in unread, and that is noted: they wait for it."""
    if not wanted:
        store.note_read(project.id, UNREAD)
    return reader(store, project) if wanted else None


def reader(store: Store, project: Project) -> Callable[[Task], Task]:
    """Gives a task that comes in with its language and topics, by what the project's lists and labels know.

    What a file says of them stays.
    """
    here, learned = store.project(project.name), store.learned_topics(project.id)
    if not store.size(here.id).tasks:
        store.note_read(here.id, read_by(here, learned))
    known, detector = [topic.topic for topic in here.topics], detector_of(here.seeds, learned)

    def told(task: Task) -> Task:
        found = read(task, known, detector)
        return task.model_copy(
            update={"language": task.language or found.language, "topics": task.topics or found.topics}
        )

    return told
