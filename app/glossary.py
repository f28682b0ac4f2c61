"""The glossary of a project as its lead writes it: term by term, or many lines at once."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

from app.language import N_, _, _n, number
from app.list_editor.list_editor import list_editor, rows_now
from app.names import inert
from app.project_settings import GLOSSARY, Rows, rows_of
from app.slices import NAMELESS, slice_name
from data.clean.lexicon import LANGUAGES
from data.errors import InputError, Sentence, checked
from data.schemas import Project, Slice, Term

MOST_TEXT, MOST_TERMS, MOST_FAULTS, LONGEST = 1_000_000, 2_000, 5, 80
LONGEST_LINE = 1_000
"""A longer line is taken for one column: it cannot be two terms."""
HEADS = {"wrong", "wrong term", "неверно", "неверный термин", "错误", "错误术语"}
"""A first line that begins with one of these is a heading."""
NO_LANGUAGE = N_(
    "Line {n}: “{given}” is no code of a language; write two letters, such as en, ru or zh, or leave it out."
)
EXAMPLE = "e-mail, email, en\nкофий; кофе; ru"
state = st.session_state


class Pasted(NamedTuple):
    """Lines as terms, and a sentence for each line that is none."""

    rows: Rows
    faults: list[str]


def pasted(text: str) -> Pasted:
    """The terms in lines of two or three columns, which commas, semicolons or tabs part."""
    made, faults = Rows(), list[str]()
    lines = text[:MOST_TEXT].replace("\x00", "").splitlines()
    for n, cells in enumerate(map(_cells, lines), 1):
        if not any(cells) or (n == 1 and cells[0].casefold() in HEADS):
            continue
        if fault := _fault(cells):
            faults.append(_(fault, n=n, given=cells[2][:LONGEST] if len(cells) > 2 else ""))
        else:
            made.append(dict(zip(GLOSSARY.texts, [*cells, ""], strict=False)))
    return Pasted(made, faults)


def _cells(line: str) -> list[str]:
    if len(line) > LONGEST_LINE:
        return [line]
    mark = next((mark for mark in "\t;," if mark in line), ",")
    cells = [cell.strip().strip("\ufeff") for cell in next(csv.reader([line], delimiter=mark), [])]
    return cells if len(cells) != 3 else [*cells[:2], cells[2].lower()]


def _fault(cells: Sequence[str]) -> str:
    if not 2 <= len(cells) <= 3:
        return N_(
            "Line {n} is not in two or three columns; write the wrong term, the right one and, if you like, a language."
        )
    if not all(cells[:2]):
        return N_("Line {n} lacks a term; write the wrong term and the right one.")
    if max(map(len, cells[:2])) > LONGEST:
        return N_("Line {n} has a term of more than 80 characters; shorten it.")
    is_code = cells[2:] in ([], [""]) or (cells[2].isascii() and cells[2].isalpha() and len(cells[2]) in (2, 3))
    return "" if is_code else NO_LANGUAGE


def joined(rows: Rows, more: Iterable[Mapping[str, str]]) -> Rows:
    """The rows with more of them; of two with the same wrong term in one language the later one counts."""
    kept = {(row["wrong"].strip(), row["language"]): dict(row) for row in [*rows, *more] if row["wrong"].strip()}
    return [*kept.values(), *(row for row in rows if not row["wrong"].strip() and row["right"].strip())]


def terms_of(rows: Rows) -> list[dict[str, str]]:
    """The glossary that these rows say; InputError for a term that cannot be kept, or is there twice."""
    said = [{field: text.strip() for field, text in row.items()} for row in rows]
    terms = [row for row in said if row["wrong"] or row["right"]]
    for row in terms:
        if not row["wrong"] or not row["right"]:
            raise InputError(
                "“{label}” lacks its other term; write it, or remove the row.", label=row["wrong"] or row["right"]
            )
        checked(Term, row, Sentence(GLOSSARY.what, label=row["wrong"]))
    twice = [term for term, n in Counter((row["wrong"], row["language"]) for row in terms).items() if n > 1]
    if twice:
        raise InputError("“{label}” stands in the list twice; remove one of the two.", label=twice[0][0])
    return terms


def languages_for(here: Project, present: Iterable[str]) -> dict[str, str]:
    """Code of a language → its name, for those that the interface and the project have."""
    known = {"", *LANGUAGES, *NAMELESS}
    own = {term.language for term in here.glossary} | {code for by in here.seeds.values() for code in by} | set(present)
    return {code: slice_name(Slice("language", code)) for code in [*LANGUAGES, *sorted(own - known)]}


def show_glossary(kept: dict[str, Any], languages: Mapping[str, str]) -> Rows:
    """The list of terms, and the way to add many; the rows as they are now."""
    st.caption(
        _(
            "Wrong terms and the right ones. The Cleaning page offers each correction with before and after; nothing "
            "is changed silently, and what was changed can be taken back."
        )
    )
    key = f"settings_glossary_{kept['version']}_{kept['terms_resets']}"
    if said := kept.pop("terms_said", None):
        _tell(said)
    given = kept["terms"]
    if not given:
        st.write(_("There are no terms yet. Add one, or paste a list below."))
    rows = list_editor("glossary", given, _("Add term"), key, {"": _("any language"), **languages})
    with st.expander(_("Add many at once")):
        _offer_many(kept, key)
    return rows


def _offer_many(kept: dict[str, Any], key: str) -> None:
    paste, file = f"{key}_paste", f"{key}_file"
    st.text_area(
        _("One term a line: wrong term, right term, language"),
        key=paste,
        placeholder=EXAMPLE,
        help=_("Commas, semicolons or tabs part the columns, so rows copied from a spreadsheet can be pasted."),
    )
    st.file_uploader(_("Or a file: CSV, TSV or text in UTF-8"), ["csv", "tsv", "txt"], key=file, max_upload_size=1)
    st.button(_("Add to the list"), key="settings_terms_add", on_click=_add_many, args=(kept, key))


def _add_many(kept: dict[str, Any], key: str) -> None:
    upload: Any = state.get(f"{key}_file")
    try:
        file = upload.getvalue().decode("utf-8-sig") if upload else ""
    except UnicodeDecodeError:
        kept["terms_said"] = (0, [f"{upload.name} {_('is not UTF-8; save the file as UTF-8.')}"])
        return
    read = pasted("\n".join([state.get(f"{key}_paste") or "", file]))
    rows = joined(rows_now("glossary", kept["terms"], key), read.rows)
    faults = read.faults
    if len(rows) > MOST_TERMS:
        faults = [_("A glossary holds up to {most} terms; the rest was left out.", most=number(MOST_TERMS)), *faults]
    left_out = min(len(read.rows), max(len(rows) - MOST_TERMS, 0))
    kept |= {"terms": rows[:MOST_TERMS], "terms_resets": kept["terms_resets"] + 1}
    kept["terms_said"] = (len(read.rows) - left_out, faults)


def _tell(said: tuple[int, list[str]]) -> None:
    read, faults = said
    if read:
        st.info(_n("{n} line was added to the list. Save the settings to keep it.",
                   "{n} lines were added to the list. Save the settings to keep them.", read))  # fmt: skip
    if faults:
        left = len(faults) - MOST_FAULTS
        more = [_n("And {n} more line.", "And {n} more lines.", left)] if left > 0 else []
        st.warning("\n\n".join(inert(fault) for fault in [*faults[:MOST_FAULTS], *more]))
    if not read and not faults:
        st.warning(_("There was nothing to add; paste lines of two or three columns."))


def opened_terms(loaded: Project) -> Rows:
    """The glossary as rows to edit."""
    return rows_of("glossary", loaded.glossary)
