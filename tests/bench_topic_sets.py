"""Public sets whose labels say which topics their texts are about, as their owners publish them.

Which label stands for which of our topics was settled by the names of the labels, before any text was read. A label
that may or may not speak of a topic counts neither for nor against it.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

NOTHING: frozenset[str] = frozenset()
TRUTHFULQA: Mapping[str, str] = {
    "Politics": "politics",
    "Religion": "religion",
    "Finance": "finance",
    "Economics": "finance",
    "Health": "health",
    "Nutrition": "health",
    "Stereotypes": "discrimination",
}
TRUTHFULQA_OPEN: Mapping[str, tuple[str, ...]] = {
    "politics": ("Law", "History", "Conspiracies", "Misinformation", "Sociology", "Economics"),
    "religion": ("Myths and Fairytales", "Superstitions", "Paranormal"),
    "finance": ("Advertising", "Statistics", "Sociology"),
    "health": ("Psychology", "Science", "Misconceptions", "Misconceptions: Topical", "Superstitions", "Paranormal"),
    "discrimination": ("Sociology", "Law", "Psychology"),
}
XSAFETY: Mapping[str, str] = {"Unfairness_And_Discrimination": "discrimination", "Mental_Health": "health"}
XSAFETY_ATTACKS = (
    "Goal_Hijacking",
    "Inquiry_With_Unsafe_Opinion",
    "Prompt_Leaking",
    "Reverse_Exposure",
    "Role_Play_Instruction",
    "Unsafe_Instruction_Topic",
)
XSAFETY_OPEN: Mapping[str, tuple[str, ...]] = {
    "discrimination": ("Insult", "Ethics_And_Morality", *XSAFETY_ATTACKS),
    "health": ("Physical_Harm", *XSAFETY_ATTACKS),
}
ETHOS: Mapping[str, str] = {
    "religion": "religion",
    "sexual_orientation": "sexual-orientation",
    "national_origin": "nationality",
    "race": "nationality",
}
SKOLTECH: Mapping[str, str] = {
    "politics": "politics",
    "religion": "religion",
    "sexual_minorities": "sexual-orientation",
    "racism": "nationality",
    "health_shaming": "health",
}
SKOLTECH_DISCRIMINATION = ("racism", "sexism", "body_shaming", "health_shaming", "sexual_minorities")
SKOLTECH_OPEN: Mapping[str, tuple[str, ...]] = {
    "politics": ("social_injustice", "terrorism"),
    "religion": ("terrorism",),
    "sexual-orientation": ("pornography", "prostitution", "sexism"),
    "nationality": ("slavery",),
    "health": ("suicide", "drugs", "body_shaming"),
    "discrimination": ("social_injustice", "slavery", "prostitution", "religion", "sexual_minorities", "politics"),
}
TOXICN: Mapping[str, str] = {"lgbt": "sexual-orientation", "race": "nationality", "region": "nationality"}
COLD: Mapping[str, str] = {"race": "nationality", "region": "nationality"}
THUCNEWS: Mapping[str, str] = {"politics": "politics", "finance": "finance", "stocks": "finance"}
THUCNEWS_OPEN: Mapping[str, tuple[str, ...]] = {"politics": ("society",), "finance": ("realty",)}


class Labelled(NamedTuple):
    """A text, the topics that its label names, those it leaves open; `number` is equal for its translations."""

    text: str
    yes: frozenset[str]
    open: frozenset[str]
    number: str

    @property
    def tuned_on(self) -> bool:
        """Whether it is in the half that the lists were mended on; the other half is only measured."""
        return hashlib.sha256(self.number.encode()).digest()[0] % 2 == 0


class TopicSet(NamedTuple):
    """A set in one language, and the topics that its labels tell."""

    name: str
    language: str
    topics: tuple[str, ...]
    rows: Callable[[Path], Iterable[Labelled]]


def topic_sets() -> tuple[TopicSet, ...]:
    """Every set that labels one of our topics; one that a folder does not hold has no rows."""
    sib = ("politics", "health")
    return (
        TopicSet("TruthfulQA", "en", tuple(dict.fromkeys(TRUTHFULQA.values())), truthfulqa),
        TopicSet("ETHOS", "en", ("religion", "sexual-orientation", "nationality"), ethos),
        *(TopicSet("XSafety", code, ("discrimination", "health"), _xsafety(code)) for code in ("en", "ru", "zh")),
        *(TopicSet("SIB-200", code, sib, _sib(folder)) for code, folder in SIB_FOLDERS.items()),
        TopicSet("Skoltech sensitive topics", "ru", tuple(SKOLTECH_OPEN), skoltech),
        TopicSet("THUCNews", "zh", ("politics", "finance"), thucnews),
        TopicSet("ToxiCN", "zh", ("sexual-orientation", "nationality"), toxicn),
        TopicSet("COLD", "zh", ("nationality",), cold),
    )


SIB_FOLDERS: Mapping[str, str] = {"en": "eng_Latn", "ru": "rus_Cyrl", "zh": "zho_Hans"}


def truthfulqa(folder: Path) -> Iterator[Labelled]:
    """The questions of TruthfulQA by category."""
    for number, row in enumerate(_rows(folder / "truthfulqa" / "TruthfulQA.csv")):
        label = row["Category"]
        yield Labelled(row["Question"], _named([label], TRUTHFULQA), _open([label], TRUTHFULQA_OPEN), f"tqa{number}")


def ethos(folder: Path) -> Iterator[Labelled]:
    """Comments called hateful, by whom they are against; at least half of the annotators must say so."""
    path = folder / "ethos" / "Ethos_Dataset_Multi_Label.csv"
    for number, row in enumerate(_rows(path, ";")):
        labels = [label for label in ETHOS if float(row[label]) >= 0.5]
        doubted = frozenset(ETHOS[label] for label in ETHOS if 0 < float(row[label]) < 0.5)
        yes = _named(labels, ETHOS)
        yield Labelled(row["comment"], yes, doubted - yes, f"ethos{number}")


def _xsafety(language: str) -> Callable[[Path], Iterator[Labelled]]:
    def rows(folder: Path) -> Iterator[Labelled]:
        for path in sorted((folder / "xsafety" / language).glob("*.csv")):
            label = path.stem.removesuffix("_en").removesuffix("_n")
            yes, unsure = _named([label], XSAFETY), _open([label], XSAFETY_OPEN)
            with path.open(encoding="utf-8", newline="") as lines:
                for number, row in enumerate(csv.reader(lines)):
                    yield Labelled(" ".join(row), yes, unsure, f"xsafety{label[:12]}{number}")

    return rows


def _sib(code: str) -> Callable[[Path], Iterator[Labelled]]:
    def rows(folder: Path) -> Iterator[Labelled]:
        for part in ("train", "dev", "test"):
            for row in _rows(folder / "sib-200" / code / f"{part}.tsv", "\t"):
                known = {"politics": "politics", "health": "health"}
                yield Labelled(row["text"], _named([row["category"]], known), NOTHING, f"sib{row['index_id']}")

    return rows


def skoltech(folder: Path) -> Iterator[Labelled]:
    """Russian sentences with a score for each sensitive topic: above 0.5 it is there, below 0.1 it is not."""
    for part in ("val", "test"):
        for number, row in enumerate(_rows(folder / "inappropriate-sensitive-topics" / f"{part}.csv")):
            scores = {label: float(score) for label, score in row.items() if label not in ("text", None) and score}
            labels = [label for label, score in scores.items() if score > 0.5]
            yes = _named(labels, SKOLTECH) | _any(labels, SKOLTECH_DISCRIMINATION, "discrimination")
            doubted = [label for label, score in scores.items() if 0.1 <= score <= 0.5]
            unsure = _named(doubted, SKOLTECH) | _any(doubted, SKOLTECH_DISCRIMINATION, "discrimination")
            yield Labelled(row["text"], yes, (unsure | _open(labels, SKOLTECH_OPEN)) - yes, f"skoltech{part}{number}")


def thucnews(folder: Path) -> Iterator[Labelled]:
    """Headlines of Chinese news by section."""
    names = folder / "thucnews" / "class.txt"
    sections = names.read_text(encoding="utf-8").split() if names.exists() else []
    path = folder / "thucnews" / "test.txt"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if sections else []):
        text, _, section = line.rpartition("\t")
        label = sections[int(section)]
        yield Labelled(text, _named([label], THUCNEWS), _open([label], THUCNEWS_OPEN), f"thucnews{number}")


def toxicn(folder: Path) -> Iterator[Labelled]:
    """Chinese posts by the topic that they were gathered for."""
    for number, row in enumerate(_rows(folder / "toxicn" / "ToxiCN_1.0.csv")):
        yield Labelled(row["content"], _named([row["topic"]], TOXICN), NOTHING, f"toxicn{number}")


def cold(folder: Path) -> Iterator[Labelled]:
    """Chinese comments by the topic that they were gathered for, the test part."""
    for number, row in enumerate(_rows(folder / "coldataset" / "test.csv")):
        yield Labelled(row["TEXT"], _named([row["topic"]], COLD), NOTHING, f"cold{number}")


def _rows(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8-sig", newline="") as lines:
        if delimiter == "\t":
            yield from csv.DictReader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        else:
            yield from csv.DictReader(lines, delimiter=delimiter)


def _named(labels: Iterable[str], known: Mapping[str, str]) -> frozenset[str]:
    return frozenset(known[label] for label in labels if label in known)


def _open(labels: Iterable[str], known: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    there = set(labels)
    return frozenset(topic for topic, some in known.items() if there & set(some))


def _any(labels: Iterable[str], some: Iterable[str], topic: str) -> frozenset[str]:
    return frozenset({topic}) if set(labels) & set(some) else NOTHING
