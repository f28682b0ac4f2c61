"""Watch: how released models do, week by week, and whether somebody should look."""

from collections.abc import Sequence
from secrets import token_hex

import streamlit as st

from app.alarm_words import LABELS, SHARES, alarm_sentence
from app.background import Job
from app.fitted import choose_version
from app.language import _, _n, number, percent
from app.names import as_written, inert
from app.rows_read import show_rows_read
from app.session import person, project, store
from app.upload.shelf import remove
from app.upload.tables import rejections_frame
from app.upload.upload import kept_upload, upload_box
from app.watch_charts import rates_chart, rates_frame, weeks_chart, weeks_frame
from app.watch_jobs import Came, Seen, again_work, jobs, load_work, seen_of, start
from data.errors import InputError
from data.intake import Progress
from data.schemas import Alarm, Project, StoredModel
from reward_model.alarms import AlarmState
from reward_model.watch import UNLIKE, Week, WinRate

here, state = project(), st.session_state
state.setdefault("watch_owner", token_hex(16))
state.setdefault("watch_round", 0)


def box() -> str:
    return f"watch_file_{state['watch_round']}"


def show_outcome(job: Job[Progress, Came]) -> None:
    if job.error():
        st.error(inert(_(job.error())))
        return
    if job.stopped:
        st.info(_("This was cancelled. What had been scored is kept."))
        return
    came = job.result()
    counts = {name: number(getattr(came, name)) for name in ("rows", "new", "known", "rejected")}
    st.success(_("{rows} rows = {new} new + {known} known before + {rejected} rejected.", **counts))
    if came.rejections:
        with st.expander(_n("{n} rejected row", "{n} rejected rows", came.rejected)):
            st.dataframe(rejections_frame(came.rejections)[["Reason"]].rename(columns=_), hide_index=True)


def load_file(into: Project, version: int) -> None:
    if upload := kept_upload(state["watch_owner"], box()):
        state["watch_mine"] = start(into.id, load_work(store(), into, upload, version))


def score_again(into: Project, version: int) -> None:
    state["watch_mine"] = start(into.id, again_work(store(), into, version))


def next_file() -> None:
    if upload := kept_upload(state["watch_owner"], box()):
        remove(upload)
    state["watch_round"] += 1
    state.pop("watch_mine", None)


def show_intake(into: Project, version: int) -> None:
    st.subheader(_("Add answers"))
    hint = _(
        "Columns prompt, response, source and written_at (a date). JSONL, JSON, CSV or Parquet, also packed as .gz"
    )
    upload = upload_box(_("Drop a file of released answers, or choose one"), hint, state["watch_owner"], box())
    job = jobs().get(into.id)
    if job and job.running:
        show_rows_read(job, "watch_cancel")
        return
    is_mine = job is state.get("watch_mine")
    if job and is_mine:
        show_outcome(job)
        st.button(_("Add another file"), key="watch_next", on_click=next_file)
    elif upload:
        st.button(_("Score answers"), type="primary", key="watch_load", on_click=load_file, args=(into, version))


def show_alarms(into: Project, states: Sequence[AlarmState]) -> None:
    for found in states:
        said = alarm_sentence(found)
        if found.state == "alarm":
            st.error(said)
        elif found.state == "may be":
            st.warning(said)
        else:
            st.caption(said)
    if person().role == "lead":
        with st.popover(_("Alarms")):
            set_alarms(into)
        if state.get("watch_fault"):
            st.error(inert(_(state.pop("watch_fault"))))


def set_alarms(into: Project) -> None:
    st.caption(_("An empty field means no alarm. They look at the newest release."))
    for alarm, label in LABELS.items():
        limit, is_share = into.alarms.get(alarm), alarm in SHARES
        shown = None if limit is None else round(limit * 100, 1) if is_share else limit
        most, step = (100.0, 1.0) if is_share else (20.0, 0.1)
        state.setdefault(key := alarm_key(into, alarm), shown)  # a field with a value of its own cannot be emptied
        st.number_input(_(label), 0.0, most, None, step, key=key, placeholder=_("None"))
    st.button(_("Save alarms"), type="primary", key="watch_save", on_click=save_alarms, args=(into,))


def alarm_key(into: Project, alarm: Alarm) -> str:
    """A field of its own for each project and stored limit: what somebody else has set since is not hidden."""
    return f"watch_alarm_{into.id}_{alarm}_{into.alarms.get(alarm)}"


def save_alarms(into: Project) -> None:
    typed: dict[Alarm, float | None] = {alarm: state.get(alarm_key(into, alarm)) for alarm in LABELS}
    limits = {alarm: value / 100 if alarm in SHARES else value for alarm, value in typed.items() if value is not None}
    try:
        store().update_project(into.model_copy(update={"alarms": limits}), into)
    except InputError as error:
        state["watch_fault"] = str(error)


def show_finding(seen: Seen, model: StoredModel) -> None:
    if seen.rates:
        newest = seen.rates[-1]
        rate, low, high = (percent(value) for value in newest.rate)
        said = {"release": as_written(newest.release), "before": as_written(newest.before)}
        st.subheader(
            _("{release} is preferred to {before} in {rate} ({low} to {high})", **said, rate=rate, low=low, high=high)
        )
    else:
        name = as_written(seen.releases[-1])
        st.subheader(_("{release} is the first release; the next one will stand beside it", release=name))
    found = model.card["metrics"]
    st.caption(
        _(
            "All of this is the opinion of reward model version {n}, which is right in {share} of pairs that it had "
            "not seen. Bands and brackets are 95 % intervals over prompts; they do not hold the model's own error.",
            n=model.version,
            share=percent(found["accuracy"]),
        )
    )


def show_weeks(weeks: Sequence[Week], name: str, order: Sequence[str], usual: float | None = None) -> None:
    frame = weeks_frame(weeks, name)
    st.altair_chart(weeks_chart(frame, name, order, usual), alt=_("By source and week, with 95 % intervals"))
    with st.expander(_("Numbers behind the chart")):
        named = {
            "source": _("Source"), "week": _("Week"), "value": _("Value"), "low": _("Lower end"),
            "high": _("Upper end"), "n": _("Answers"), "prompts": _("Prompts"),
        }  # fmt: skip
        st.dataframe(frame[list(named)].round(3).rename(columns=named), hide_index=True)


def show_rates(rates: Sequence[WinRate]) -> None:
    if not rates:
        st.write(_("Each release stands beside the last here, once there are two."))
        return
    frame = rates_frame(rates)
    st.altair_chart(rates_chart(frame), alt=_("Is each release better than the last?"))
    for rate in rates:
        said = {"release": as_written(rate.release), "before": as_written(rate.before), "n": number(rate.n_prompts)}
        if rate.paired:
            st.caption(_("{release} against {before}: on the {n} prompts that both answered.", **said))
        else:
            st.caption(
                _(
                    "{release} against {before}: no prompt in common, so all answers stand beside all. Where their "
                    "prompts differ, this is a rough guide only.",
                    **said,
                )
            )


def show_pictures(weeks: Sequence[Week], rates: Sequence[WinRate], order: Sequence[str]) -> None:
    quality, against, drift, flags = st.tabs([_("Quality"), _("Against the last"), _("Drift"), _("Flags")])
    with quality:
        show_weeks(weeks, "score", order)
    with against:
        show_rates(rates)
    with drift:
        show_weeks(weeks, "unlike", order, 1 - UNLIKE)
        st.caption(
            _(
                "A prompt is unlike when its nearest judged prompt is farther than the neighbours of 95 % of the "
                "judged prompts are. Of prompts like the judged ones, {usual} are (dotted line).",
                usual=percent(1 - UNLIKE),
            )
        )
    with flags:
        if any(week.flagged.value for week in weeks):
            show_weeks(weeks, "flagged", order)
        else:
            st.write(_("No answer is flagged. Flags are set by the flag models of this project, where there are any."))


def show_versions(into: Project, version: int) -> None:
    size = store().watched_size(into.id)
    if size.n and (size.least, size.most) != (version, version):
        st.warning(_("Some answers were scored by another version. Scores of two versions are on different scales."))
        job = jobs().get(into.id)
        busy = bool(job and job.running)
        args = (into, version)
        st.button(_("Score all again"), key="watch_again", on_click=score_again, args=args, disabled=busy)


def show_watch(into: Project, models: list[StoredModel]) -> None:
    version = choose_version(models, "watch_version")
    model = next(one for one in models if one.version == version)
    show_versions(into, version)
    seen = seen_of(into.id, store().watched_size(into.id), version, dict(into.thresholds), dict(into.alarms))
    if seen.weeks:
        show_finding(seen, model)
        show_alarms(into, seen.alarms)
        show_pictures(seen.weeks, seen.rates, seen.releases)
    else:
        st.write(
            _(
                "Answers of released models appear here by source and week: how good they are, whether a release is "
                "better than the last, and whether people ask what nobody has judged."
            )
        )
    show_intake(into, version)


st.title(_("Watch"))
if here is None or not (fitted := store().models(here.id)):
    st.write(_("Answers of released models are scored and followed here over time. Fit a reward model first."))
    if here is not None:
        st.page_link("screens/reward_model.py", label=_("Reward model"))
    elif person().role == "lead":
        st.page_link("screens/data.py", label=_("Load file"))
else:
    show_watch(here, fitted)
