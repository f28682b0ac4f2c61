"""The order in which responses are shown."""

import os
import subprocess
import sys
from collections import Counter

from scipy.stats import chisquare

from rankers.assignment import shown_order
from tests.conftest import a_task


def test_every_response_is_shown_once_and_the_order_does_not_depend_on_the_file() -> None:
    task = a_task("Which?", *"abcdefghi")
    other_file = task.model_copy(update={"responses": task.responses[::-1]})
    assert sorted(shown_order(task, "ann", 1)) == [r.id for r in task.responses]
    assert shown_order(other_file, "ann", 1) == shown_order(task, "ann", 1)


def test_annotators_tasks_and_seeds_get_orders_of_their_own() -> None:
    task, other = a_task("Which?", *"abcdefghi"), a_task("What?", *"abcdefghi")
    orders = {shown_order(t, who, seed) for t in (task, other) for who in ("ann", "bob") for seed in (0, 1)}
    assert len(orders) == 8


def test_every_order_is_equally_likely() -> None:
    orders = Counter(
        shown_order(a_task(f"Question {n}", "a", "b", "c"), who, 7) for n in range(600) for who in ("ann", "bob")
    )
    assert len(orders) == 6
    assert chisquare(list(orders.values())).pvalue > 0.001


def test_every_response_is_equally_likely_in_every_place() -> None:
    shown = [shown_order(a_task(f"Question {n}", "a", "b", "c", "d"), "ann", 7) for n in range(1000)]
    for place in range(4):
        assert chisquare(list(Counter(order[place] for order in shown).values())).pvalue > 0.001


def test_the_order_is_the_same_in_another_process() -> None:
    code = (
        "from rankers.assignment import shown_order; from tests.conftest import a_task;"
        "print(*shown_order(a_task('Which?', *'abcdefghi'), 'ann', 3))"
    )
    for hash_seed in ("1", "2"):
        printed = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert tuple(printed.split()) == shown_order(a_task("Which?", *"abcdefghi"), "ann", 3)
