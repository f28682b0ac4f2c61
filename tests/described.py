"""The generated parts of docs/data.md. `python -m tests.described` writes them anew."""

from pathlib import Path
from typing import Any

from data import tables
from data.intake.formats import FORMATS
from data.schemas import (
    Change,
    Criterion,
    DatasetFile,
    DatasetVersion,
    Edit,
    Finding,
    Flag,
    FlagKind,
    Judgement,
    Load,
    Message,
    PreferencePair,
    Project,
    Rejection,
    Response,
    SourceLink,
    Span,
    StoredModel,
    Task,
    Term,
    Topic,
)

PAGE = Path(__file__).parent.parent / "docs" / "data.md"
SCHEMAS = (
    Project,
    FlagKind,
    Topic,
    Criterion,
    Task,
    Message,
    Response,
    Judgement,
    Flag,
    Span,
    SourceLink,
    Edit,
    Load,
    Rejection,
    StoredModel,
    PreferencePair,
    Term,
    Finding,
    Change,
    DatasetVersion,
    DatasetFile,
)


def schema_block() -> str:
    """Every schema with its sentence, and each field with its type and bounds."""
    parts = []
    for schema in SCHEMAS:
        said = schema.model_json_schema()
        sentence = said["description"].split("\n\n")[0].replace("\n", " ")
        rows = [f"| `{name}` | {_type(field)} |" for name, field in said["properties"].items()]
        parts.append("\n".join([f"**{schema.__name__}**: {sentence}", "", "| field | type |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(option) for option in field["anyOf"])
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[1]
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    kind = {"string": "text", "array": "list", "null": "nothing"}.get(
        field.get("type", "value"), field.get("type", "value")
    )
    if field.get("format") == "date-time":
        kind = "moment in UTC"
    if "items" in field:
        kind = f"list of {_type(field['items'])}"
    if isinstance(field.get("additionalProperties"), dict):
        kind = f"map of text to {_type(field['additionalProperties'])}"
    return f"{kind}{_bounds(field)}"


def _bounds(field: dict[str, Any]) -> str:
    for least, most, unit in (
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", ""),
        ("minProperties", "maxProperties", ""),
    ):
        if most in field:
            return (
                f" ({field[least]:,} to {field[most]:,}{unit})" if least in field else f" (up to {field[most]:,}{unit})"
            )
    words = {"minimum": "at least {:,}", "maximum": "at most {:,}", "exclusiveMinimum": "above {:,}"}
    bounds = [text.format(field[name]) for name, text in words.items() if name in field]
    return f" ({', '.join(bounds)})" if bounds else ""


def tables_block() -> str:
    """Every table of the database with its columns and its key."""
    rows = []
    for table in tables.METADATA.sorted_tables:
        columns = ", ".join(f"`{column.name}`" for column in table.columns)
        key = ", ".join(column.name for column in table.primary_key)
        rows.append(f"| `{table.name}` | {columns} | {key} |")
    return "\n".join(["| table | columns | key |", "|---|---|---|", *rows])


def formats_block() -> str:
    """Every format with its fields and the names by which their columns are recognised."""
    parts = []
    for name, about in FORMATS.items():
        rows = []
        for field, found in about.fields.items():
            must = " (required)" if found.required else ""
            rows.append(f"| `{field}`{must} | {found.says} | {', '.join(found.names)} |")
        head = ["| field | what it holds | columns recognised |", "|---|---|---|"] if rows else []
        parts.append("\n".join([f"**{name}**: {about.means}", "", *head, *rows]).strip())
    return "\n\n".join(parts)


BLOCKS = {"schemas": schema_block, "tables": tables_block, "formats": formats_block}


def current(text: str) -> str:
    """The page with its generated parts as the code has them now."""
    for name, block in BLOCKS.items():
        begin, end = f"<!-- {name}: generated -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n\n{block()}\n\n{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    PAGE.write_text(current(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
