"""The language and the sensitive topics of tasks, read as they come in."""

from collections.abc import Callable

from data.clean.language import prompt_language
from data.clean.sensitive import task_topics
from data.clean.topic_labels import detector_of
from data.schemas import Project, Task
from data.store import Store


def reader(store: Store, project: Project) -> Callable[[Task], Task]:
    """Gives a task with its language and its topics, by the project's own words too; what a file says of them stays."""
    here = store.project(project.name)
    known, detector = [topic.topic for topic in here.topics], detector_of(here.seeds, store.learned_topics(here.id))

    def told(task: Task) -> Task:
        with_language = task.model_copy(update={"language": task.language or prompt_language(task)})
        topics = task.topics or task_topics(with_language, known, detector)
        return with_language.model_copy(update={"topics": topics})

    return told
