"""What a project's material is: its sources, languages, topics and lengths, what is double, what was changed."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

from data.errors import InputError, Sentence
from data.schemas import Change, Judgement, Load, Project, Task
from data.store import Store

LENGTHS = (0, 1, 50, 200, 500, 1_000, 2_000, 5_000, 20_000)
"""Where each class of lengths begins, in characters."""
MOST = 30
"""Rows of a table; the others are counted together."""
TITLES = (
    SOURCES := "Sources",
    LANGUAGES := "Languages of prompts",
    TOPICS := "Sensitive topics",
    ANSWER_LENGTHS := "Length of answers, in characters",
    PROMPT_LENGTHS := "Length of prompts, in characters",
    PER_TASK := "Answers of a task",
    CHANGED := "Changed by rule",
)
"""What the tables are called."""
UNKNOWN, OTHERS, NONE = "not known", "others", "none"


class Slice(NamedTuple):
    """One row of a table: what it is called and how many there are."""

    name: str
    n: int


@dataclass(frozen=True)
class Table:
    """Counts of one kind. `of` is what is counted; the rows come largest first, classes of lengths in their order."""

    title: str
    of: str
    rows: tuple[Slice, ...]

    @property
    def total(self) -> int:
        """All that is counted; a task with two topics counts twice."""
        return sum(row.n for row in self.rows)


@dataclass(frozen=True)
class DataReport:
    """A project's material. `facts` are single numbers by name, `tables` the counts behind the pictures."""

    name: str
    facts: Mapping[str, str]
    tables: tuple[Table, ...]
    loads: tuple[Load, ...]


def report_of(store: Store, project: Project) -> DataReport:
    """The report of a stored project as it is now."""
    key = project.id
    return data_report(
        project.name, list(store.tasks(key)), store.judgements(key), store.loads(key), store.changes(key)
    )


def written_as(name: str) -> Callable[[DataReport], str]:
    """How a report is written in a file of this name; InputError when its ending is neither .html nor .md."""
    written = WRITTEN.get(Path(name).suffix.lower())
    if written is None:
        neither = Sentence("A report is HTML or Markdown, and “{name}” is neither; let its name end in .html or .md.")
        raise InputError(neither, name=name)
    return written


def data_report(
    name: str,
    tasks: Sequence[Task],
    judgements: Sequence[Judgement],
    loads: Sequence[Load],
    changes: Sequence[Change],
) -> DataReport:
    """The report of a project as it is now; tasks that are set aside are not among `tasks`."""
    responses = [response for task in tasks for response in task.responses]
    made = [change for change in changes if change.undone_at is None]
    prompts = [task.prompt for task in tasks]
    texts = Counter(response.text for response in responses)
    facts = {
        "Tasks": _number(len(tasks)),
        "Answers": _number(len(responses)),
        "Judgements": _number(len(judgements)),
        "Annotators": _number(len({said.annotator for said in judgements})),
        "Prompts that stand in several tasks": _number(_repeated(Counter(prompts).values())),
        "Answers that stand there word for word more than once": _number(_repeated(texts.values())),
        "Split groups": _number(len({task.group for task in tasks})),
        "Checks with a known answer": _number(sum(task.gold for task in tasks)),
        "Median length of an answer, in characters": _number(
            round(median(map(len, texts.elements()) if texts else [0]))
        ),
        "Changes of cleaning that stand": _number(len(made)),
        "Changes that were undone": _number(len(changes) - len(made)),
    }
    tables = (
        _table(SOURCES, "answers", (response.source or UNKNOWN for response in responses)),
        _table(LANGUAGES, "tasks", (task.language or UNKNOWN for task in tasks)),
        _table(TOPICS, "tasks", (topic for task in tasks for topic in task.topics or (NONE,))),
        _lengths(ANSWER_LENGTHS, "answers", (len(response.text) for response in responses)),
        _lengths(PROMPT_LENGTHS, "tasks", map(_length, tasks)),
        _table(PER_TASK, "tasks", (str(len(task.responses)) for task in tasks)),
        _table(CHANGED, "changes", (change.rule for change in made)),
    )
    return DataReport(name, facts, tuple(table for table in tables if table.rows), tuple(loads))


def _number(n: int) -> str:
    return f"{n:,}"


def _repeated(counts: Iterable[int]) -> int:
    """How many are there beyond the first of each."""
    return sum(n - 1 for n in counts)


def _length(task: Task) -> int:
    return sum(len(message.content) for message in task.prompt)


def _table(title: str, of: str, names: Iterable[str]) -> Table:
    counts = Counter(names).most_common()
    rest = sum(n for _, n in counts[MOST:])
    rows = [Slice(name, n) for name, n in counts[:MOST]]
    return Table(title, of, (*rows, *([Slice(OTHERS, rest)] if rest else ())))


def _lengths(title: str, of: str, lengths: Iterable[int]) -> Table:
    counts = Counter(max(start for start in LENGTHS if start <= length) for length in lengths)
    ends = dict(pairwise(LENGTHS))
    rows = [Slice(_class(start, ends.get(start)), counts[start]) for start in LENGTHS if counts[start]]
    return Table(title, of, tuple(rows))


def _class(start: int, end: int | None) -> str:
    if end is None:
        return f"{start:,} and more"
    return "0" if end == 1 else f"{start:,}–{end - 1:,}"


def as_markdown(report: DataReport) -> str:
    """The report as Markdown."""
    parts = [f"# {_plain(report.name)}: the data", _rows(("what", "number"), report.facts.items())]
    for table in report.tables:
        shares = [(row.name, f"{row.n:,}", _share(row.n, table.total)) for row in table.rows]
        parts += [f"## {table.title}", _rows((table.title.lower(), table.of, "share"), shares)]
    if report.loads:
        parts += ["## Files", _rows(_FILE, map(_load, report.loads))]
    return "\n\n".join(parts) + "\n"


_FILE = ("file", "format", "licence", "rows used", "rows rejected")


def _load(load: Load) -> tuple[str, ...]:
    return load.file, load.format, load.licence or "not stated", f"{load.rows_used:,}", f"{load.rows_rejected:,}"


def _share(n: int, of: int) -> str:
    return f"{n / of:.1%}" if of else "–"


def _plain(text: str) -> str:
    """Text on one line that neither ends a table's cell nor opens HTML."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def as_html(report: DataReport) -> str:
    """The report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere."""
    title = f"{escape(report.name)}: the data"
    body = [f"<h1>{title}</h1>", _html_rows([(escape(name), _cell(n)) for name, n in report.facts.items()])]
    for table in report.tables:
        body += [f"<h2>{escape(table.title)}</h2>", _html_rows([_bar(row, table) for row in table.rows])]
    if report.loads:
        loads = [tuple(escape(cell) for cell in _load(load)) for load in report.loads]
        body += ["<h2>Files</h2>", _html_rows(loads, _FILE)]
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style></head>\n'
        "<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def _cell(text: str) -> str:
    return f'<td class="n">{escape(text)}</td>'


def _bar(row: Slice, table: Table) -> tuple[str, ...]:
    widest = max(other.n for other in table.rows)
    bar = f'<td class="bar"><span style="width:{100 * row.n / widest:.1f}%"></span></td>'
    return escape(row.name), bar, _cell(f"{row.n:,}"), _cell(_share(row.n, table.total))


def _html_rows(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> str:
    lines = ["<tr>" + "".join(f"<th>{escape(name)}</th>" for name in head) + "</tr>"] if head else []
    for row in rows:
        cells = (cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in row)
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join(["<table>", *lines, "</table>"])


WRITTEN: Mapping[str, Callable[[DataReport], str]] = {".html": as_html, ".md": as_markdown}
"""Ending of a file's name → how a report is written in it."""
