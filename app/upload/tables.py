"""Past loads and rejected rows as frames for the screen."""

from collections.abc import Iterable, Sequence

import pandas as pd

from app.language import N_, _
from data.schemas import Load, Rejection


def loads_frame(loads: Sequence[Load]) -> pd.DataFrame:
    """One row a load; columns as they are headed on the screen. “Rows” = “Used” + “Rejected”.

    “Masked” is there where any load has masked personal data.
    """
    masked = any(load.masked for load in loads)
    return pd.DataFrame(
        [
            {
                N_("Loaded"): load.loaded_at,
                N_("File"): load.file,
                N_("Format"): load.format,
                N_("Rows"): load.rows,
                N_("Used"): load.rows_used,
                N_("Rejected"): load.rows_rejected,
                N_("New tasks"): load.tasks,
                N_("New judgements"): load.judgements,
                **({N_("Masked"): sum(load.masked.values())} if masked else {}),
                N_("Licence"): load.licence,
                N_("By"): load.loaded_by,
            }
            for load in loads
        ]
    )


def rejections_frame(rejections: Iterable[Rejection]) -> pd.DataFrame:
    """Columns Row and Reason in the reader's language, in the order of the rows; row 0 is the file as a whole."""
    rows = sorted(((r.row, _(r.reason)) for r in rejections), key=lambda pair: pair[0])
    return pd.DataFrame(rows, columns=["Row", N_("Reason")])


def rejections_csv(rejections: Iterable[Rejection]) -> bytes:
    """The rejected rows as CSV for a spreadsheet; every reason begins with a word, so none is a formula."""
    return rejections_frame(rejections).to_csv(index=False).encode("utf-8-sig")
