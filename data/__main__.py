"""`python -m data`: bring files into projects, and what was judged out of them.

Exit status: 0 when everything went in; 1 when some rows were rejected (the good ones are in); 2 when nothing could be
done (a sentence on standard error says why).
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import InputError
from data.export.__main__ import add_commands
from data.sample import FOLDER, NAME, is_loaded, load_sample
from data.schemas import Load, Project
from data.store import Store

if TYPE_CHECKING:
    from data.intake import Plan

SHOWN = 10
"""Rejected rows that are printed; the Data page lists more."""
_BAR = 30


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
    _add_report(commands.add_parser("report", help="say what the material of a project is"))
    _add_topics(commands.add_parser("topics", help="learn sensitive topics from a project's own labels"))
    add_commands(commands)
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
    load.add_argument("--mask", action="store_true", help="replace personal data by what it is, as in [email]")
    load.add_argument(
        "--no-read",
        action="store_true",
        help="do not tell the language and the sensitive topics of each task, which takes most of the time of a load; "
        "they route tasks to people and slice reports, and “clean --read” tells them later",
    )
    load.add_argument("--licence", default="", metavar="TEXT", help="the licence of the file, kept with the load")
    load.set_defaults(run=run_load)


def run_load(options: argparse.Namespace) -> int:
    """`python -m data load`: print the counts and the first rejected rows."""
    from data import intake

    place = intake.place_of(options.file, options.config, options.split, options.revision)
    made = intake.plan(place, options.format, texts=options.texts, sheet=options.sheet)
    made = replace(intake.mapped(made, _mapping(options.map)), mask=options.mask)
    intake.check_plan(made)
    print(f"{made.name}: {_kind(made)}, format {made.format}{_columns(made)}", *made.notes, sep="\n")
    load = _loaded(made, options)
    _end_bar()
    _report(load)
    return 1 if load.rows_rejected else 0


def _loaded(made: "Plan", options: argparse.Namespace) -> Load:
    from data import intake
    from data.reader import reader_if

    store, bar = Store(), _bar(made.name)
    try:
        project = _project(store, options.project)
        told = reader_if(not options.no_read, store, project)

        def watch(progress: intake.Progress) -> None:
            bar(progress.share)

        return intake.load(made, store, project, getuser(), licence=options.licence, watch=watch, told=told)
    finally:
        store.close()


def _mapping(given: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """`field=column` arguments as field → columns."""
    mapping: dict[str, list[str]] = {}
    for argument in given:
        field, equals, column = argument.partition("=")
        if not equals:
            raise InputError("--map {argument} has no “=”; write --map FIELD=COLUMN.", argument=argument)
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
    if load.masked:
        masked = ", ".join(f"{n:,} {kind}" for kind, n in load.masked.items())
        print(f"personal data masked in what was new: {masked}")
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
    from app.offence import offence_of
    from data.clean.command import lines

    for line in lines(options, offence_of, lambda name, share: _bar(name)(share)):
        _end_bar()
        print(line)
    return 0


def _add_report(report: argparse.ArgumentParser) -> None:
    report.description = (
        "Report on the material of a project: its sources, languages, topics and lengths, what is double, what was "
        "changed. As Markdown on standard output, or as a file."
    )
    report.add_argument("--project", required=True, metavar="NAME")
    report.add_argument("--out", metavar="FILE", type=Path, help="write to this file: .html for a page, .md for text")
    report.set_defaults(run=run_report)


def run_report(options: argparse.Namespace) -> int:
    """`python -m data report`: print or write the report."""
    from data.report import as_markdown, report_of, written_as

    written = written_as(options.out.name) if options.out else as_markdown
    store = Store()
    try:
        text = written(report_of(store, store.project(options.project)))
    finally:
        store.close()
    if options.out is None:
        print(text, end="")
    else:
        _keep(options.out, text)
    return 0


def _keep(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or "unknown fault"
        raise InputError("{path} cannot be written: {reason}.", path=path, reason=reason) from None
    print(f"Written to {path}")


def _add_topics(topics: argparse.ArgumentParser) -> None:
    topics.description = (
        "Learn from the answers that people flagged for a sensitive topic how its words weigh, measured on prompts "
        "left out, beside the lists of words. What was learned is used where topics are read, and can be forgotten."
    )
    topics.add_argument("what", choices=["learn", "show", "forget"])
    topics.add_argument("--project", required=True, metavar="NAME")
    topics.set_defaults(run=run_topics)


def run_topics(options: argparse.Namespace) -> int:
    """`python -m data topics`: print what was learned, lists and learned weights side by side."""
    from data.clean.topics_command import lines

    for line in lines(options):
        print(line)
    return 0


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
