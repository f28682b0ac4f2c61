"""The card of a fitted reward model as Markdown: what it was fitted on, how far it can be trusted, and where not."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from reward_model.card_slices import slices_in_words, weak_slices
from reward_model.card_words import RULERS, STRONGEST, cell, code, family_label, interval, percent, points, table
from reward_model.slices import OTHERS

Card = Mapping[str, Any]


def markdown(card: Card) -> str:
    """The whole card, in English; a block that the card lacks is left out."""
    parts = [section(card) for section in SECTIONS]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_json(card: Card) -> str:
    """The whole card as one JSON object."""
    return json.dumps(dict(card), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def without_names(card: Card) -> dict[str, Any]:
    """The card with annotators by number instead of by name, in its slices and its worst pairs."""
    slices, worst = card.get("slices", ()), card.get("worst", ())
    named = [row["name"] for row in slices if row["by"] == "annotator" and row["name"] != OTHERS]
    names = dict.fromkeys([*named, *(one["annotator"] for one in worst)])
    number = {name: f"annotator {n}" for n, name in enumerate(names, 1)}
    hidden = {
        "slices": [{**r, "name": number.get(r["name"], r["name"])} if r["by"] == "annotator" else r for r in slices],
        "worst": [{**one, "annotator": number[one["annotator"]]} for one in worst],
    }
    return {**card, **{key: value for key, value in hidden.items() if key in card}}


def _head(card: Card) -> str:
    found = card["metrics"]
    said = [
        _verdict(found),
        f"On prompts that it was not fitted on, it puts {_with_interval(found, 'accuracy')} of pairs in the order "
        f"people chose; the longer response alone would get {percent(found['longer_wins'])}.",
    ]
    if ceiling := card.get("human_ceiling"):
        said.append(f"Two people agree on {percent(ceiling['accuracy'])} {interval(ceiling['ci'])}.")
    return f"# Reward model{_version(card)}\n\n{' '.join(said)}"


def in_words(card: Card) -> str:
    """One sentence for the card of a dataset: how well the model does on prompts it was not fitted on."""
    found = card["metrics"]
    return (
        f"A logistic reward model{_version(card)} fitted on this project puts {_with_interval(found, 'accuracy')} of "
        f"pairs of unseen prompts in the order people chose; “longer wins” gets {percent(found['longer_wins'])}."
    )


def _version(card: Card) -> str:
    return f", version {card['version']}" if card.get("version") else ""


def _verdict(found: Mapping[str, Any]) -> str:
    gain = found["better_than"]["longer_wins"]
    low, high = gain["ci"]
    if low > 0:
        return f"Better than length by {points(gain['difference'])} points {interval(gain['ci'], points)}."
    if high < 0:
        return f"Worse than length by {points(-gain['difference'])} points."
    return "No better than length, as far as these pairs can tell."


def _data(card: Card) -> str:
    data, found = card["data"], card["metrics"]
    rows = [
        ("Pairs", f"{found['n_pairs']:,}, of them {found['n_ties']:,} ties"),
        ("Prompts", f"{found['n_prompts']:,}, in {found['n_groups']:,} groups that open alike"),
        ("Responses", f"{data['n_responses']:,}"),
        ("Annotators", f"{data['annotators']:,}" if data["annotators"] else "not named in the files"),
        *([("Judgements", f"{card['judgements']:,}")] if card.get("judgements") else []),
        *[(f"Left out: {why}", f"{n:,} pairs") for why, n in card.get("left_out", {}).items()],
        *[(f"Rule for {what}", name) for what, name in card.get("pair_rules", {}).items()],
        ("Fingerprint of the pairs", code(data["fingerprint"])),
    ]
    return "## What it was fitted on\n\n" + table(("", ""), rows)


def _how(card: Card) -> str:
    split, rules = card["split"], card.get("fit_rules", {})
    lines = [
        "A Bradley–Terry model: the difference of two scores is the log-odds that the first is preferred. A tie counts "
        "half each way.",
        f"Split by {split['by']}: {split['rule']}; choices {split['choices']}. No number comes from a prompt that was "
        "fitted on. Intervals are 95 %, over prompts drawn with replacement.",
    ]
    if rules:
        used = "; ".join(family_label(name) for name in rules["families"])
        lines.append(f"Features: {used}.")
    if rules.get("without_length"):
        lines.append("The effect of length was estimated beside the others and left out of the scores.")
    return "## How it was fitted and tested\n\n" + "\n".join(f"- {line}" for line in lines)


def _figures(card: Card) -> str:
    found = card["metrics"]
    rows: list[tuple[str, ...]] = [("**This model**", *_share(found, "accuracy"), "")]
    for name, label in RULERS.items():
        if name in found:
            gain = found["better_than"][name]
            rows.append((label, *_share(found, name), f"{points(gain['difference'])} {interval(gain['ci'], points)}"))
    if ceiling := card.get("human_ceiling"):
        rows.append(("Two people agree", percent(ceiling["accuracy"]), interval(ceiling["ci"]), ""))
    head = ("", "Accuracy", "95 % interval", "The model is better by (points)")
    return "## How good it is\n\n" + table(head, rows) + "\n\n" + _probabilities(card)


def _share(found: Mapping[str, Any], name: str) -> tuple[str, str]:
    return percent(found[name]), interval(found[f"{name}_ci"])


def _with_interval(found: Mapping[str, Any], name: str) -> str:
    return " ".join(_share(found, name))


def _probabilities(card: Card) -> str:
    found = card["metrics"]
    names = {"log_loss": "Log-loss (coin: 0.693)", "brier": "Brier score", "ece": "Expected calibration error"}
    rows = [
        (label, f"{found[name]:.3f}", interval(found.get(f"{name}_ci"), "{:.3f}".format))
        for name, label in names.items()
        if name in found
    ]
    said = table(("", "", "95 % interval"), rows)
    if calibration := card.get("calibration"):
        was = "corrected by" if calibration["corrected"] else "not corrected; the slope would be"
        said += (
            f"\n\nProbabilities: {was} {calibration['slope']:.2f} (1 is right, less was too sure). Held-out log-loss "
            f"{calibration['log_loss_before']:.3f} without the slope, {calibration['log_loss_after']:.3f} with it."
        )
    return said


def _length(card: Card) -> str:
    block = card.get("length")
    if not block:
        return ""
    lines = []
    if equal := block["equal_length"]:
        lines.append(
            f"Where lengths are within 10 % of each other it is right in {percent(equal['accuracy'])} "
            f"{interval(equal['ci'])} of {equal['n_pairs']:,} pairs."
        )
    if block["correlation"] is not None:
        lines.append(f"Differences of score and of length correlate by {block['correlation']:+.2f} (Spearman).")
    return "## Length\n\n" + " ".join(lines) if lines else ""


def _ties(card: Card) -> str:
    block = card.get("ties")
    if not block:
        return ""
    names = ("first", "equal", "second")
    rows = [(f"Model: {name}", *(f"{n:,}" for n in row)) for name, row in zip(names, block["counts"], strict=True)]
    return (
        "## Ties\n\n"
        f"People gave {block['n']:,} ties. Taken to say “equal” where its margin is at most {block['threshold']:.2f}, "
        "so as often as people do, the model says:\n\n" + table(("", *(f"People: {name}" for name in names)), rows)
    )


def _learning(card: Card) -> str:
    block = card.get("learning")
    if not block:
        return ""
    rows = [
        (f"{p['n']:,}", f"{p['n_prompts']:,}", percent(p["accuracy"]), interval([p["low"], p["high"]]))
        for p in block["points"]
    ]
    unit = str(block["unit"])
    curve = table((unit.capitalize(), "Prompts", "Accuracy", "95 % interval"), rows)
    return f"## What more {unit} would bring\n\n{curve}\n\n{_forecasts(block)}"


def _forecasts(block: Mapping[str, Any]) -> str:
    said = [
        f"{one['more']:,} more {block['unit']}: {points(one['gain'])} ± {points(one['half']).lstrip('+')} points."
        for one in (block["forecast"], block.get("doubling"))
        if one
    ]
    reasons = {
        "flat": "Enough: twice as many would surely gain less than {least} points.",
        "ceiling": "Enough: the model agrees with people as often as they agree with each other.",
    }
    said += [reasons[block["why"]].format(least=points(block["threshold"]).lstrip("+"))] if block["stop"] else []
    return " ".join(said)


def _ablation(card: Card) -> str:
    rows = [
        (
            *(family_label(row["family"]), percent(row["accuracy_without"])),
            *(points(row["difference"]), interval(row["ci"], points), percent(row["accuracy_alone"])),
        )
        for row in card.get("ablation", ())
    ]
    head = ("Family", "Accuracy without it", "It adds (points)", "95 % interval", "Accuracy alone")
    return "## What carries it\n\n" + table(head, rows) if rows else ""


def _strongest(card: Card) -> str:
    parts = []
    for kind, found in card.get("strongest", {}).items():
        rows = [(_feature(part), family_label(part["family"]), f"{part['weight']:+.3f}") for part in found]
        parts += [table((STRONGEST.get(kind, kind), "Family", "Mean shift (logits)"), rows)] if rows else []
    return "## What weighs most\n\n" + "\n\n".join(parts) if parts else ""


def _feature(part: Mapping[str, Any]) -> str:
    """The name of a feature, with the spaces at the ends of an n-gram of letters to be seen."""
    name = part["name"].replace(" ", "␣") if part["family"] == "characters" else part["name"]
    return cell(name) or "signs and white space"


def _worst(card: Card) -> str:
    parts = [_one_wrong(n, one) for n, one in enumerate(card.get("worst", ()), 1)]
    return "## The pairs it gets most wrong\n\n" + "\n\n".join(parts) if parts else ""


def _one_wrong(n: int, one: Mapping[str, Any]) -> str:
    said = f"{n}. It gave {percent(one['probability'])} to what {cell(one['annotator'])} chose."
    texts = (("Prompt", "prompt"), ("Chosen", "chosen"), ("Rejected", "rejected"))
    return "\n\n".join([said, *(f"{label}:\n\n{code(one[key], block=True)}" for label, key in texts)])


def _limits(card: Card) -> str:
    lines = [
        "It knows what these annotators preferred among these answers; it does not check facts.",
        "Scores compare answers to one prompt. Scores of answers to different prompts are not on one scale.",
        *_weak(card),
    ]
    return "## Limits\n\n" + "\n".join(f"- {line}" for line in lines)


def _weak(card: Card) -> Iterable[str]:
    """What the figures say against the model."""
    found = card["metrics"]
    if found["n_groups"] < FEW_PROMPTS:
        yield f"{found['n_groups']} prompts are few: other prompts may differ from these."
    for name, label in RULERS.items():
        if name in found and found["better_than"][name]["ci"][0] <= 0:
            yield f"These pairs cannot tell it from the ruler “{label}”."
    yield from weak_slices(card)


def _made(card: Card) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in card.get("versions", {}).items())
    return f"Fitted {card['created_at']} by Rankdesk" + (f" with {versions}." if versions else ".")


FEW_PROMPTS = 50
SECTIONS: Sequence[Callable[[Card], str]] = (
    *(_head, _data, _how, _figures, _length, slices_in_words, _ties, _learning, _ablation),
    *(_strongest, _worst, _limits, _made),
)
"""The sections, in their order; an empty one is left out."""
