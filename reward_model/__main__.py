"""`python -m reward_model`: fit, evaluate and use a reward model without the app.

PREFS holds one preference pair a row: prompt, chosen, rejected (strings or conversations; optional margin, weight,
group, annotator), TRL implicit, or Anthropic HH transcripts; as JSONL, JSON, CSV or Parquet, packed with gzip or not.

Exit status: 0 when it worked, also where some rows were rejected (standard error counts them and shows the first);
2 when it could not be done (a sentence on standard error says why).
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from data.errors import InputError
from data.export.files import KINDS, kind_of
from data.intake.files import opened
from data.intake.preferences import read_preferences
from data.intake.rows import Row, listed, rejected
from data.intake.values import text, turns
from data.schemas import Rejection
from reward_model.features import Item, prompt_text
from reward_model.model import RewardModel, load, save
from reward_model.seen import was_seen
from reward_model.training import Step, evaluated, trained

SHOWN = 5
"""Rejected rows that are printed."""
_SCORED_AT_ONCE = 1_000
Read = TypeVar("Read")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit status."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], None] = options.run
    try:
        run(options)
    except InputError as error:
        _say(str(error))
        return 2
    except OSError as error:
        _say(f"{error.filename or 'A file'} cannot be written: {error.strerror}.")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    first, about, ends = (__doc__ or "").split("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m reward_model",
        description=first.split(": ")[1].capitalize(),
        epilog=f"{about}\n\n{ends}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_fit(commands.add_parser("fit", help="fit a model, and say how good it is on prompts it was not fitted on"))
    _add_evaluate(commands.add_parser("evaluate", help="say how good a saved model is on pairs it was not fitted on"))
    _add_score(commands.add_parser("score", help="add a column “score” to a file of responses"))
    return parser


def _add_fit(fit: argparse.ArgumentParser) -> None:
    fit.description = (
        "Fit a reward model on preference pairs and write its card and weights. The reported numbers come from folds "
        "of prompts (column group, else the prompt's first message) that the fit had not seen."
    )
    fit.add_argument("prefs", metavar="PREFS", type=Path, help="the file of preference pairs")
    fit.add_argument("--out", required=True, metavar="DIR", type=Path, help="the folder for card.json and weights")
    _add_json(fit)
    fit.set_defaults(run=run_fit)


def _add_evaluate(evaluate: argparse.ArgumentParser) -> None:
    evaluate.description = (
        "Evaluate a saved model. Pairs whose group was in its training data are left out, counted and said."
    )
    evaluate.add_argument("dir", metavar="DIR", type=Path, help="the folder that `fit` wrote")
    evaluate.add_argument("prefs", metavar="PREFS", type=Path, help="the file of preference pairs")
    _add_json(evaluate)
    evaluate.set_defaults(run=run_evaluate)


def _add_score(score: argparse.ArgumentParser) -> None:
    score.description = (
        "Score responses: a difference of scores is the log-odds that the higher one is preferred. All columns "
        "are kept; one that is called score already is replaced."
    )
    score.add_argument("dir", metavar="DIR", type=Path, help="the folder that `fit` wrote")
    score.add_argument("responses", metavar="RESPONSES", type=Path, help="a file with the columns prompt and response")
    score.add_argument("--out", required=True, metavar="FILE", type=Path, help=".jsonl, .csv or .parquet")
    score.set_defaults(run=run_score)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the numbers as one JSON object, on the last line")


def run_fit(options: argparse.Namespace) -> None:
    """Fit, save, and print the held-out numbers."""
    pairs = _kept(read_preferences(options.prefs), "pairs")
    model = trained(pairs, _Progress())
    save(model, options.out)
    found = model.card["metrics"] | {
        "data_fingerprint": model.card["data"]["fingerprint"],
        "split": model.card["split"],
    }
    _print(found, options.json)
    _say(f"Saved in {options.out}.")


def run_evaluate(options: argparse.Namespace) -> None:
    """Evaluate a saved model on the pairs whose group it has not seen."""
    model = load(options.dir)
    pairs = _kept(read_preferences(options.prefs), "pairs")
    unseen = [pair for pair in pairs if not was_seen(model, pair)]
    left_out = len(pairs) - len(unseen)
    if left_out:
        _say(f"{left_out:,} of {len(pairs):,} pairs are left out: their prompts were in the training data.")
    _print(evaluated(model, unseen) | {"n_left_out": left_out}, options.json)


def run_score(options: argparse.Namespace) -> None:
    """Write the rows that can be scored, each with its score."""
    model, kind = load(options.dir), kind_of(options.out)
    with opened(options.responses) as source:
        read = _kept(_items(source.rows), "rows")
    rows = list(_scored(model, read))
    columns = _columns(rows)
    written = ({name: _cell(row.get(name), kind) for name in columns.names} for row in rows)
    KINDS[kind].write(options.out, columns, written)
    _say(f"Scored {len(rows):,} responses into {options.out}.")


def _kept(read: Iterable[Read | Rejection], what: str) -> list[Read]:
    """What is no rejection; rejections are counted, and the first of them shown. InputError when nothing is left."""
    kept, faults, first = list[Read](), 0, list[Rejection]()
    for one in read:
        if isinstance(one, Rejection):
            faults += 1
            first += [one] if len(first) < SHOWN else []
        else:
            kept.append(one)
    _say(f"Read {len(kept):,} {what}; {faults:,} rows rejected.")
    for fault in first:
        _say(f"  {fault.reason}")
    if not kept:
        raise InputError("No row of the file can be used; the rows above say why.")
    return kept


def _items(rows: Iterator[Row | Rejection]) -> Iterator[tuple[Row, Item] | Rejection]:
    for row in rows:
        if isinstance(row, Rejection):
            yield row
            continue
        try:
            yield row, _item(row.values)
        except InputError as error:
            yield rejected(row.number, str(error))


def _item(values: Mapping[str, Any]) -> Item:
    missing = [name for name in ("prompt", "response") if name not in values]
    if missing:
        raise InputError(f"there is no column {listed(missing)}; the columns are {listed(list(values))}.")
    return prompt_text(turns(values["prompt"], "prompt")), text(values["response"], "response")


def _scored(model: RewardModel, read: Sequence[tuple[Row, Item]]) -> Iterator[dict[str, Any]]:
    for at in range(0, len(read), _SCORED_AT_ONCE):
        some = read[at : at + _SCORED_AT_ONCE]
        scores = model.scores([item for _, item in some])
        for (row, _), score in zip(some, scores.tolist(), strict=True):
            yield dict(row.values) | {"score": score}


def _columns(rows: Iterable[Mapping[str, Any]]) -> pa.Schema:
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name != "score"]
    return pa.schema([(name, pa.string()) for name in names] + [("score", pa.float64())])


def _cell(value: Any, kind: str) -> Any:
    """The value as the kind of file holds it: beside JSONL, all but text and scores is written as JSON."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str):
        return value
    plain = json.loads(json.dumps(value, default=_number))
    return plain if kind == "jsonl" else json.dumps(plain, ensure_ascii=False)


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


class _Progress:
    """A line on standard error about once in two seconds."""

    def __init__(self) -> None:
        self._start = self._said = time.monotonic()
        self._doing = ""

    def __call__(self, step: Step) -> None:
        now = time.monotonic()
        if step.doing == self._doing and now - self._said < 2:
            return
        self._said, self._doing = now, step.doing
        left = (now - self._start) * (step.total - step.done) / step.done if step.done else None
        about = f", about {left:.0f} s left" if left else ""
        _say(f"{step.doing}: {step.done} of {step.total} fits{about}")


def _print(found: Mapping[str, Any], as_json: bool) -> None:
    for line in _lines(found):
        print(line, file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(json.dumps(dict(found), ensure_ascii=False), flush=True)


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    pairs, ties, prompts = found["n_pairs"], found["n_ties"], found["n_prompts"]
    yield f"Pairs              {pairs:,}, {ties:,} of them ties, on {prompts:,} prompts"
    yield f"Held-out accuracy  {_with_interval(found, 'accuracy')}"
    yield f"Longer wins        {_with_interval(found, 'longer_wins')}"
    if "surface_only" in found:
        yield f"Surface only       {_with_interval(found, 'surface_only')}"
    yield f"Log-loss           {found['log_loss']:.3f}   Brier {found['brier']:.3f}"
    yield "A tie counts half each way in log-loss and Brier, and not in the accuracies; 95 % intervals over groups."


def _with_interval(found: Mapping[str, Any], name: str) -> str:
    low, high = found[f"{name}_ci"]
    return f"{found[name]:.3f}  [{low:.3f}, {high:.3f}]"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
