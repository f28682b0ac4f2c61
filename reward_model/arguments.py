"""The arguments of `python -m reward_model`."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from reward_model.features import FAMILIES

Run = Callable[[argparse.Namespace], None]
ROWS = "a file with the columns prompt and response"
WRITTEN = ".jsonl, .csv or .parquet"


def parser(about: str, commands: Mapping[str, Run]) -> argparse.ArgumentParser:
    """The parser of all subcommands; `about` is the help text, and `commands` what each of them runs."""
    first, more, ends = about.split("\n\n")
    made = argparse.ArgumentParser(
        prog="python -m reward_model",
        description=first.split(": ")[1].capitalize(),
        epilog=f"{more}\n\n{ends}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    listed = made.add_subparsers(required=True, metavar="COMMAND")
    for name, run in commands.items():
        says, add = _COMMANDS[name]
        command = listed.add_parser(name, help=says)
        add(command)
        command.set_defaults(run=run)
    return made


def _add_fit(fit: argparse.ArgumentParser) -> None:
    fit.description = (
        "Fit a reward model on preference pairs and write its card and weights. The reported numbers come from folds "
        "of prompts (column group, else the prompt's first message) that the fit had not seen."
    )
    _add_prefs(fit)
    fit.add_argument("--out", required=True, metavar="DIR", type=Path, help="the folder for card.json and weights")
    fit.add_argument("--families", metavar="NAME,…", help=f"use these features only; by default {','.join(FAMILIES)}")
    fit.add_argument("--without-length", action="store_true", help="take the effect of length out of the scores")
    fit.add_argument("--no-calibration", action="store_true", help="leave the probabilities as they are fitted")
    fit.add_argument("--encoder", default="", metavar="NAME", help="a sentence encoder: a folder, or a name on the Hub")
    fit.add_argument("--start-from", metavar="DIR", type=Path, help="begin at the weights of an earlier model")
    _add_json(fit)


def _add_evaluate(evaluate: argparse.ArgumentParser) -> None:
    evaluate.description = (
        "Evaluate a saved model. Pairs whose group was in its training data are left out, counted and said."
    )
    _add_dir(evaluate)
    _add_prefs(evaluate)
    _add_json(evaluate)


def _add_score(score: argparse.ArgumentParser) -> None:
    score.description = (
        "Score responses: a difference of scores is the log-odds that the higher one is preferred. All columns "
        "are kept; one that is called score (or rank, where it is asked for) already is replaced."
    )
    _add_dir(score)
    score.add_argument("responses", metavar="RESPONSES", type=Path, help=ROWS)
    score.add_argument("--out", required=True, metavar="FILE", type=Path, help=WRITTEN)
    score.add_argument("--rank", action="store_true", help="add the place of each response in its prompt, from 1")


def _add_filter(choose: argparse.ArgumentParser) -> None:
    choose.description = (
        "Keep the good answers of a file. Flagged ones go first, then all but the best N of each prompt, then those "
        "whose margin is below X: the score minus that of the best answer to the prompt that is not kept or, where all "
        "are kept, minus 0, a typical answer of the training data. Every row that is not kept is written to the second "
        "file with its reason. The columns score and rank are added to both."
    )
    _add_dir(choose)
    choose.add_argument("responses", metavar="RESPONSES", type=Path, help=f"{ROWS}, and perhaps flags")
    choose.add_argument("--out", required=True, metavar="FILE", type=Path, help=f"the kept rows: {WRITTEN}")
    choose.add_argument(
        "--dropped", metavar="FILE", type=Path, help="the others, with a reason; by default NAME.dropped beside --out"
    )
    choose.add_argument("--keep-best", metavar="N", type=int, help="keep the N best answers of each prompt")
    choose.add_argument("--min-margin", metavar="X", type=float, help="keep what is ahead by X logits (0 = even odds)")
    choose.add_argument(
        "--drop-flagged", action="store_true", help="drop what the column flags or a flag model says is flagged"
    )
    _add_flag_models(choose)
    _add_json(choose)


def _add_fit_flag(fit: argparse.ArgumentParser) -> None:
    fit.description = (
        "Fit a flag model on answers whose column flags says what people flagged them as, and write its card and "
        "weights for --flag-model. The reported numbers come from folds of prompts that the fit had not seen."
    )
    fit.add_argument("answers", metavar="FILE", type=Path, help=f"{ROWS}, and flags")
    fit.add_argument("--kind", required=True, metavar="KIND", help="the flag, as the column names it, such as toxic")
    fit.add_argument("--out", required=True, metavar="DIR", type=Path, help="the folder for card.json and weights")
    _add_json(fit)


def _add_watch(watch: argparse.ArgumentParser) -> None:
    watch.description = (
        "Score what released models answered: quality by source and week, each release beside the one before, how many "
        "prompts are unlike anything judged, and flags. All of it is the reward model's opinion."
    )
    _add_dir(watch)
    watch.add_argument("answers", metavar="FILE", type=Path, help=f"{ROWS}, source and written_at (a date)")
    watch.add_argument("--judged", metavar="PREFS", type=Path, help="what was judged, to tell which prompts are unlike")
    _add_flag_models(watch)
    _add_json(watch)


def _add_card(card: argparse.ArgumentParser) -> None:
    card.description = "Print the card of a saved model."
    _add_dir(card)
    card.add_argument("--markdown", action="store_true", help="as Markdown; by default as JSON")
    card.add_argument("--no-names", action="store_true", help="annotators by number")


def _add_compare(compare: argparse.ArgumentParser) -> None:
    compare.description = "Compare two models on the held-out pairs that both have: is the second better?"
    compare.add_argument("before", metavar="BEFORE", type=Path, help="the folder of the older model")
    compare.add_argument("after", metavar="AFTER", type=Path, help="the folder of the newer model")
    _add_json(compare)


def _add_dir(command: argparse.ArgumentParser) -> None:
    command.add_argument("dir", metavar="DIR", type=Path, help="the folder that `fit` wrote")


def _add_prefs(command: argparse.ArgumentParser) -> None:
    command.add_argument("prefs", metavar="PREFS", type=Path, help="the file of preference pairs")


def _add_flag_models(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--flag-model", metavar="DIR", type=Path, action="append", default=[], help="a flag model; may be repeated"
    )
    command.add_argument(
        "--flag-from", metavar="P", type=float, default=0.5, help="the probability from which it counts; 0.5"
    )


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print the numbers as one JSON object, on the last line")


_COMMANDS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "fit": ("fit a model, and say how good it is on prompts it was not fitted on", _add_fit),
    "evaluate": ("say how good a saved model is on pairs it was not fitted on", _add_evaluate),
    "score": ("add a column “score” to a file of responses", _add_score),
    "filter": ("keep the best answers of a file, and write the others with their reasons", _add_filter),
    "fit-flag": ("fit a model of one kind of flag, for `filter` and `watch`", _add_fit_flag),
    "watch": ("say how released models do, week by week", _add_watch),
    "card": ("print the card of a saved model", _add_card),
    "compare": ("say whether one saved model is better than another", _add_compare),
}
"""Subcommand → what it does and how its arguments are added."""
