"""Files in: `place_of` says where, `plan` recognises one, `preview` and `check` show it, `load` brings it in."""

from data.intake.loading import Progress, Tally, check, load
from data.intake.places import Dataset, Place, Undecided, place_of
from data.intake.plans import Plan, check_plan, mapped, plan, preview

__all__ = [
    "Dataset",
    "Place",
    "Plan",
    "Progress",
    "Tally",
    "Undecided",
    "check",
    "check_plan",
    "load",
    "mapped",
    "place_of",
    "plan",
    "preview",
]
