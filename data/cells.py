"""Text in cells of a CSV file that a spreadsheet may open: nothing in it is run."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins with one of these for a formula, or for something it may run."""


def defused(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before what would be one; `restored` takes it off."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def restored(cell: str) -> str:
    """The text that `defused` made the cell from."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS) else cell
