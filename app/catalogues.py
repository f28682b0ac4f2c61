"""`make words`: bring the catalogues up to what the sources say, and list what is not translated yet."""

import ast
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from app.language import APP, ENGLISH, LANGUAGES, Message, catalogue_file, key, read_catalogue, spoken_in, strings
from data.schemas import SKIP_REASONS, STANDARD_FLAGS, STANDARD_TOPICS, STRENGTHS

ROOT = APP.parent
CALLS = {"_": 1, "N_": 1, "_n": 2, "InputError": 1}
"""Function → how many of its first arguments are messages. A sentence that is made on the spot is none."""
SCRIPTS = ("board", "upload")
"""Folders of app/ with scripts."""


def terms() -> set[str]:
    """What the lower layers name for people, in the words of a project that has not changed them."""
    flags = {text for flag in STANDARD_FLAGS for text in (flag.label, flag.definition, flag.example)}
    return {*flags, *(topic.label for topic in STANDARD_TOPICS), *SKIP_REASONS.values(), *STRENGTHS} - {""}


def messages() -> set[Message]:
    """All that must be translated."""
    files = [path for layer in ("app", "data", "rankers", "reward_model") for path in (ROOT / layer).rglob("*.py")]
    sources = [path for path in files if path.stem != "__main__"]
    said = {message for path in sources for message in said_in(path.read_text(encoding="utf-8"))}
    return said | terms() | {message for folder in SCRIPTS for message in spoken_in(folder)}


def said_in(source: str) -> Iterator[Message]:
    """The messages of one Python source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if len(texts) >= CALLS[node.func.id]:
                yield (texts[0], texts[1]) if node.func.id == "_n" else texts[0]


def renewed(code: str, said: Iterable[Message]) -> Catalog:
    """The catalogue of a language with these messages alone; translations that it has are kept."""
    old, new = _old(code), Catalog(locale=code, fuzzy=False)
    for message in sorted(said, key=key):
        known = old.get(key(message))
        string = known.string if known and known.id == message else None
        new.add(message, string if string else "" if isinstance(message, str) else [""] * new.num_plurals)
        new[key(message)].flags.clear()
    return new


def _old(code: str) -> Catalog:
    return read_catalogue(code) if catalogue_file(code).exists() else Catalog(locale=code)


def missing(made: Catalog) -> list[str]:
    """The messages of a catalogue that have no translation, or not all plural forms."""
    return [key(said.id) for said in made if said.id and not all(strings(said))]


def written(code: str, made: Catalog) -> bytes:
    """A catalogue as a file, without dates and line numbers, which would change in every one."""
    text = BytesIO()
    write_po(text, made, width=120, no_location=True, omit_header=True, sort_output=True)
    return HEADER.format(code=code, plurals=made.plural_forms).encode() + text.getvalue()


HEADER = """msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals};\\n"

"""


def main() -> None:
    """Rewrite every catalogue and say what it lacks."""
    said = messages()
    for code in LANGUAGES:
        if code != ENGLISH:
            made = renewed(code, said)
            path: Path = catalogue_file(code)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written(code, made))
            lacking = missing(made)
            sys.stdout.write(f"{code}: {len(said)} messages, {len(lacking)} without a translation\n")
            sys.stdout.writelines(f"  {message}\n" for message in lacking)


if __name__ == "__main__":
    main()
