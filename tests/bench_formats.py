"""Load public sets of human judgements and count what comes in, beside what their papers and files state.

`make bench-formats FOLDER=…`, where the folder has the sets as their owners publish them; a set that is not there is
left out. Rows + rejected add up, and loading again must add nothing.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from data import intake
from data.schemas import Project
from data.store import Store


class Set(NamedTuple):
    """A public set: its files (a pattern), its file or folder of texts, and what its owners state."""

    files: str
    stated: Mapping[str, int]
    says: str
    texts: str | None = None


SETS: Mapping[str, Set] = {
    "Open Assistant, English trees": Set("oasst/en_100_tree.jsonl", {"rows": 100}, "100 trees"),
    "Anthropic HH, harmless": Set("hh-rlhf/harmless-base/test.jsonl.gz", {"rows": 2312}, "2,312 pairs"),
    "Anthropic HH, helpful": Set("hh-rlhf/helpful-base/test.jsonl.gz", {"rows": 2354}, "2,354 pairs, 2 of equal texts"),
    "llmfao": Set(
        "llmfao/crowd-comparisons.csv",
        {"rows": 8931, "tasks": 2139, "judgements": 8931, "annotators": 124},
        "8,931 votes of 124 people on 2,139 pairs",
        "llmfao/pairs-crowd.jsonl",
    ),
    "UKPConvArg1 Strict": Set(
        "ukpconvarg1/UKPConvArg1Strict-CSV/*.csv",
        {"rows": 11650, "tasks": 11650, "judgements": 11650, "groups": 32, "sources": 1052},
        "11,650 pairs of 1,052 arguments on 32 topics (Habernal and Gurevych 2016, Table 2)",
    ),
    "UKPConvArg1, votes": Set(
        "ukpconvarg1/votes_all_32_topics.csv.gz",
        {"rows": 84445, "tasks": 16927, "judgements": 84445, "annotators": 3815, "groups": 32},
        "about five votes on each of 16,927 pairs, as the file has them",
        "ukpconvarg1/UKPConvArg1Strict-CSV",
    ),
    "PandaLM test set": Set(
        "pandalm/testset-v1.json",
        {"rows": 999, "judgements": 2997, "annotators": 3},
        "999 pairs, judged by 3 people (Wang 2023)",
    ),
}


def counted(store: Store, found: Set, folder: Path, name: str) -> Iterator[tuple[str, int]]:
    """What the files of a set bring into an empty project; loaded twice, so that it shows that this adds nothing."""
    project = store.create_project(Project(name=name))
    texts = folder / found.texts if found.texts else None
    first = again = 0
    rows = rejected = merged = 0
    for path in sorted(folder.glob(found.files)):
        loads = [intake.load(intake.plan(path, texts=texts), store, project, "bench") for _ in range(2)]
        rows, rejected = rows + loads[0].rows, rejected + loads[0].rows_rejected
        first, again = first + loads[0].judgements, again + loads[1].judgements + loads[1].tasks
        merged += loads[0].merged
    tasks, judgements = list(store.tasks(project.id)), store.judgements(project.id)
    yield from {"rows": rows, "rejected": rejected, "tasks": len(tasks), "judgements": first}.items()
    yield "annotators", len({j.annotator for j in judgements})
    yield "groups", len({task.group for task in tasks})
    yield "sources", len({r.source for task in tasks for r in task.responses} - {None})
    yield from {"flags": sum(len(j.flags) for j in judgements), "merged": merged, "again": again}.items()


def main(folder: Path) -> int:
    """Print one line a set, and return 1 where a count differs from what is stated."""
    wrong = 0
    with tempfile.TemporaryDirectory() as place:
        store = Store(f"sqlite:///{place}/bench.db")
        for name, found in SETS.items():
            if not list(folder.glob(found.files)):
                continue
            begun = time.perf_counter()
            counts = dict(counted(store, found, folder, name))
            off = [f"{counts[what]:,} {what}" for what, n in found.stated.items() if counts[what] != n]
            off += [f"{counts['again']:,} more when loaded again"] if counts["again"] else []
            wrong += bool(off)
            shown = ", ".join(f"{n:,} {what}" for what, n in counts.items() if n)
            verdict = f"DIFFERS: {', '.join(off)}" if off else "As stated"
            seconds = time.perf_counter() - begun
            sys.stdout.write(f"{name}: {shown}; {seconds:.1f} s. Stated: {found.says}. {verdict}\n")
        store.close()
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
