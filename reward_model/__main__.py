"""`python -m reward_model`: fit, evaluate and use a reward model without the app.

PREFS holds one preference pair a row: prompt, chosen, rejected (strings or conversations; optional margin, weight,
group, annotator), TRL implicit, or Anthropic HH transcripts; as JSONL, JSON, CSV or Parquet, packed with gzip or not.

Exit status: 0 when it worked, also where some rows were rejected (standard error counts them and shows the first);
2 when it could not be done (a sentence on standard error says why).
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from data.errors import InputError
from data.export.again import AnswerFile
from data.export.files import kind_of
from data.intake.answers import Answer, answers, flags_in
from data.intake.files import opened
from data.intake.preferences import read_preferences
from data.intake.released import released
from data.schemas import Rejection, prompt_group
from reward_model.arguments import parser
from reward_model.card import as_json as card_json
from reward_model.card import markdown, without_names
from reward_model.comparison import compared
from reward_model.features import FAMILIES, prompt_text
from reward_model.fit import FitRules
from reward_model.flag_evaluation import FITS, Flagged, fitted_flag_model
from reward_model.flagging import flagging, load_flag_model, save_flag_model
from reward_model.likeness import judged_prompts
from reward_model.lines import comparison_lines, filter_lines, fit_lines, flag_lines, watch_lines
from reward_model.model import load, save
from reward_model.scoring import Flagging, Given, Scored, no_flags, scored
from reward_model.seen import was_seen
from reward_model.selection import Rules, check_rules, ranked, reason, selected
from reward_model.tracking import told
from reward_model.training import Step, evaluated, trained
from reward_model.watch import plain, weekly, win_rates
from reward_model.watching import Watcher

SHOWN = 5
"""Rejected rows that are printed."""
SCORE = pa.schema([("score", pa.float64())])
ADDED = pa.schema([*SCORE, ("rank", pa.int64())])
WHY = pa.schema([*ADDED, ("row", pa.int64()), ("dropped_because", pa.string())])
Read = TypeVar("Read")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit status."""
    options = parser(__doc__ or "", COMMANDS).parse_args(arguments)
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


def run_fit(options: argparse.Namespace) -> None:
    """Fit, save, and print the held-out numbers."""
    rules = FitRules(_families(options.families), options.without_length, not options.no_calibration, options.encoder)
    before = load(options.start_from) if options.start_from else None
    pairs = _counted(read_preferences(options.prefs), "pairs")
    model = trained(pairs, _Progress(), rules, before)
    save(model, options.out)
    (options.out / "card.md").write_text(markdown(model.card), encoding="utf-8")
    found = model.card["metrics"] | {
        "data_fingerprint": model.card["data"]["fingerprint"],
        "split": model.card["split"],
    }
    _print(fit_lines(found), found, options.json)
    _say(f"Saved in {options.out}.")
    if said := told(model, options.prefs.stem):
        _say(said)


def _families(said: str | None) -> tuple[str, ...]:
    if said is None:
        return tuple(FAMILIES)
    wanted = {name.strip() for name in said.split(",")} - {""}
    if unknown := wanted - set(FAMILIES) or ({said} if not wanted else set()):
        named = {"name": min(unknown), "families": ", ".join(FAMILIES)}
        raise InputError("There is no family of features “{name}”; there are {families}.", **named)
    return tuple(name for name in FAMILIES if name in wanted)


def run_evaluate(options: argparse.Namespace) -> None:
    """Evaluate a saved model on the pairs whose group it has not seen."""
    model = load(options.dir)
    pairs = _counted(read_preferences(options.prefs), "pairs")
    unseen = [pair for pair in pairs if not was_seen(model, pair)]
    left_out = len(pairs) - len(unseen)
    if left_out:
        _say(f"{left_out:,} of {len(pairs):,} pairs are left out: their prompts were in the training data.")
    found = evaluated(model, unseen) | {"n_left_out": left_out}
    _print(fit_lines(found), found, options.json)


def run_score(options: argparse.Namespace) -> None:
    """Write the rows that can be scored, each with its score, and its rank where that is asked for."""
    kind_of(options.out)
    file, found = _scored(options)
    rank = ranked(found) if options.rank else None
    added = ADDED if options.rank else SCORE
    n = file.write(options.out, added, lambda at: _added(found, at, rank))
    _say(f"Scored {n:,} responses into {options.out}.")


def run_filter(options: argparse.Namespace) -> None:
    """Write the rows that are kept to one file and the others, with their reasons, to another."""
    dropped = options.dropped or options.out.with_name(f"{options.out.stem}.dropped{options.out.suffix}")
    rules = Rules(options.keep_best, options.min_margin, options.drop_flagged)
    check_rules(rules)
    _check_paths(options.responses, options.out, dropped)
    file, found = _scored(options, _flagging(options))
    chosen = selected(found, rules)
    n_kept = file.write(options.out, ADDED, lambda at: None if chosen.why[at] else _added(found, at, chosen.rank))

    def others(at: int) -> Mapping[str, Any] | None:
        why = {"row": file.rows[at], "dropped_because": reason(found, chosen, rules, at)}
        return _added(found, at, chosen.rank) | why if chosen.why[at] else None

    file.write(dropped, WHY, others, _rejected)
    counts = {why: n for why, n in chosen.counts().items() if why and n}
    said = {"rows": len(found) + file.rejected, "kept": n_kept, "rejected": file.rejected, "why": counts}
    _print(filter_lines(said), said, options.json)
    _say(f"Kept rows are in {options.out}, the others with their reasons in {dropped}.")


def _check_paths(source: Path, out: Path, dropped: Path) -> None:
    for path in (out, dropped):
        kind_of(path)
    if len({path.resolve() for path in (source, out, dropped)}) < 3:
        raise InputError("The file that is read and the two that are written must differ; name another.")


def _scored(options: argparse.Namespace, flagging: Flagging = no_flags) -> tuple[AnswerFile, Scored]:
    model, file = load(options.dir), AnswerFile(options.responses)
    try:
        found = scored(
            (Given((prompt_text(a.prompt), a.response), flags_in(a.values)) for a in file.read()), model, flagging
        )
    finally:
        _tell(len(file.rows), file.rejected, "rows", file.rejections)
    return file, found


def _flagging(options: argparse.Namespace) -> Flagging:
    models = {str(model.card["kind"]): model for model in map(load_flag_model, options.flag_model)}
    return flagging(models, dict.fromkeys(models, options.flag_from))


def run_fit_flag(options: argparse.Namespace) -> None:
    """Fit a flag model on answers whose flags are known, save it, and print the held-out numbers."""
    with opened(options.answers) as file:
        read = _counted(answers(file.rows), "answers")
    say, done = _Progress(), count(1)
    texts = [_flagged(answer, options.kind) for answer in read]
    model = fitted_flag_model(options.kind, texts, lambda: say(Step(next(done), FITS, "Fitting")))
    save_flag_model(model, options.out)
    _print(flag_lines(model.card["metrics"]), model.card["metrics"], options.json)
    _say(f"Saved in {options.out}.")


def _flagged(answer: Answer, kind: str) -> Flagged:
    return Flagged(answer.response, kind in flags_in(answer.values), prompt_group(answer.prompt))


def run_watch(options: argparse.Namespace) -> None:
    """Say how released models do by source and week, and each beside the one before."""
    model = load(options.dir)
    pairs = _counted(read_preferences(options.judged), "pairs") if options.judged else []
    judged = judged_prompts({pair.group: prompt_text(pair.prompt) for pair in pairs})
    with opened(options.answers) as file:
        read = _counted(released(file.rows), "answers")
    answers = Watcher(model, 0, judged, _flagging(options)).watched(list({one.id: one for one in read}.values()))
    thresholds = dict.fromkeys((kind for answer in answers for kind in answer.flags), options.flag_from)
    weeks, rates = weekly(answers, thresholds), win_rates(answers)
    accuracy = model.card.get("metrics", {}).get("accuracy")
    found = {"accuracy": accuracy, "weeks": [plain(week) for week in weeks], "win_rates": [plain(r) for r in rates]}
    _print(watch_lines(weeks, rates, accuracy), found, options.json)
    if not pairs:
        _say("Which prompts are unlike what was judged is not known: name what was judged with --judged.")


def _added(found: Scored, at: int, rank: Any) -> dict[str, Any]:
    place = {} if rank is None else {"rank": int(rank[at]) or None}
    return {"score": found.score[at], **place}


def _rejected(rejection: Rejection) -> Mapping[str, Any]:
    return {"row": rejection.row, "dropped_because": rejection.reason}


def run_card(options: argparse.Namespace) -> None:
    """Print the card of a saved model."""
    card = load(options.dir).card
    card = without_names(card) if options.no_names else card
    print(markdown(card) if options.markdown else card_json(card), end="")


def run_compare(options: argparse.Namespace) -> None:
    """Say whether the second model is better than the first on the pairs that both hold out."""
    found = compared(load(options.before).held_out, load(options.after).held_out)
    _print(comparison_lines(found), found, options.json)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "fit": run_fit,
    "evaluate": run_evaluate,
    "score": run_score,
    "filter": run_filter,
    "fit-flag": run_fit_flag,
    "watch": run_watch,
    "card": run_card,
    "compare": run_compare,
}


def _counted(read: Iterable[Read | Rejection], what: str) -> list[Read]:
    """What is no rejection; rejections are counted, and the first of them shown. InputError when nothing is left."""
    kept, faults = list[Read](), list[Rejection]()
    for one in read:
        if isinstance(one, Rejection):
            faults.append(one)
        else:
            kept.append(one)
    _tell(len(kept), len(faults), what, faults)
    if not kept:
        raise InputError("No row of the file can be used; the rows above say why.")
    return kept


def _tell(kept: int, faults: int, what: str, first: Sequence[Rejection]) -> None:
    _say(f"Read {kept:,} {what}; {faults:,} rows rejected.")
    for fault in first[:SHOWN]:
        _say(f"  {fault.reason}")


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


def _print(lines: Iterable[str], found: Mapping[str, Any], as_json: bool) -> None:
    for line in lines:
        print(line, file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(json.dumps(dict(found), ensure_ascii=False), flush=True)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
