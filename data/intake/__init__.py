"""Files in: `place_of` says where, `plan` recognises one, `preview` and `check` show it, `load` brings it in."""

from data.intake.loading import Progress, check, load
from data.intake.places import Dataset, Place, Undecided, place_of
from data.intake.plans import Head, Plan, check_plan, head, mapped, plan, planned, preview
from data.intake.tally import Tally

__all__ = [
    "Dataset",
    "Head",
    "Place",
    "Plan",
    "Progress",
    "Tally",
    "Undecided",
    "check",
    "check_plan",
    "head",
    "load",
    "mapped",
    "place_of",
    "plan",
    "planned",
    "preview",
]
