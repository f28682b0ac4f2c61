"""How far work on a file is, while it goes on."""

from typing import Any

import streamlit as st

from app.background import Job
from app.language import _, number
from data.intake import Progress


@st.fragment(run_every=0.5)
def show_rows_read(job: Job[Progress, Any], cancel_key: str) -> None:
    """Rows read and rejected, the time left, and the way to end it; the page is drawn anew when it has ended."""
    if not job.running:
        st.rerun()
    seen = job.progress
    left = job.seconds_left(seen.share) if seen.share < 1 else None
    counts = {"rows": number(seen.rows), "rejected": number(seen.rejected)}
    if left is None:
        words = _("{rows} rows read, {rejected} rejected", **counts)
    else:
        words = _("{rows} rows read, {rejected} rejected, about {time} left", **counts, time=_("{n} s", n=number(left)))
    st.progress(min(seen.share, 1.0), words)
    st.button(_("Cancel"), key=cancel_key, on_click=job.stop, disabled=job.stopped)
