"""What of a text is neither code nor an address."""

import re

_CODE = re.compile(
    r"^[ ]{0,3}(?P<fence>```(?=[^`\n]*$)|~~~)[^\n]*(?:\n.*?^[ ]{0,3}(?P=fence)[`~]*[ \t]*$|.*\Z)"
    r"|(?<!`)(`{1,2})(?!`)[^`\n]{1,2000}\2(?!`)"
    r"|\b(?:https?|ftp)://[^\s<>\"')\]，。]{1,2000}|\bwww\.[^\s<>\"')\]，。]{1,2000}",
    re.MULTILINE | re.DOTALL,
)
_INK = re.compile(r"[^\n]")
_FENCE = re.compile(r"^[ ]{0,3}(?:```[^`\n]*$|~~~)", re.MULTILINE)


def prose(text: str) -> str:
    """The text with spaces in place of code and addresses, so that every place in it stays where it was."""
    if "`" not in text and "~~~" not in text and "://" not in text and "www." not in text:
        return text
    return _CODE.sub(lambda found: _INK.sub(" ", found[0]), text)


def is_open(text: str) -> bool:
    """Whether a block of code is begun and not ended."""
    return len(_FENCE.findall(text)) % 2 == 1
