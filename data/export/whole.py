"""A judgement with all that is known of it, as one row."""

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from data.export.messages import TEXT, TURNS, turns
from data.schemas import Judgement, Task

_RANKING = pa.list_(pa.list_(TEXT))
_FLAG = [
    *((name, TEXT) for name in ("response_id", "kind", "note")),
    ("spans", pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64())]))),
    ("severity", pa.int64()),
    *((name, TEXT) for name in ("topic", "verdict", "correction")),
    ("sources", pa.list_(pa.struct([("url", TEXT), ("kind", TEXT)]))),
]
RANKING_COLUMNS = pa.schema(
    [
        ("task_id", TEXT),
        ("group", TEXT),
        ("prompt", TURNS),
        ("responses", pa.list_(pa.struct([("id", TEXT), ("text", TEXT), ("source", TEXT)]))),
        ("ranking", _RANKING),
        ("criteria", pa.list_(pa.struct([("criterion", TEXT), ("ranking", _RANKING)]))),
        ("scores", pa.list_(pa.struct([("response_id", TEXT), ("score", pa.int64())]))),
        ("none_acceptable", pa.bool_()),
        ("unrankable", pa.bool_()),
        ("flags", pa.list_(pa.struct(_FLAG))),
        ("suggested", pa.list_(pa.struct([("response_id", TEXT), ("kind", TEXT), ("probability", pa.float64())]))),
        ("edits", pa.list_(pa.struct([("response_id", TEXT), ("text", TEXT)]))),
        ("reference", TEXT),
        ("comment", TEXT),
        ("annotator", TEXT),
        ("shown_order", pa.list_(TEXT)),
        ("seconds", pa.float64()),
        ("margin", pa.float64()),
        ("revision", pa.int64()),
        ("judged_at", TEXT),
        ("gold", pa.bool_()),
    ]
)


def whole(judgement: Judgement, task: Task, who: str) -> dict[str, Any]:
    """All that is known of a judgement by `who`. Maps become lists, so that every row has the same columns."""
    said = judgement.model_dump(include=set(RANKING_COLUMNS.names) - {"annotator", "criteria", "scores"})
    return said | {
        "group": task.group,
        "prompt": turns(task.prompt),
        "responses": [response.model_dump() for response in task.responses],
        "criteria": [{"criterion": name, "ranking": tiers} for name, tiers in judgement.criteria.items()],
        "scores": [{"response_id": i, "score": score} for i, score in judgement.scores.items()],
        "annotator": who,
        "judged_at": judgement.created_at.isoformat(),
        "gold": task.gold,
    }


def filled(value: Any, path: str = "") -> Iterator[str]:
    """Where something stands in a row: the paths of all that is neither an empty list nor None."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from filled(inner, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from filled(inner, path)
    elif value is not None:
        yield path
