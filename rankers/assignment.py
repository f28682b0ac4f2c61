"""In which order an annotator sees the responses of a task."""

from data.schemas import Task, fingerprint


def shown_order(task: Task, annotator: str, seed: int) -> tuple[str, ...]:
    """The response ids of a task, shuffled for this annotator.

    Every order is equally likely over annotators and tasks. It follows from the project's seed, the task, the annotator
    and the ids alone: the same on every machine and after every restart, and whatever order the file had.
    """
    ids = (response.id for response in task.responses)
    return tuple(sorted(ids, key=lambda i: fingerprint([str(seed), task.id, annotator, i])))
