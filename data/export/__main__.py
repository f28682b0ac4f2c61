"""What `python -m data` hands over: exports, their versions, and two of them compared."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING

from data.schemas import Judgement, Load, PreferencePair, Project, StoredModel, Task
from data.store import Store

if TYPE_CHECKING:
    from data.export.scope import Scope
    from data.export.write import Export

EXPORTS = (
    *("trl-explicit", "trl-implicit", "trl-unpaired", "sft", "openai", "nemo"),
    *("ultrafeedback", "helpsteer", "arena", "oasst", "rankings"),
)
FLAG_POLICIES, WEIGHTINGS = ("never chosen", "excluded", "ignored"), ("2/k", "1/(k choose 2)", "1")
AGGREGATIONS, ORIGINS = ("all", "majority", "reliability"), ("reference", "edit", "best")
"""Names in data.export and rankers, which are slow to import when only the sample is wanted."""
ABOUT_OUT = "ends in .jsonl, .csv or .parquet; without an ending, a `datasets` folder"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add to `python -m data` what hands over."""
    _add_export(commands.add_parser("export", help="write preference pairs, labels or rankings"))
    versions = commands.add_parser("versions", help="list the versions that were kept")
    versions.set_defaults(run=run_versions)
    again = commands.add_parser("write-version", help="write a version again, bit for bit")
    again.add_argument("number", metavar="N", type=int)
    again.add_argument("--out", required=True, metavar="FOLDER", type=Path, help="a folder that has none of its files")
    again.set_defaults(run=run_write_version)
    compare = commands.add_parser("compare", help="tell two versions apart: rows added, removed, turned")
    compare.add_argument("older", metavar="A", type=int)
    compare.add_argument("newer", metavar="B", type=int)
    compare.add_argument("--json", action="store_true", help="the counts and up to 200 whole rows of each kind")
    compare.set_defaults(run=run_compare)
    push = commands.add_parser("push", help="hand a version over to the Hugging Face Hub, with the token in HF_TOKEN")
    push.add_argument("number", metavar="N", type=int)
    push.add_argument("--to", required=True, metavar="OWNER/NAME")
    push.add_argument("--public", action="store_true", help="a new repository is for all to read; else it is private")
    push.set_defaults(run=run_push)
    for command in (versions, again, compare, push):
        command.add_argument("--project", required=True, metavar="NAME")


def _add_export(export: argparse.ArgumentParser) -> None:
    export.description = (
        "Write what was judged: FILE with the train side, NAME.test.SUFFIX beside it with the prompts held out, and "
        "NAME.card.md, which says what is in them."
    )
    export.add_argument("format", metavar="FORMAT", choices=EXPORTS, help=", ".join(EXPORTS))
    export.add_argument("--project", required=True, metavar="NAME")
    export.add_argument("--out", required=True, metavar="FILE", type=Path, help=ABOUT_OUT)
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
    export.add_argument("--keep", metavar="NOTE", help="keep it as the project's next version, with this note")
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
    """`python -m data export`: write the files, print the counts, keep them as a version where that is asked."""
    from data.export.card import About
    from data.export.rows import ORIGINS, Choice
    from data.export.scope import judged_in, narrowed, scope_in_words
    from data.export.write import write_export
    from rankers.aggregation import AGGREGATIONS, aggregated_pairs
    from rankers.agreement import agreement_in_words, task_agreement
    from rankers.pairs import PairRules, preference_pairs, rules_in_words
    from rankers.slices import slice_reports, slices_in_words
    from reward_model.card import in_words
    from reward_model.card_slices import accuracies

    project, loads, tasks, judgements, model = _everything(options.project)
    rules = PairRules(options.weighting or "2/k", options.flags)
    every = preference_pairs(tasks, judgements, rules).pairs
    scope = _scope(options)

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
    by_slice = slices_in_words(slice_reports(tasks, judgements, every), accuracies(model.card) if model else {})
    about = About(project, loads, rules_said, agreement_in_words(every), baseline, options.may_be_handed_on, by_slice)
    export = write_export(judged, choice, about, options.out)
    _report_export(export)
    if options.keep is not None:
        _keep(project, export, scope, options)
    return 0


def _scope(options: argparse.Namespace) -> "Scope":
    from data.export.scope import Scope

    return Scope(
        topics=tuple(options.topic),
        languages=tuple(options.language),
        annotators=tuple(options.annotator),
        since=options.since,
        until=options.until,
        agreement=options.agreement,
        gold=not options.without_gold,
    )


def _keep(project: Project, export: "Export", scope: "Scope", options: argparse.Namespace) -> None:
    from data.export.versions import in_full, keep

    weighting = options.weighting or "2/k"
    chosen = in_full(export, scope, {"flags": options.flags, "weighting": weighting, "several": options.several})
    with _open_store() as store:
        version = keep(store, project.id, export, chosen, options.keep, getuser())
    print(f"kept as version {version.number} ({version.sha256[:12]})")


def run_versions(options: argparse.Namespace) -> int:
    """`python -m data versions`: one line a version, the newest first."""
    with _open_store() as store:
        found = store.datasets(store.project(options.project).id)
    for one in found:
        when, by = f"{one.created_at:%Y-%m-%d %H:%M}", f"by {one.created_by}"
        parts = (f"{one.number}", when, by, one.format, f"{one.rows:,} {one.unit}", one.sha256[:12], one.note)
        print("  ".join(part for part in parts if part))
    if not found:
        print("No version is kept yet; export with --keep NOTE.")
    return 0


def run_write_version(options: argparse.Namespace) -> int:
    """`python -m data write-version`: the files of a version as they were handed over."""
    from data.export.versions import write_version

    with _open_store() as store:
        written = write_version(store, store.project(options.project).id, options.number, options.out)
    print(*written.rows, written.card, sep="\n")
    return 0


def run_compare(options: argparse.Namespace) -> int:
    """`python -m data compare`: the counts and the first rows of each kind, cut; or all that is kept, as JSON."""
    from data.export.compared_words import as_json, compared_in_words
    from data.export.versions import compare

    with _open_store() as store:
        found = compare(store, store.project(options.project).id, options.older, options.newer)
    print(as_json(found) if options.json else "\n".join(compared_in_words(found)))
    return 0


def run_push(options: argparse.Namespace) -> int:
    """`python -m data push`: upload a version, and print where it is."""
    from data.export.hub import hub_token
    from data.export.versions import push_version

    with _open_store() as store:
        project = store.project(options.project)
        where = push_version(store, project.id, options.number, options.to, hub_token(), private=not options.public)
    print(f"version {options.number} is on the Hub: {where}")
    return 0


@contextmanager
def _open_store() -> Iterator[Store]:
    store = Store()
    try:
        yield store
    finally:
        store.close()


def _everything(
    name: str,
) -> tuple[Project, list[Load], Mapping[str, Task], list[Judgement], StoredModel | None]:
    with _open_store() as store:
        project = store.project(name)
        tasks = {task.id: task for task in store.tasks(project.id)}
        models = store.models(project.id)
        judgements = store.judgements(project.id)
        return project, store.loads(project.id), tasks, judgements, models[0] if models else None


def _report_export(export: "Export") -> None:
    for problem in export.problems:
        print(f"{problem.n:,} rows: each {problem.says} ({problem.does})")
    for file in export.files:
        print(f"{file.path}: {file.rows:,} {export.unit} from {file.prompts:,} prompts ({file.side})")
    for reason, n in export.left_out.items():
        print(f"left out: {n:,} ({reason})")
    print(f"{export.rows:,} written + {export.possible - export.rows:,} left out = {export.possible:,} {export.unit}")
    print(f"{export.card}: what is in them")


if __name__ == "__main__":
    sys.exit("Write: python -m data export")
