"""`make words`: bring the catalogues up to what the sources say, and list what is not translated yet."""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from itertools import product
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from app.cleaning_jobs import CAUSES
from app.language import APP, ENGLISH, LANGUAGES, Message, catalogue_file, key, read_catalogue, spoken_in, strings
from data.cleaning import RULES as CLEANING
from data.export.card import ABOUT_CSV
from data.export.formats import FORMATS
from data.export.of_judgements import NOT_COMPARED, TOO_FEW
from data.export.of_pairs import TIE
from data.export.of_responses import BEST_FLAGGED, EVEN, NO_BEST, NO_VOTE, NOT_WANTED
from data.export.of_tasks import NOBODY_RANKED, SYSTEM_FIRST
from data.export.preflight import CHECKS, DROPPED, KEPT, MASKED
from data.export.rows import ORIGINS
from data.export.scope import REASONS
from data.intake.formats import FORMATS as INTAKE
from data.report import NONE, OTHERS, TITLES, UNKNOWN, data_report
from data.schemas import SKIP_REASONS, STANDARD_FLAGS, STANDARD_TOPICS, STRENGTHS
from rankers.aggregation import AGGREGATIONS, MERGED
from rankers.leaderboard import ONE_SIDED, SAME_SOURCE, UNKNOWN_SOURCE
from rankers.pairs import FLAG_POLICIES, NOT_BY_CRITERION, NOT_SUBMITTED, UNRANKABLE, UNRANKED, WEIGHTINGS
from reward_model.features import NUMBERS
from reward_model.training import STEPS

ROOT = APP.parent
CALLS = {"_": 1, "N_": 1, "_n": 2, "InputError": 1, "Sentence": 1, "fault": 1}
"""Function → how many of its first arguments are messages. A sentence that is made on the spot is none."""
SCRIPTS = sorted({path.parent.name for path in APP.glob("*/*.js")})
"""Folders of app/ with scripts."""
SYMBOLS = {name for name in WEIGHTINGS if not name.isalpha()}
"""Names that are formulas, the same in every language."""


def terms() -> set[str]:
    """What the lower layers name for people, in the words of a project that has not changed them."""
    flags = {text for flag in STANDARD_FLAGS for text in (flag.label, flag.definition, flag.example)}
    named = {*(topic.label for topic in STANDARD_TOPICS), *SKIP_REASONS.values(), *STRENGTHS}
    fields = {field.says for about in INTAKE.values() for field in about.fields.values()}
    rules = {*WEIGHTINGS, *FLAG_POLICIES}.union(
        (rule.says for rule in WEIGHTINGS.values()), (rule.says for rule in FLAG_POLICIES.values())
    )
    exports = {*(made.says for made in FORMATS.values()), *(made.loses for made in FORMATS.values())}
    exports |= {made.needs for made in FORMATS.values()}
    exports |= {ABOUT_CSV, "no column", *AGGREGATIONS, *AGGREGATIONS.values(), *ORIGINS, *ORIGINS.values()}
    exports |= {*(check.says for check in CHECKS.values()), DROPPED, KEPT, MASKED}
    exports |= {*CAUSES, *(rule.label for rule in CLEANING.values()), *(rule.says for rule in CLEANING.values())}
    exports |= {*data_report("", [], [], [], []).facts, *TITLES, UNKNOWN, OTHERS, NONE}
    return (
        flags
        | named
        | fields
        | rules
        | exports
        | {*NUMBERS.values()}
        | reasons()
        | {*(about.means for about in INTAKE.values()), *STEPS}
    ) - {
        "",
        *SYMBOLS,
    }


def reasons() -> set[str]:
    """Why something is left out of pairs, leaderboards and exports."""
    answers = {policy.leaves_out(*of) for policy in FLAG_POLICIES.values() for of in product((True, False), repeat=3)}
    boards = {UNKNOWN_SOURCE, SAME_SOURCE, ONE_SIDED}
    pairs = {UNRANKED, UNRANKABLE, NOT_SUBMITTED, NOT_BY_CRITERION}
    exports = {TIE, NO_VOTE, EVEN, TOO_FEW, NOT_COMPARED, NO_BEST, BEST_FLAGGED, NOT_WANTED}
    exports |= {NOBODY_RANKED, SYSTEM_FIRST, MERGED, *REASONS}
    return {answer for answer in answers if answer} | boards | pairs | exports


def messages() -> set[Message]:
    """All that must be translated."""
    files = [path for layer in ("app", "data", "rankers", "reward_model") for path in (ROOT / layer).rglob("*.py")]
    sources = [path for path in files if path.stem != "__main__"]
    said = {message for path in sources for message in said_in(path.read_text(encoding="utf-8"))}
    return said | terms() | faults() | {message for folder in SCRIPTS for message in spoken_in(folder)}


def faults() -> set[Message]:
    """What the schemas themselves can find wrong, as `data.errors.checked` says it."""
    schemas = (path.read_text(encoding="utf-8") for path in (ROOT / "data" / "schemas").glob("*.py"))
    return {message for source in schemas for message in said_in(source, {"ValueError": 1})}


def said_in(source: str, calls: Mapping[str, int] = CALLS) -> Iterator[Message]:
    """The messages of one Python source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in calls:
            texts = texts_of(node, calls[node.func.id])
            if len(texts) == calls[node.func.id]:
                yield (texts[0], texts[1]) if node.func.id == "_n" else texts[0]


def texts_of(call: ast.Call, n: int) -> list[str]:
    """Those of the first `n` arguments of a call that are plain texts."""
    return [arg.value for arg in call.args[:n] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]


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
