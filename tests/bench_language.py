"""`python -m tests.bench_language FOLDER`: how often the language of a short text is told, left open, or told wrongly.

FOLDER holds `truthfulqa/`, `xsafety/`, `ru-distorted-toxicity/` and `coldataset/` as their owners publish them; the
language of their texts is known. Alone: the first sentences of 5 to 40 characters. In a task: the questions of
TruthfulQA of that length, beside their answers. “One measure” asks a short text for no more confidence than a long one.
"""

import csv
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from data.clean import language as told
from data.clean.language import language, prompt_language
from data.schemas import Message, Response, Task

SIZES = ((5, 12), (13, 20), (21, 30), (31, 40))
MOST_ANSWERS = 9
HEAD = "| texts | language | characters | n | right, left open, wrong: one measure | as it is |"
_SENTENCE = re.compile(r".+?(?:[.!?](?=\s|$)|[。！？]|$)")


def main(folder: Path) -> None:
    """Print the table as Markdown."""
    _say(HEAD)
    _say("|" + "---|" * HEAD.count(" | ") + "---|")
    for name, code, file_texts in SETS:
        texts = sorted({_first(text) for text in file_texts(folder)})
        for least, most in SIZES:
            some = [text for text in texts if least <= len(text) <= most]
            _say(_row(f"{name}, alone", code, f"{least}–{most}", partial(_alone, some)))
    tasks = list(_tasks(folder))
    _say(_row("TruthfulQA, in a task", "en", "5–40", lambda: [prompt_language(task) for task in tasks]))


def _alone(texts: Sequence[str]) -> list[str]:
    return [language(text) for text in texts]


def _row(name: str, code: str, size: str, work: Callable[[], Sequence[str]]) -> str:
    kept, told.SURE_IF_SHORT = told.SURE_IF_SHORT, told.SURE
    likely, told.LIKELY = told.LIKELY, 2.0
    before = work()
    told.SURE_IF_SHORT, told.LIKELY = kept, likely
    after = work()
    return f"| {name} | {code} | {size} | {len(after):,} | {_shares(before, code)} | {_shares(after, code)} |"


def _shares(found: Sequence[str], code: str) -> str:
    n = max(1, len(found))
    right, none = found.count(code), found.count("")
    return f"{right / n:.1%}, {none / n:.1%}, {(len(found) - right - none) / n:.1%}"


def _first(text: str) -> str:
    found = _SENTENCE.match(text.strip().strip('"').strip())
    return found[0].strip() if found else ""


def _truthfulqa(folder: Path) -> Iterator[dict[str, str]]:
    with (folder / "truthfulqa" / "TruthfulQA.csv").open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def _questions(folder: Path) -> Iterator[str]:
    for row in _truthfulqa(folder):
        yield row["Question"]
        yield from row["Correct Answers"].split(";")


def _tasks(folder: Path) -> Iterator[Task]:
    for row in _truthfulqa(folder):
        texts = [*row["Correct Answers"].split(";"), *row["Incorrect Answers"].split(";")][:MOST_ANSWERS]
        answers = tuple(Response(id=f"r{n}", text=text.strip()) for n, text in enumerate(texts))
        if SIZES[0][0] <= len(row["Question"]) <= SIZES[-1][1]:
            prompt = (Message(role="user", content=row["Question"]),)
            yield Task(id="t", prompt=prompt, responses=answers, group="g")


def _xsafety(code: str) -> Callable[[Path], Iterator[str]]:
    def texts(folder: Path) -> Iterator[str]:
        for path in sorted((folder / "xsafety" / code).glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as lines:
                yield from (" ".join(row) for row in csv.reader(lines))

    return texts


def _comments(folder: Path) -> Iterator[str]:
    path = folder / "ru-distorted-toxicity" / "toxicity_corpus" / "russian_distorted_toxicity.tsv"
    with path.open(encoding="utf-8") as lines:
        yield from (row["comments"] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _cold(folder: Path) -> Iterator[str]:
    for part in ("dev", "test"):
        with (folder / "coldataset" / f"{part}.csv").open(encoding="utf-8-sig") as lines:
            yield from (row["TEXT"] for row in csv.DictReader(lines))


SETS: Sequence[tuple[str, str, Callable[[Path], Iterator[str]]]] = (
    ("TruthfulQA", "en", _questions),
    *(("XSafety", code, _xsafety(code)) for code in ("en", "ru", "zh")),
    ("ru-distorted-toxicity", "ru", _comments),
    ("COLD", "zh", _cold),
)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
