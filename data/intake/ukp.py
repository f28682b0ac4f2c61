"""The formats `ukp` and `ukp-votes`: pairs of arguments of UKPConvArg1, as they were settled and as people voted.

A file of settled pairs is about one topic and named after it. The topic is the prompt, each argument is its own source:
so two arguments that say the same remain two, and a vote finds its arguments by their ids.
"""

from collections.abc import Sequence
from pathlib import Path

from data.errors import InputError, Sentence
from data.intake.columns import Columns, Field
from data.intake.content import Answer, Item, imported, task_from
from data.intake.files import opened
from data.intake.format import Format, Reading, by_row, has
from data.intake.people import JUDGES, judge
from data.intake.rows import Row, listed, quoted
from data.intake.spill import Spill
from data.intake.values import fault, filled_text, text
from data.schemas import Message, Ranking, Rejection

ANNOTATOR = "ukpconvarg1"
_ENDINGS = (".gz", ".zst", ".csv", ".tsv", ".txt")


def topic_of(file: str) -> str:
    """The topic that a file is named after."""
    name = file.replace("\\", "/").rsplit("/", 1)[-1]
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name


def _prompt(topic: str) -> tuple[Message, ...]:
    """The topic as it can be read: `tv-is-better-than-books_tv` is “tv is better than books: tv”."""
    said = topic.replace("_", ": ").replace("-", " ")
    return (Message(role="user", content=" ".join(said.split()) or topic),)


def _item(row: Row, topic: str, sides: Sequence[Answer], outcome: str, who: str) -> Item:
    task, (a, b) = task_from(_prompt(topic), sides, topic)
    rankings: dict[str, Ranking] = {"a1": ((a,), (b,)), "a2": ((b,), (a,)), "equal": (tuple(sorted((a, b))),)}
    if outcome not in rankings:
        fault("says {said}; write a1, a2 or equal", "label", said=quoted(outcome))
    judgement = imported(task, who, rankings[outcome])
    return Item((row.number,), judgement.idempotency_key, (task,), (judgement,))


def pair_item(row: Row, reading: Reading) -> Item:
    """The task and the settled judgement of a pair."""
    columns, topic = reading.columns, topic_of(row.file or reading.file)
    ids = _ids(row, columns)
    texts = [filled_text(columns.value(row.values, f), columns.name(f)) for f in ("argument_1", "argument_2")]
    outcome = text(columns.value(row.values, "label"), columns.name("label")).strip()
    return _item(row, topic, [Answer(t, i) for t, i in zip(texts, ids, strict=True)], outcome, ANNOTATOR)


def _ids(row: Row, columns: Columns) -> list[str]:
    ids = text(columns.value(row.values, "id"), columns.name("id")).split("_")
    if len(ids) != 2 or ids[0] == ids[1] or not all(0 < len(one) <= 200 for one in ids):
        fault("does not name two arguments; write their ids with an underscore between them", columns.name("id"))
    return ids


def vote_item(row: Row, reading: Reading) -> Item:
    """The task and the judgement of one person's vote."""
    columns = reading.columns
    ids = [text(columns.value(row.values, f), columns.name(f)) for f in ("argument_1", "argument_2")]
    texts = [reading.spill.get(f"argument {one}") for one in ids]
    missing = next((one for one, found in zip(ids, texts, strict=True) if found is None), None)
    if missing is not None:
        why = Sentence("names the argument {name}, which the files of texts do not have; add it there.")
        raise InputError(why, name=quoted(missing))
    topic = filled_text(columns.value(row.values, "topic"), columns.name("topic"))
    outcome = text(columns.value(row.values, "vote"), columns.name("vote")).strip()
    sides = [Answer(found or "", one) for one, found in zip(ids, texts, strict=True)]
    return _item(row, topic[:200], sides, outcome, judge(row.values, reading, "ukp"))


def keep_arguments(path: Path, name: str, spill: Spill) -> None:
    """Read the texts of arguments, from a file of settled pairs or from a folder of them."""
    files = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    for file in files:
        with opened(file, name if file == path else file.name) as source:
            columns: Columns | None = None
            for row in source.rows:
                if isinstance(row, Rejection):
                    said = {"file": quoted(file.name, 100), "fault": row.reason}
                    raise InputError("The file of texts {file}: {fault}", **said)
                columns = columns or UKP.columns(row.values)
                _keep(row, columns, spill)


def _keep(row: Row, columns: Columns, spill: Spill) -> None:
    if not {"id", "argument_1", "argument_2"} <= set(columns.of):
        raise InputError("A file of texts for these votes has the columns #id, label, a1 and a2; choose another.")
    for one, field in zip(_ids(row, columns), ("argument_1", "argument_2"), strict=True):
        spill.put(f"argument {one}", filled_text(columns.value(row.values, field), columns.name(field)))


def _needs_texts(_columns: Columns, has_texts: bool, names: Sequence[str]) -> None:
    if not has_texts:
        known = listed([name for name in names if name.startswith("arg")])
        why = Sentence("The votes name their arguments ({columns}) without the texts; add the files of texts as well.")
        raise InputError(why, columns=known)


UKP = Format(
    "one row a pair of arguments on the topic that the file is named after (UKPConvArg1 Strict)",
    {
        "id": Field("the ids of the two arguments, with an underscore between them", ("_id",), required=True),
        "label": Field("the more convincing one: a1 or a2", ("label",), required=True),
        "argument_1": Field("the first argument", ("a1",), required=True),
        "argument_2": Field("the second argument", ("a2",), required=True),
    },
    by_row(pair_item),
    tells=has("#id", "label", "a1", "a2"),
)
UKP_VOTES = Format(
    "one row a vote between two arguments, whose texts are in the files of the topics (UKPConvArg1)",
    {
        "topic": Field("the topic, as the files of texts are named", ("topic",), required=True),
        "argument_1": Field("the id of the first argument", ("arg1",), required=True),
        "argument_2": Field("the id of the second argument", ("arg2",), required=True),
        "vote": Field("the more convincing one: a1, a2 or equal", ("vote",), required=True),
        **JUDGES,
    },
    by_row(vote_item),
    tells=has("topic", "arg1", "arg2", "vote"),
    keep_texts=keep_arguments,
    check=_needs_texts,
)
