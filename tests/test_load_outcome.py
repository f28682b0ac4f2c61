"""What is said of a load when it is done."""

from app.upload.choices import needs_texts, outcome
from data.intake.columns import Columns
from data.intake.plans import Plan
from data.schemas import Load


def test_the_outcome_says_what_was_merged_added_and_left_out() -> None:
    counts = {"rows": 3, "rows_used": 3, "rows_rejected": 0, "tasks": 2, "judgements": 1}
    load = Load(file="f", format="argilla", loaded_by="me", **counts)
    plain = "3 rows: 3 used, 0 rejected. New: 2 tasks and 1 judgements."
    assert outcome(load) == plain
    more = load.model_copy(update={"merged": 1, "added": ("flag spam", "topic birds"), "unasked": ("criterion tone",)})
    assert outcome(more) == (
        f"{plain} 1 response was the same as another of its task and became one with it. "
        "The project's settings now have flag spam, topic birds. "
        "The judgements also say criterion tone; add it in Settings if you want to see it."
    )


def test_a_second_file_is_asked_for_where_rows_only_name_their_texts(tmp_path: object) -> None:
    def plan(name: str, **columns: tuple[str, ...]) -> Plan:
        return Plan(path=tmp_path, name="f", kind="CSV", format=name, columns=Columns(columns), names=())  # type: ignore[arg-type]

    assert needs_texts(plan("votes", id=("id",)))
    assert not needs_texts(plan("votes", response_a=("a",), response_b=("b",)))
    assert needs_texts(plan("ukp-votes"))
    assert not needs_texts(plan("potato", responses=("a", "b")))
    assert not needs_texts(plan("tasks", responses=("a",)))
