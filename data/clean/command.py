"""`python -m data clean`: what each rule finds in a project, with examples; applied or taken back if asked."""

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from getpass import getuser

from data.changes import Applied
from data.clean.offence import Scorer
from data.cleaning import RULES, Watch, about, applied, findings, read_tasks, stored_tasks, undone
from data.schemas import Finding, Project
from data.store import Store

EXAMPLES = 3
_AROUND = 40


NO_MODEL = "offence: by the lists of words alone, as the project has no fitted model for the flag “toxic”"
ScorerOf = Callable[[Store, Project], Scorer | None]
Bar = Callable[[str, float], object]
"""Is told what is looked at and which share of it is done, 0 to 1."""


def lines(
    options: argparse.Namespace,
    offence_of: ScorerOf = lambda _store, _project: None,
    bar: Bar = lambda _what, _share: None,
) -> Iterator[str]:
    """What the command says, line by line; `offence_of` gives a project's model of offence, if it has one."""
    store, wanted = Store(), options.rule or [name for name in RULES]
    try:
        project = store.project(options.project)
        watch = _shares(bar, store.size(project.id).tasks)
        if options.undo:
            yield from _said("taken back", [("", undone(store, project, wanted, getuser()))])
        elif options.read:
            yield f"{read_tasks(store, project, watch=watch):,} tasks read"
        elif options.apply:
            yield from _said("changed", applied(store, project, wanted, getuser(), watch, options.names))
        else:
            offence = offence_of(store, project) if "offence" in wanted else None
            if "offence" in wanted and offence is None:
                yield NO_MODEL
            knows = about(store, project, options.names, offence)
            yield from _found(findings(stored_tasks(store, project), wanted, knows, watch), wanted)
    finally:
        store.close()


def _shares(bar: Bar, total: int) -> Watch:
    """Tells the bar of a progress among so many tasks; a rule that looks at all of them begins anew."""
    return lambda progress: bar(progress.rule or "tasks", min(progress.read / max(total, 1), 1.0))


def _found(found: Iterator[Finding], wanted: Sequence[str]) -> Iterator[str]:
    count, changes, examples = Counter[str](), Counter[str](), defaultdict[str, list[Finding]](list)
    for one in found:
        count[one.rule] += 1
        changes[one.rule] += one.after is not None
        if len(examples[one.rule]) < EXAMPLES:
            examples[one.rule].append(one)
    for name, rule in RULES.items():
        if name in wanted:
            yield f"{name}: {rule.label}, {count[name]:,} found, {changes[name]:,} of them with a proposal"
            for one in examples[name]:
                yield from _example(one)
    yield f"{sum(count.values()):,} found; --apply changes {sum(changes.values()):,} of them"


def _example(one: Finding) -> Iterator[str]:
    yield f"  {one.task_id[:12]} {one.part}: {one.why}"
    if one.after is not None:
        before, after = excerpts(one.before, one.after)
        yield f"    - {before}"
        yield f"    + {after if one.after.strip() else '(nothing: the text is empty then)'}"


def excerpts(before: str, after: str) -> tuple[str, str]:
    """Where two texts differ, with some of what stands around it, each as one line."""
    shorter = min(len(before), len(after))
    start = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    rest = shorter - start
    same = next((n for n in range(rest) if before[-1 - n] != after[-1 - n]), rest)
    return _cut(before, start, len(before) - same), _cut(after, start, len(after) - same)


def _cut(text: str, start: int, end: int) -> str:
    first, last = max(0, start - _AROUND), min(len(text), min(end, start + 2 * _AROUND) + _AROUND)
    middle = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text[first:last])
    return f"{'…' if first else ''}{middle}{'…' if last < len(text) else ''}"


def _said(done: str, steps: Iterator[tuple[str, Applied]] | Sequence[tuple[str, Applied]]) -> Iterator[str]:
    """How much each rule changed, and the first refusals of each."""
    count, refused = Counter[str](), defaultdict[str, list[str]](list)
    for rule, step in steps:
        count[rule] += step.done
        refused[rule] += [f"  {one.task_id[:12]} {one.part}: {one.reason}" for one in step.refused]
    for rule, n in count.items():
        yield f"{rule + ': ' if rule else ''}{n:,} {done}, {len(refused[rule]):,} refused"
        yield from refused[rule][:EXAMPLES]
    if not count:
        yield f"0 {done}"
