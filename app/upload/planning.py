"""What a person chooses of the file at hand: its sheet, its format, which column is what, whether it is masked."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app.language import _
from app.names import inert
from app.upload.choices import format_label, plan_or_fault
from app.upload.shelf import Upload
from app.upload.upload import amount
from data import intake
from data.errors import InputError
from data.intake import Head, Plan
from data.intake.columns import Field, missing
from data.intake.formats import FORMATS

state = st.session_state


def choose_sheet(upload: Upload) -> Head | None:
    """How an upload begins, of a workbook the chosen sheet; None where it cannot be read."""
    key, known = f"data_sheet_{upload.id}", f"data_sheets_{upload.id}"
    beginning, error = _beginning(upload, state.get(key) or "")
    sheets: tuple[str, ...] = beginning.sheets if beginning else state.get(known, ())
    if len(sheets) > 1:
        state[known] = sheets
        index = sheets.index(beginning.sheet) if beginning else 0
        st.selectbox(_("Sheet"), sheets, index, key=key, persist_state="session")
    if error:
        st.error(inert(_(error)))
    return beginning


def _beginning(upload: Upload, sheet: str) -> tuple[Head | None, str]:
    """The beginning of an upload, read once, or the sentence that says why it cannot be."""
    kept = state.get("data_beginning")
    if kept and kept[0] == (upload.id, sheet):
        return kept[1], ""
    try:
        found = intake.head(upload.path, name=upload.name, sheet=sheet)
    except InputError as error:
        return None, str(error)
    state["data_beginning"] = ((upload.id, sheet), found)
    return found, ""


def choose_format(beginning: Head, name: str, about: str) -> Plan | None:
    """The plan as recognised or as chosen; None while the format is unknown, or where no row can be read.

    `name` tells one file from another in what is chosen; `about` says what the file is.
    """
    key, options = f"data_format_{name}", list(FORMATS)
    recognised, unknown = plan_or_fault(beginning, None)
    made, error = plan_or_fault(beginning, state[key]) if state.get(key) else (recognised, unknown)
    if error:
        st.error(inert(_(error)))
    if made is None and plan_or_fault(beginning, options[0])[0] is None:
        return None
    index = options.index(made.format) if made else None
    hint = _("Choose a format")
    st.selectbox(_("Format"), options, index, format_label, key=key, persist_state="session", placeholder=hint)
    if made:
        st.caption(f"{about} {_recognised(made, recognised)}")
        for note in made.notes:
            st.caption(inert(_(note)))
    return made


def _recognised(made: Plan, recognised: Plan | None) -> str:
    if recognised is None:
        return _("The format was not recognised; it is the one that you have chosen.")
    if made.format == recognised.format:
        return _("The format was recognised from the first rows; choose another one if this is wrong.")
    return _("The format was recognised as “{name}”, and you have chosen another.", name=recognised.format)


def about_upload(upload: Upload, beginning: Head) -> str:
    """What an upload is, in one sentence."""
    about = {"name": inert(upload.name), "kind": beginning.kind, "size": amount(upload.size)}
    return _("{name} is a {kind} file of {size}.", **about)


def choose_columns(made: Plan, name: str) -> Plan:
    """The plan with the columns that a person chooses for its fields."""
    fields = FORMATS[made.format].fields
    if not fields:
        return made
    choice: dict[str, Sequence[str]] = {}
    with st.expander(_("Columns"), expanded=bool(missing(fields, made.columns))):
        for first in range(0, len(fields), 3):
            for place, (field, about) in zip(st.columns(3), list(fields.items())[first : first + 3], strict=False):
                with place:
                    choice[field] = _choose_column(made, field, about, name)
    return intake.mapped(made, choice)


def _choose_column(made: Plan, field: str, about: Field, name: str) -> Sequence[str]:
    key, names = f"data_column_{name}_{made.format}_{field}", list(made.names)
    guessed = made.columns.of.get(field, ())
    label = _("{field} (required)", field=field) if about.required else field
    said, none = _(about.says), _("No column")
    text = _("{sentence}.", sentence=f"{said[:1].upper()}{said[1:]}")
    if about.several:
        return st.multiselect(label, names, guessed, key=key, placeholder=none, help=text, persist_state="session")
    index = names.index(guessed[0]) if guessed else None
    chosen = st.selectbox(label, names, index, key=key, placeholder=none, help=text, persist_state="session")
    return [chosen] if chosen else []


def choose_masks(made: Plan) -> Plan:
    """The plan, with personal data masked if asked."""
    about = _("They become [email], [phone], [card], [iban] and [document] before anything is stored.")
    label = _("Mask e-mail addresses, phone, card, account and document numbers")
    return replace(made, mask=st.checkbox(label, key="data_mask", help=about, persist_state="session"))
