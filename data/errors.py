"""The one error that is shown to people."""


class InputError(ValueError):
    """What is wrong, where, and what to do about it, in one sentence; safe to show as it is."""
