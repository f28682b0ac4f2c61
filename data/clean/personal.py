"""Personal data that can be told by its form: addresses, phones, cards, accounts, documents; each with its checks.

Numbers count only where a checksum, a numbering plan or the words before them say so. Addresses of the internet (IP) do
not count: in answers they are examples, private networks and version numbers.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

import phonenumbers

from data.clean.marks import Mark, mended

EMAIL, PHONE, CARD, IBAN, DOCUMENT = "[email]", "[phone]", "[card]", "[iban]", "[document]"
"""What stands in place of what is masked."""


class _Kind(NamedTuple):
    mask: str
    what: str
    form: re.Pattern[str]
    is_one: Callable[[str], bool]
    after: re.Pattern[str] | None = None
    """What must stand in the forty characters before it."""


_BEFORE = 40
_EXAMPLE = re.compile(
    r"(?:^|[@.])(?:example\.\w+|(?:your|my)?-?(?:domain|company|email|website)\.\w+|test\.com|git@git\w+\.\w+)$", re.I
)
_SAMPLE_SSN = frozenset({"078051120", "219099999", "123456789", "987654321"})
_NOT_DIGIT = re.compile(r"\D")
_PREFIXES: tuple[tuple[int, int, frozenset[int]], ...] = (
    (4, 4, frozenset({13, 16, 19})),
    (51, 55, frozenset({16})),
    (2221, 2720, frozenset({16})),
    (34, 34, frozenset({15})),
    (37, 37, frozenset({15})),
    (6011, 6011, frozenset({16})),
    (644, 659, frozenset({16})),
    (3528, 3589, frozenset({16})),
    (300, 305, frozenset({14})),
    (36, 36, frozenset({14})),
    (38, 38, frozenset({14})),
    (62, 62, frozenset(range(16, 20))),
    (2200, 2204, frozenset(range(16, 20))),
)
"""First digits from … to …, and how many digits there are: Visa, Mastercard, Amex, Discover, JCB, Diners, UnionPay,
Mir."""
_IBAN_COUNTRIES: Mapping[int, str] = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL",
    19: "MK SI",
    20: "AT BA EE KZ LT LU XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "PT",
    26: "IS TR",
    27: "FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB PL",
    29: "BR EG PS QA UA",
    30: "JO KW MU",
    31: "MT",
    33: "RU",
}
"""How long an account number is → the countries where it is so long."""


def personal(text: str) -> Iterator[Mark]:
    """Personal data in a text, in order, without overlaps, each with the mask that would stand there."""
    end = 0
    for start, stop, kind in sorted(_found(text), key=lambda one: (one[0], -one[1])):
        if start >= end:
            yield Mark(start, stop, kind.what, kind.mask)
            end = stop


def masked(text: str) -> str:
    """The text with masks such as [email] in place of personal data."""
    return mended(text, personal(text))


def _found(text: str) -> Iterator[tuple[int, int, _Kind]]:
    digits = any(digit in text for digit in "0123456789")
    for kind in _KINDS:
        if "@" in text if kind.mask == EMAIL else digits:
            for found in kind.form.finditer(text):
                before = text[max(0, found.start() - _BEFORE) : found.start()]
                if (kind.after is None or kind.after.search(before)) and (size := _size(kind, found[0])):
                    yield found.start(), found.start() + size, kind


def _size(kind: _Kind, text: str) -> int:
    """How much of what looks like one is one, 0 for nothing: after a space another number or word may follow it."""
    while not kind.is_one(text):
        text = text.rpartition(" ")[0]
        if not kind.form.fullmatch(text):
            return 0
    return len(text)


def _is_email(text: str) -> bool:
    return not _EXAMPLE.search(text) and ".." not in text


def _is_phone(text: str, region: str | None = None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def _is_card(text: str) -> bool:
    digits = _NOT_DIGIT.sub("", text)
    issued = any(low <= int(digits[: len(str(low))]) <= high and len(digits) in sizes for low, high, sizes in _PREFIXES)
    return issued and len(set(digits)) > 1 and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + n % 2) for n, digit in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    plain = text.replace(" ", "")
    if plain[:2] not in _IBAN_COUNTRIES.get(len(plain), "").split():
        return False
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


def _is_ssn(text: str) -> bool:
    digits = _NOT_DIGIT.sub("", text)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return not (area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000" or digits in _SAMPLE_SSN)


def _weighted(digits: str, weights: str) -> int:
    return sum(int(a) * int(b) for a, b in zip(digits, weights.split(), strict=False))


def _is_inn(text: str) -> bool:
    if len(text) == 10:
        return _weighted(text, "2 4 10 3 5 9 4 6 8") % 11 % 10 == int(text[9])
    first = _weighted(text, "7 2 4 10 3 5 9 4 6 8") % 11 % 10
    return first == int(text[10]) and _weighted(text, "3 7 2 4 10 3 5 9 4 6 8") % 11 % 10 == int(text[11])


def _is_snils(text: str) -> bool:
    digits = _NOT_DIGIT.sub("", text)
    return _weighted(digits, "9 8 7 6 5 4 3 2 1") % 101 % 100 == int(digits[9:]) and len(set(digits)) > 2


def _is_resident_id(text: str) -> bool:
    """A Chinese resident identity number: a place, a day of birth, a checksum (GB 11643, ISO 7064)."""
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    rest = _weighted(text[:17], "7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2") % 11
    return 1900 <= born.year <= 2100 and "1" <= text[0] <= "8" and "10X98765432"[rest] == text[17].upper()


def _always(_text: str) -> bool:
    return True


_DENSE = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Scripts without spaces between words: there an address ends where its own script ends."""
_WRITTEN = rf"[^\W{_DENSE}]"
_GAP = r"[ \u00a0.\-\u2010-\u2013]?"
_KINDS = (
    _Kind(
        EMAIL,
        "An e-mail address",
        re.compile(
            rf"(?<![.%+\-])(?<!{_WRITTEN})(?:{_WRITTEN}|[.%+\-]){{1,64}}"
            rf"@(?:[^\W_{_DENSE}](?:(?:{_WRITTEN}|-){{0,61}}[^\W_{_DENSE}])?\.){{1,6}}[^\W\d_{_DENSE}]{{2,24}}"
            rf"(?![\-@])(?!{_WRITTEN})"
        ),
        _is_email,
    ),
    _Kind(
        EMAIL,
        "An e-mail address",
        re.compile(
            r"(?<![\w.%+\-])[\w.%+\-]{1,64}@(?:[^\W_][\w\-]{0,61}\.){1,6}(?:中国|中國|公司|网络|網絡|香港|台湾|台灣|한국)"
        ),
        _is_email,
    ),
    _Kind(
        PHONE,
        "A phone number",
        re.compile(rf"(?<![\w.+])\+[1-9](?:{_GAP}[()]?{_GAP}\d){{7,14}}(?!\d|[.,]\d)"),
        _is_phone,
    ),
    _Kind(
        PHONE,
        "A phone number",
        re.compile(
            r"(?<![\w.\-/=(])(?:1[ .\-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .\-])[2-9]\d\d[ .\-]\d{4}(?![\w\-]|[.,]\d)"
        ),
        lambda text: _is_phone(text, "US"),
    ),
    _Kind(
        PHONE,
        "A phone number",
        re.compile(r"(?<![\w.\-/=])8[ \-]?\(?[3489]\d\d\)?[ \-]?\d{3}[ \-]?\d\d[ \-]?\d\d(?![\w\-]|[.,]\d)"),
        lambda text: _is_phone(text, "RU"),
    ),
    _Kind(
        PHONE,
        "A phone number",
        re.compile(r"(?<![A-Za-z0-9_.\-/=])1[3-9]\d(?:[ \-]?\d{4}){2}(?![A-Za-z0-9_\-]|[.,]\d)"),
        lambda text: _is_phone(text, "CN"),
    ),
    _Kind(
        CARD,
        "The number of a payment card",
        re.compile(r"(?<![\w.\-+])[2-6](?:[ \-]?\d){12,18}(?![\w\-]|[.,]\d)"),
        _is_card,
    ),
    _Kind(
        IBAN,
        "An account number (IBAN)",
        re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"),
        _is_iban,
    ),
    _Kind(DOCUMENT, "A social security number", re.compile(r"(?<![\w\-])\d{3}-\d{2}-\d{4}(?![\w\-])"), _is_ssn),
    _Kind(
        DOCUMENT,
        "A taxpayer number (INN)",
        re.compile(r"(?<!\w)(?:\d{10}|\d{12})(?!\w)"),
        _is_inn,
        re.compile(r"инн|\binn\b|налогоплат", re.IGNORECASE),
    ),
    _Kind(
        DOCUMENT,
        "A pension insurance number (SNILS)",
        re.compile(r"(?<![\w\-])\d{3}[\- ]?\d{3}[\- ]?\d{3}[\- ]?\d{2}(?![\w\-])"),
        _is_snils,
        re.compile(r"снилс|snils|пенсионн", re.IGNORECASE),
    ),
    _Kind(
        DOCUMENT,
        "A passport number",
        re.compile(r"(?<!\w)\d{2} ?\d{2} ?(?:№ ?|N ?)?\d{6}(?!\w)"),
        _always,
        re.compile(r"паспорт", re.IGNORECASE),
    ),
    _Kind(
        DOCUMENT,
        "A passport number",
        re.compile(r"(?<!\w)[A-Z]{0,2}\d{7,9}(?!\w)"),
        _always,
        re.compile(r"passport (?:number|no\b|n[ro.]|#|id)|护照号|護照號", re.IGNORECASE),
    ),
    _Kind(
        DOCUMENT,
        "An identity number",
        re.compile(r"(?<![A-Za-z0-9_\-.])[1-8]\d{16}[\dXx](?![A-Za-z0-9_\-])"),
        _is_resident_id,
    ),
)
