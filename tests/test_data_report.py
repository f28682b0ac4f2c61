"""The data report counts what is there, in Markdown and in HTML, and shows hostile names as text."""

from datetime import UTC, datetime

import pytest

from data.report import MOST, DataReport, Table, as_html, as_markdown, data_report
from data.schemas import Change, Load, Task
from tests.conftest import a_judgement, a_task

TASKS = [
    a_task("Wer?", "Ich.", "Du.", sources=("m-1", "m-2")).model_copy(
        update={"language": "de", "topics": ("politics",)}
    ),
    a_task("Who?", "Me.", "You.", "Me.", sources=("m-1", "m-2", "m-3")).model_copy(update={"language": "en"}),
    a_task("Who?", "Them.", "x" * 300).model_copy(update={"gold": True}),
]
CHANGE = Change(
    id=1, batch="b", rule="html", task_id="t", part="response:r1", before="a", after="b", why="w", made_by="lea",
    made_at=datetime(2026, 5, 1, tzinfo=UTC),
)  # fmt: skip
UNDONE = CHANGE.model_copy(update={"id": 2, "undone_by": "lea", "undone_at": datetime(2026, 5, 2, tzinfo=UTC)})
LOAD = Load(
    file="<b>|a.jsonl", format="tasks", rows=4, rows_used=3, rows_rejected=1, tasks=3, judgements=1, loaded_by="lea"
)


@pytest.fixture
def report() -> DataReport:
    return data_report("A <script> | name", TASKS, [a_judgement(TASKS[0], ("r1",), ("r2",))], [LOAD], [CHANGE, UNDONE])


def table(report: DataReport, title: str) -> dict[str, int]:
    (found,) = (one for one in report.tables if one.title == title)
    return {row.name: row.n for row in found.rows}


def test_everything_is_counted(report: DataReport) -> None:
    assert table(report, "Sources") == {"m-1": 2, "m-2": 2, "not known": 2, "m-3": 1}
    assert table(report, "Languages of prompts") == {"de": 1, "en": 1, "not known": 1}
    assert table(report, "Sensitive topics") == {"none": 2, "politics": 1}
    assert table(report, "Length of answers, in characters") == {"1–49": 6, "200–499": 1}
    assert table(report, "Answers of a task") == {"2": 2, "3": 1}
    assert table(report, "Changed by rule") == {"html": 1}
    facts = report.facts
    assert (facts["Tasks"], facts["Answers"], facts["Annotators"]) == ("3", "7", "1")
    assert facts["Prompts that stand in several tasks"] == "1"
    assert facts["Answers that stand there word for word more than once"] == "1"
    assert (facts["Changes of cleaning that stand"], facts["Changes that were undone"]) == ("1", "1")
    assert facts["Checks with a known answer"] == "1"


def test_rows_beyond_the_first_thirty_are_counted_together() -> None:
    tasks = [a_task(f"{n}?", "a", "b", sources=(f"m-{n}", "m")) for n in range(MOST + 5)]
    found = table(data_report("Here", tasks, [], [], []), "Sources")
    assert found["others"] == 6
    assert sum(found.values()) == 2 * len(tasks)


def test_hostile_names_are_text_in_both(report: DataReport) -> None:
    html, markdown = as_html(report), as_markdown(report)
    assert "<script>" not in html + markdown
    assert "<b>" not in html + markdown
    assert "&lt;b&gt;|a.jsonl" in html
    assert "\\|a.jsonl" in markdown


def test_the_page_needs_nothing_from_elsewhere_and_shows_the_counts(report: DataReport) -> None:
    html = as_html(report)
    assert not any(word in html for word in ("http:", "https:", "src=", "url(", "@import"))
    assert '<td>m-1</td><td class="bar"><span style="width:100.0%"></span></td><td class="n">2</td>' in html
    assert html.count("<table>") == html.count("</table>") == len(report.tables) + 2
    assert "| m-1 | 2 | 28.6% |" in as_markdown(report)


def test_an_empty_project_has_a_report_too() -> None:
    empty = data_report("Here", [], [], [], [])
    assert empty.tables == ()
    assert "| Tasks | 0 |" in as_markdown(empty)
    assert "<h1>Here: the data</h1>" in as_html(empty)
    assert Table("x", "y", ()).total == 0


def test_a_task_counts_its_prompt_by_all_its_messages() -> None:
    long: Task = a_task("q" * 60, "a", "b")
    assert table(data_report("Here", [long], [], [], []), "Length of prompts, in characters") == {"50–199": 1}
