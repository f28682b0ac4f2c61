"""What a reward model's reasons are called, and the frames that show them: each adds up to all that it is made of."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from app.language import N_, _, _n
from reward_model.explain import Contribution, Explanation

FAMILIES: Mapping[str, str] = {
    "surface": N_("Length and spelling"),
    "style": N_("Style"),
    "relation": N_("Relation to the prompt"),
    "meaning": N_("Meaning"),
    "ending": N_("Last words"),
    "words": N_("Words"),
    "characters": N_("Letters"),
    "encoder": N_("Encoder"),
}
"""Family of features → what people read for it."""
ADDS, TAKES = N_("adds"), N_("takes away")
MOST_PARTS = 12
MOST_WORDS = 12
_COLUMNS = [N_("Feature"), N_("Weight"), N_("Also")]


def feature_name(family: str, name: str) -> str:
    """What people read for a feature: those with a name by it, n-grams in quotes, with their spaces shown."""
    if family == "words":
        return _("Word “{name}”", name=name)
    if family == "characters":
        return _("Letters “{name}”", name=name.replace(" ", "␣"))
    if family == "meaning":
        return _("Meaning of “{name}”", name=name) if name else _("Meaning of signs and spaces")
    if family == "ending":
        return _("“{name}” near the end", name=name) if name else _("Signs and spaces near the end")
    return _(name)


def parts_frame(parts: Sequence[Contribution], most: int = MOST_PARTS) -> pd.DataFrame:
    """The strongest contributions, and the sum of all others, so that the weights add up to the whole difference.

    Columns: `Feature, Weight, Also, Direction`; the order is from what adds most to what takes away most.
    """
    shown, rest = list(parts[:most]), parts[most:]
    rows = [(feature_name(p.family, p.name), p.value, ", ".join(p.also[:3])) for p in shown]
    rows.sort(key=lambda row: -row[1])
    if rest:
        others = _n("The other one", "All {n} others together", len(rest))
        rows.append((others, sum(p.value for p in rest), ""))
    return _with_direction(rows)


def families_frame(parts: Iterable[Contribution]) -> pd.DataFrame:
    """What each family adds, as `parts_frame` has it, in the order of the families."""
    return _with_direction([(_(label), value, "") for label, value in family_sums(parts).items()])


def family_sums(parts: Iterable[Contribution]) -> dict[str, float]:
    """What each family adds up to, by its English name, in the order of the families."""
    sums: dict[str, float] = {}
    for part in parts:
        sums[part.family] = sums.get(part.family, 0.0) + part.value
    return {label: sums[family] for family, label in FAMILIES.items() if family in sums}


def _with_direction(rows: Sequence[tuple[str, float, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.assign(Direction=[ADDS if weight > 0 else TAKES for weight in frame["Weight"]])


def words_frame(text: str, found: Explanation, most: int = MOST_WORDS) -> pd.DataFrame:
    """What the words of a response add, the same ones together, then all others and what is in no word, in logits.

    Columns: `Word, Times, Weight`; the weights add up to the score.
    """
    sums: dict[str, float] = {}
    times: Counter[str] = Counter()
    for start, end, value in found.words:
        word = "" if text[start:end].isspace() else text[start:end].casefold()
        sums[word] = sums.get(word, 0.0) + value
        times[word] += 1
    shown = sorted(filter(None, sums), key=lambda word: -abs(sums[word]))[:most]
    rest = sum(sums.values()) - sum(sums[word] for word in shown)
    rows = [(word, times[word], sums[word]) for word in sorted(shown, key=lambda word: -sums[word])]
    rows.append((_("All other words, signs and spaces"), times.total() - sum(times[word] for word in shown), rest))
    rows.append((_("Not in words: length, style, prompt"), 0, sum(part.value for part in found.others)))
    return pd.DataFrame(rows, columns=[N_("Word"), N_("Times"), N_("Weight")])
