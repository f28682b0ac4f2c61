"""Files in: `plan` recognises one, `preview` and `check` show what is in it, `load` brings it into a project."""

from data.intake.loading import Progress, Tally, check, load
from data.intake.plans import Plan, check_plan, mapped, plan, preview

__all__ = ["Plan", "Progress", "Tally", "check", "check_plan", "load", "mapped", "plan", "preview"]
