"""Tasks of real prompts and answers for the benchmarks, all from the committed samples (CC-BY-4.0 and Apache-2.0).

The answers of 59 models to the 13 prompts of LLMFAO make tasks of four, as they come; after them stand the sample's own
tasks that have four answers or more (Open Assistant, LLMFAO), cut to the first four. Answers that say the same in the
same words are left out, since the board would show them as one.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Sequence
from itertools import cycle, islice, zip_longest

from app.alike import alike
from data import intake
from data.sample import FILES, FOLDER
from data.schemas import MAX_RESPONSES, Message, Response, Task, prompt_group, task_id

SOURCE = "LLMFAO (CC-BY-4.0) and Open Assistant (Apache-2.0), from data/samples"
ANSWERS = 4


def different_tasks() -> list[Task]:
    """Every task of four that the samples give, the 13 prompts taken in turn."""
    in_turn = [task for row in zip_longest(*_tasks_of_the_models()) for task in row if task]
    return in_turn + _tasks_of_the_sample()


def real_tasks(count: int) -> list[Task]:
    """So many tasks of four; once all different ones are used they come again with a number before the prompt."""
    found = different_tasks()
    again = (_numbered(task, n) for n, task in enumerate(cycle(found)) if n >= len(found))
    return found[:count] + list(islice(again, max(0, count - len(found))))


def tasks_of_length(words: int, slack: int) -> list[Task]:
    """Tasks whose four answers all have about so many words, as they were written."""
    return _in_fours([text for text in _texts() if abs(len(text.split()) - words) <= slack])


def paragraph_tasks(words: int) -> list[Task]:
    """Tasks whose four answers are the first so many words of longer ones, each in one paragraph."""
    longer = [text.split()[:words] for text in _texts() if len(text.split()) >= words]
    return _in_fours([" ".join(text) for text in longer])


def joined_tasks(count: int, words: int, answers: int = MAX_RESPONSES) -> list[Task]:
    """Tasks whose answers are real ones, joined end to end until each has so many words."""
    texts = cycle(_texts())
    return [_ask(n, [_joined(texts, words) for _ in range(answers)]) for n in range(count)]


def _tasks_of_the_models() -> list[list[Task]]:
    """For each prompt, its tasks."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    with gzip.open(FOLDER / "llmfao/texts.jsonl.gz", "rt", encoding="utf-8") as lines:
        for pair in map(json.loads, lines):
            found[pair["text"]] |= dict.fromkeys(t for t in (pair["result_x"], pair["result_y"]) if t.strip())
    turns = {prompt: (Message(role="user", content=prompt),) for prompt in found}
    return [[_task(turns[prompt], four) for four in _fours(_different(list(texts)))] for prompt, texts in found.items()]


def _tasks_of_the_sample() -> list[Task]:
    plans = [intake.plan(FOLDER / file.path, name=file.path) for file in FILES[:2]]
    tasks = [task for plan in plans for task in intake.preview(plan, 1000)[0] if len(task.responses) >= ANSWERS]
    found = [(task.prompt, _different([r.text for r in task.responses])) for task in tasks]
    return [_task(prompt, texts[:ANSWERS]) for prompt, texts in found if len(texts) >= ANSWERS]


def _different(texts: Sequence[str]) -> list[str]:
    repeated = {index for _first, *others in alike(texts) for index in others}
    return [text for index, text in enumerate(texts) if index not in repeated]


def _texts() -> list[str]:
    return [response.text for task in different_tasks() for response in task.responses]


def _fours(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[n : n + ANSWERS] for n in range(0, len(texts) - ANSWERS + 1, ANSWERS)]


def _in_fours(texts: Sequence[str]) -> list[Task]:
    return [_ask(n, four) for n, four in enumerate(_fours(texts))]


def _ask(number: int, texts: Sequence[str]) -> Task:
    return _task((Message(role="user", content=f"Question {number}: which answer is best?"),), texts)


def _joined(texts: "cycle[str]", words: int) -> str:
    parts: list[str] = []
    while (left := words - sum(len(part.split()) for part in parts)) > 0:
        text = next(texts)
        parts.append(text if len(text.split()) <= left else " ".join(text.split()[:left]))
    return "\n\n".join(parts)


def _numbered(task: Task, number: int) -> Task:
    first, *others = task.prompt
    opening = Message(role=first.role, content=f"{number}. {first.content}")
    return _task((opening, *others), [r.text for r in task.responses])


def _task(prompt: Sequence[Message], texts: Sequence[str]) -> Task:
    responses = tuple(Response(id=f"r{n}", text=text) for n, text in enumerate(texts, start=1))
    turns = tuple(prompt)
    return Task(id=task_id(turns, responses), prompt=turns, responses=responses, group=prompt_group(turns))
