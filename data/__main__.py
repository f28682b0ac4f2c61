"""`python -m data`: bring files into projects, and what was judged out of them.

Exit status: 0 when everything went in; 1 when some rows were rejected (the good ones are in); 2 when nothing could be
done (a sentence on standard error says why).
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import InputError
from data.sample import FOLDER, NAME, is_loaded, load_sample
from data.schemas import Judgement, Load, PreferencePair, Project, StoredModel, Task
from data.store import Store

if TYPE_CHECKING:
    from data.export.write import Export
    from data.intake import Plan

SHOWN = 10
"""Rejected rows that are printed; the Data page lists more."""
_BAR = 30
EXPORTS = (
    *("trl-explicit", "trl-implicit", "trl-unpaired", "sft", "openai", "nemo"),
    *("ultrafeedback", "helpsteer", "arena", "oasst", "rankings"),
)
FLAG_POLICIES, WEIGHTINGS = ("never chosen", "excluded", "ignored"), ("2/k", "1/(k choose 2)", "1")
AGGREGATIONS, ORIGINS = ("all", "majority", "reliability"), ("reference", "edit", "best")
"""Names in data.export and rankers, which are slow to import when only the sample is wanted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit status."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. What was stored stays; run the same command again to go on.", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m data",
        description="Bring files into projects, and judgements out.",
        epilog=(__doc__ or "").split("\n\n")[1],
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_load(commands.add_parser("load", help="load a file of tasks, responses, pairs, trees or votes"))
    sample = commands.add_parser("sample", help="load the sample project, once", description=f"Load “{NAME}”, once.")
    sample.set_defaults(run=run_sample)
    _add_clean(commands.add_parser("clean", help="find faults of prompts and answers, and mend them"))
    _add_export(commands.add_parser("export", help="write preference pairs, labels or rankings"))
    return parser


def _add_load(load: argparse.ArgumentParser) -> None:
    load.description = (
        "Load a file into a project: JSONL, JSON, CSV, TSV, Parquet or XLSX, also packed with gzip, Zstandard or ZIP; "
        "or a dataset, from a folder or as hf:owner/name from the Hugging Face Hub. The format is recognised from the "
        "first rows; docs/data.md describes the formats. Loading a file again adds nothing, and a load that was "
        "stopped goes on."
    )
    load.add_argument("file", metavar="FILE", help="a file, a folder, or hf:owner/name")
    load.add_argument("--project", required=True, metavar="NAME", help="the project; it is made if there is none")
    load.add_argument("--format", metavar="NAME", help="what a row is, where that is not recognised rightly")
    load.add_argument("--sheet", default="", metavar="NAME", help="the sheet of a workbook; else the first with rows")
    load.add_argument("--split", default="", metavar="NAME", help="the split of a dataset, such as train")
    load.add_argument("--config", default="", metavar="NAME", help="the configuration of a dataset")
    load.add_argument("--revision", default="", metavar="NAME", help="the revision of a dataset of the Hub")
    load.add_argument(
        "--texts", metavar="FILE", type=Path, help="the file, or folder, with the texts that votes are about"
    )
    load.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="which column holds a field; again for several columns of responses, nothing after = to leave a field out",
    )
    load.add_argument("--licence", default="", metavar="TEXT", help="the licence of the file, kept with the load")
    load.set_defaults(run=run_load)


def run_load(options: argparse.Namespace) -> int:
    """`python -m data load`: print the counts and the first rejected rows."""
    from data import intake

    place = intake.place_of(options.file, options.config, options.split, options.revision)
    made = intake.plan(place, options.format, texts=options.texts, sheet=options.sheet)
    made = intake.mapped(made, _mapping(options.map))
    intake.check_plan(made)
    print(f"{made.name}: {_kind(made)}, format {made.format}{_columns(made)}", *made.notes, sep="\n")
    store = Store()
    try:
        project = _project(store, options.project)
        bar = _bar(made.name)
        load = intake.load(
            made, store, project, getuser(), licence=options.licence, watch=lambda progress: bar(progress.share)
        )
    finally:
        store.close()
    _end_bar()
    _report(load)
    return 1 if load.rows_rejected else 0


def _mapping(given: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """`field=column` arguments as field → columns."""
    mapping: dict[str, list[str]] = {}
    for argument in given:
        field, equals, column = argument.partition("=")
        if not equals:
            raise InputError(f"--map {argument} has no “=”; write --map FIELD=COLUMN.")
        mapping.setdefault(field, []).extend([column] if column else [])
    return mapping


def _kind(made: "Plan") -> str:
    return f"{made.kind}, sheet {made.sheet}" if made.sheet else made.kind


def _columns(made: "Plan") -> str:
    parts = [f"{field}={'+'.join(columns)}" for field, columns in made.columns.of.items()]
    return f" ({', '.join(parts)})" if parts else ""


def _project(store: Store, name: str) -> Project:
    found = next((p for p in store.projects() if p.name == name), None)
    return found or store.create_project(Project(name=_sound(name)))


def _sound(name: str) -> str:
    if not name.strip() or len(name) > 200:
        raise InputError("A project needs a name of 1 to 200 characters; choose another for --project.")
    return name


def _report(load: Load) -> None:
    print(f"{load.rows:,} rows read = {load.rows_used:,} used + {load.rows_rejected:,} rejected")
    new = "nothing new: all of it was loaded before" if load.rows_used and not (load.tasks or load.judgements) else ""
    print(new or f"{load.tasks:,} new tasks, {load.judgements:,} new judgements")
    if load.merged:
        print(f"{load.merged:,} responses were the same as another of their task and became one with it")
    if load.added:
        print(f"added to the project's settings: {', '.join(load.added)}")
    if load.unasked:
        print(f"in the judgements, and not in the project's settings: {', '.join(load.unasked)}")
    for rejection in load.rejections[:SHOWN]:
        print(rejection.reason)
    if load.rows_rejected > SHOWN:
        print(f"… and {load.rows_rejected - SHOWN:,} more; the Data page lists them.")


def run_sample(_options: argparse.Namespace) -> int:
    """`python -m data sample`: load the sample project, or say that it is there."""
    store = Store()
    try:
        if is_loaded(store):
            print(f"“{NAME}” is already there")
            return 0
        print(f"Loading “{NAME}” from {FOLDER.name}/")
        for load in load_sample(store, lambda name, share: _bar(name)(share)):
            _end_bar()
            print(f"{load.file}: {load.tasks:,} tasks, {load.judgements:,} judgements ({load.licence})")
    finally:
        store.close()
    return 0


def _add_clean(clean: argparse.ArgumentParser) -> None:
    clean.description = (
        "Look through a project and print what each rule finds, with examples of before and after. Nothing changes "
        "without --apply; what was applied is logged and can be taken back with --undo."
    )
    clean.add_argument("--project", required=True, metavar="NAME")
    clean.add_argument("--rule", action="append", metavar="RULE", help="only this rule; again for several")
    what = clean.add_mutually_exclusive_group()
    what.add_argument("--apply", action="store_true", help="change what the rules propose to change")
    what.add_argument("--undo", action="store_true", help="take back what the rules have changed")
    what.add_argument("--read", action="store_true", help="read the language and the sensitive topics of every task")
    clean.add_argument("--names", default="", metavar="MODEL", help="find names of people too, by this spaCy model")
    clean.set_defaults(run=run_clean)


def run_clean(options: argparse.Namespace) -> int:
    """`python -m data clean`: print what is found, changed or taken back."""
    from data.clean.command import lines

    for line in lines(options):
        print(line)
    return 0


def _add_export(export: argparse.ArgumentParser) -> None:
    export.description = (
        "Write what was judged: FILE with the train side, NAME.test.SUFFIX beside it with the prompts held out, and "
        "NAME.card.md, which says what is in them."
    )
    export.add_argument("format", metavar="FORMAT", choices=EXPORTS, help=", ".join(EXPORTS))
    export.add_argument("--project", required=True, metavar="NAME")
    export.add_argument("--out", required=True, metavar="FILE", type=Path, help="ends in .jsonl, .csv or .parquet")
    export.add_argument("--flags", choices=FLAG_POLICIES, default="never chosen", help="what a flag does to pairs")
    export.add_argument("--weighting", choices=WEIGHTINGS, help="add a column with the weight of each pair")
    export.add_argument("--several", choices=AGGREGATIONS, default="all", help="what several annotators' pairs become")
    export.add_argument("--test-share", type=float, default=0.1, metavar="SHARE", help="of the prompts; default 0.1")
    export.add_argument("--messages", action="store_true", default=None, help="prompts and responses as messages")
    export.add_argument("--names", action="store_true", help="annotators by name, instead of by number")
    export.add_argument("--origin", action="append", choices=ORIGINS, help="in sft, which answers; again for several")
    export.add_argument("--mask", action="store_true", help="replace personal data by what it is, as in [email]")
    export.add_argument("--tokenizer", default="", metavar="NAME", help="counts tokens: a tokenizer.json or its folder")
    export.add_argument("--most-tokens", type=int, default=0, metavar="N", help="leave out rows with more")
    export.add_argument("--may-be-handed-on", action="store_true", help="although a source's licence forbids it")
    _add_scope(export.add_argument_group("which judgements", "without these, all of them"))
    export.set_defaults(run=run_export)


def _add_scope(scope: argparse._ArgumentGroup) -> None:
    for name in ("topic", "language", "annotator"):
        scope.add_argument(f"--{name}", action="append", default=[], metavar="NAME", help="again for several")
    scope.add_argument("--since", type=date.fromisoformat, metavar="DAY", help="as in 2026-05-01, in UTC")
    scope.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="this day included")
    scope.add_argument("--agreement", type=float, default=0.0, metavar="SHARE", help="least agreement on a task")
    scope.add_argument("--without-gold", action="store_true", help="leave out checks with a known answer")


def run_export(options: argparse.Namespace) -> int:
    """`python -m data export`: write the files and print the counts."""
    from data.export.card import About
    from data.export.rows import ORIGINS, Choice
    from data.export.scope import Scope, judged_in, narrowed, scope_in_words
    from data.export.write import write_export
    from rankers.aggregation import AGGREGATIONS, aggregated_pairs
    from rankers.agreement import agreement_in_words, task_agreement
    from rankers.pairs import PairRules, preference_pairs, rules_in_words
    from reward_model.card import in_words

    project, loads, tasks, judgements, model = _everything(options.project)
    rules = PairRules(options.weighting or "2/k", options.flags)
    every = preference_pairs(tasks, judgements, rules).pairs
    scope = Scope(
        topics=tuple(options.topic),
        languages=tuple(options.language),
        annotators=tuple(options.annotator),
        since=options.since,
        until=options.until,
        agreement=options.agreement,
        gold=not options.without_gold,
    )

    def pairs_of(kept: Sequence[Judgement]) -> tuple[Sequence[PreferencePair], Mapping[str, int]]:
        made = aggregated_pairs(tasks, kept, rules, options.several)
        return made.pairs, made.left_out

    judged = judged_in(tasks, narrowed(tasks, judgements, scope, task_agreement(every)), pairs_of, rules.flags)
    choice = Choice(
        options.format,
        options.messages,
        bool(options.weighting),
        options.names,
        options.test_share,
        tuple(options.origin or ORIGINS),
        options.mask,
        options.tokenizer,
        options.most_tokens,
    )
    said = {"Annotators": f"{options.several}: {AGGREGATIONS[options.several]}", "Filter": scope_in_words(scope)}
    baseline = in_words({**model.card, "version": model.version}) if model else ""
    rules_said = rules_in_words(rules) | said
    about = About(project, loads, rules_said, agreement_in_words(every), baseline, options.may_be_handed_on)
    _report_export(write_export(judged, choice, about, options.out))
    return 0


def _everything(
    name: str,
) -> tuple[Project, list[Load], Mapping[str, Task], list[Judgement], StoredModel | None]:
    store = Store()
    try:
        project = store.project(name)
        tasks = {task.id: task for task in store.tasks(project.id)}
        models = store.models(project.id)
        judgements = store.judgements(project.id)
        return project, store.loads(project.id), tasks, judgements, models[0] if models else None
    finally:
        store.close()


def _report_export(export: "Export") -> None:
    for problem in export.problems:
        print(f"{problem.n:,} rows: each {problem.says} ({problem.does})")
    for file in export.files:
        print(f"{file.path}: {file.rows:,} {export.unit} from {file.prompts:,} prompts ({file.side})")
    for reason, n in export.left_out.items():
        print(f"left out: {n:,} ({reason})")
    print(f"{export.rows:,} written + {export.possible - export.rows:,} left out = {export.possible:,} {export.unit}")
    print(f"{export.card}: what is in them")


def _bar(name: str) -> Callable[[float], None]:
    """A progress bar on standard error, where that is a terminal."""

    def show(share: float) -> None:
        if sys.stderr.isatty():
            filled = "█" * round(share * _BAR)
            print(f"\r{name[:40]} {filled:<{_BAR}} {share:4.0%}", end="", file=sys.stderr, flush=True)

    return show


def _end_bar() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
