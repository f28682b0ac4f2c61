"""Personal data planted in generated texts of several languages: all of it is masked, and nothing beside it."""

import time
from collections.abc import Callable

import phonenumbers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.clean.personal import CARD, EMAIL, PHONE, masked

WORDS = (
    "write to me and I will answer on 3 May about 42 things, won't I",
    "напиши мне до 15 мая по адресу или позвони после 18 часов на номер",
    "请在5月3日之前给我写信或者打电话 号码 是 邮箱",
    "schreib mir bitte bis 10 Uhr größer über die Straße",
    "اكتب لي قبل يوم 7 على العنوان أو اتصل",
    "écris-moi avant le 12 à l'adresse où ça va",
    "メールは こちら まで 電話 番号",
)
MARKS = (".", ",", "!", "?", ";", "\n", "。", "，", "：", "؟", "…", ")", "»", "”")
LOCAL = st.from_regex(r"[a-z][a-z0-9]{0,8}([._+-][a-z0-9]{1,6}){0,2}", fullmatch=True)
DOMAIN = st.from_regex(r"[a-z][a-z0-9]{1,8}(-[a-z0-9]{1,4})?\.(ru|com|org|de|cn|co\.uk|info)", fullmatch=True)
PREFIXES = ("4", "51", "55", "2221", "34", "37", "6011", "2200", "62")
LENGTHS = {"34": 15, "37": 15}
NUMBERS = ("RU", "US", "CN", "DE", "FR", "GB", "IN", "BR", "UA", "JP")


@st.composite
def an_email(draw: st.DrawFn) -> tuple[str, str]:
    return f"{draw(LOCAL)}@{draw(DOMAIN.filter(lambda name: not name.startswith(('example.', 'test.'))))}", EMAIL


@st.composite
def a_phone(draw: st.DrawFn) -> tuple[str, str]:
    """A number that is in use in its country, with some digits changed as far as it stays one, as people write it."""
    region = draw(st.sampled_from(NUMBERS))
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    plain = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    end = draw(st.text("0123456789", min_size=4, max_size=4))
    moved = phonenumbers.parse(plain[:-4] + end)
    kept = moved if phonenumbers.is_valid_number(moved) else example
    shape = draw(st.sampled_from((phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.INTERNATIONAL)))
    return phonenumbers.format_number(kept, shape), PHONE


@st.composite
def a_card(draw: st.DrawFn) -> tuple[str, str]:
    """A number of 15 or 16 digits with the checksum of Luhn, written in one or in groups of four."""
    prefix = draw(st.sampled_from(PREFIXES))
    size = LENGTHS.get(prefix, 16)
    rest = draw(st.text("0123456789", min_size=size - len(prefix) - 1, max_size=size - len(prefix) - 1))
    number = prefix + rest + _check_digit(prefix + rest)
    gap = draw(st.sampled_from(("", " ", "-")))
    groups = [number[at : at + 4] for at in range(0, size, 4)]
    return gap.join(groups), CARD


def _check_digit(digits: str) -> str:
    doubled = (int(digit) * (2 - n % 2) for n, digit in enumerate(reversed(digits)))
    return str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)


PLANTED: st.SearchStrategy[tuple[str, str]] = st.one_of(an_email(), a_phone(), a_card())


@st.composite
def planted_text(draw: st.DrawFn) -> tuple[str, str]:
    """A text with personal data between words and marks of some language, and the same with masks in its place."""
    before, after = "", ""
    words = draw(st.sampled_from(WORDS)).split()
    for secret, mask in draw(st.lists(PLANTED, min_size=1, max_size=4)):
        some = " ".join(draw(st.lists(st.sampled_from([w for w in words if not w.isdigit()]), min_size=1, max_size=6)))
        mark = draw(st.sampled_from(MARKS))
        before, after = f"{before}{some} {secret}{mark} ", f"{after}{some} {mask}{mark} "
    return before, after


@given(planted_text())
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_all_that_is_planted_is_masked_and_nothing_else_changes(texts: tuple[str, str]) -> None:
    before, after = texts
    assert masked(before) == after
    assert masked(after) == after


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), st.lists(st.sampled_from(MARKS), max_size=5))
def test_a_text_without_personal_data_stays_as_it_is(words: list[str], marks: list[str]) -> None:
    text = "".join(f"{some}{mark} " for some, mark in zip(words, [*marks, *"....."], strict=False))
    assert masked(text) == text


@given(st.text(max_size=400), st.text(max_size=400), PLANTED)
@settings(max_examples=200)
def test_whatever_stands_on_other_lines_personal_data_is_masked(
    before: str, after: str, planted: tuple[str, str]
) -> None:
    secret, mask = planted
    found = masked(f"{before}\n\n {secret} \n\n{after}")
    assert secret not in found.replace(before, "").replace(after, "")
    assert mask in found


SEEDS = (
    "a@b",
    "a.b@",
    "@a.",
    "+7 ",
    "+1(2)-",
    "4111 ",
    "4-4 ",
    "8 (9",
    "(212) ",
    "13812",
    "DE89 ",
    "11010519",
    "1-2-3 ",
)


@given(st.lists(st.sampled_from(SEEDS), min_size=1, max_size=4), st.sampled_from(["", " ", "-", "x", "@", "1", "文"]))
@settings(max_examples=25, deadline=None)
def test_hostile_repetition_of_200_000_characters_takes_bounded_time(parts: list[str], between: str) -> None:
    piece = between.join(parts) + between
    text = (piece * (200_000 // len(piece) + 1))[:200_000]
    began = time.process_time()
    masked(text)
    assert time.process_time() - began < 3


@pytest.mark.parametrize("make", [str.upper, str.title, lambda text: text.replace("@", " @ ")])
def test_an_address_is_told_in_capitals_and_not_when_taken_apart(make: Callable[[str], str]) -> None:
    text = make("ann@mail.org")
    assert masked(text) == (text if " " in text else EMAIL)
