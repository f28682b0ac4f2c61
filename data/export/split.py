"""On which side of a split a prompt stands."""

from typing import Literal

from data.errors import InputError
from data.schemas import fingerprint

Side = Literal["train", "test"]
SIDES: tuple[Side, ...] = ("train", "test")
MAX_TEST_SHARE = 0.5


def side_of(group: str, test_share: float) -> Side:
    """The side of a prompt group: "test" for about `test_share` (0 to 0.5) of all groups.

    It follows from the group alone, so a prompt keeps its side when the project grows, and a prompt that is on the
    test side for a small share is there for every larger one.
    """
    place = int(fingerprint(["train or test", group])[:12], 16) / 16**12
    return "test" if place < test_share else "train"


def check_test_share(test_share: float) -> None:
    """Raise InputError unless the share leaves most prompts to train on."""
    if not 0 <= test_share <= MAX_TEST_SHARE:
        raise InputError(
            "The test share is {share}; choose a share of the prompts between 0 and 0.5.", share=test_share
        )
