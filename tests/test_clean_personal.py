"""Personal data: told by form and checksum, masked, and not seen in ordinary numbers."""

import sys
import time
from itertools import pairwise
from types import ModuleType, SimpleNamespace

import pytest

from data.clean import names as people
from data.clean.personal import masked, personal
from data.errors import InputError


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("mail ivan.petrov+x@mail.ru.", "mail [email]."),
        ("邮箱zhang@qq.com。", "邮箱[email]。"),
        ("请发到zhang@qq.com谢谢", "请发到[email]谢谢"),
        ("写给 用户@例子.中国。", "写给 [email]。"),
        ("пиши на иван@почта.рф!", "пиши на [email]!"),
        ("メールはken@mail.co.jpまで", "メールは[email]まで"),
        ("邮箱：zhang@qq.com。", "邮箱：[email]。"),
        ("call +7 (495) 123-45-67", "call [phone]"),
        ("звони 8 (916) 123-45-67!", "звони [phone]!"),
        ("电话13812345678。", "电话[phone]。"),
        ("call (212) 736-5000 now", "call [phone] now"),
        ("card 4111 1111 1111 1111", "card [card]"),
        ("card 4111 1111 1111 1111 12/26", "card [card] 12/26"),
        ("card 4111111111111111 123", "card [card] 123"),
        ("call +7 999 123-45-67 12 times", "call [phone] 12 times"),
        ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN [iban]."),
        ("IBAN ES91 2100 0418 4502 0005 1332 BIC CAIXESBB", "IBAN [iban] BIC CAIXESBB"),
        ("IBAN AT61 1904 3002 3457 3201 BANK AUSTRIA", "IBAN [iban] BANK AUSTRIA"),
        ("SSN 536-90-4399", "SSN [document]"),
        ("ИНН 7707083893 и ИНН 500100732259", "ИНН [document] и ИНН [document]"),
        ("СНИЛС 112-233-445 95", "СНИЛС [document]"),
        ("паспорт 45 08 123456", "паспорт [document]"),
        ("My passport number is C03005988", "My passport number is [document]"),
        ("身份证11010519491231002X", "身份证[document]"),
    ],
)
def test_personal_data_is_masked(text: str, right: str) -> None:
    assert masked(text) == right


@pytest.mark.parametrize(
    "text",
    [
        "card 4111 1111 1111 1112",
        "card 9999 9999 9999 9999",
        "IBAN DE89 3704 0044 0532 0130 01",
        "ИНН 7707083894, СНИЛС 112-233-445 96",
        "7707083893 is a number, 112-233-445 95 too, 45 08 123456 too",
        "身份证110105194912310021 and 110105194913310022",
        "SSN 000-12-3456, 666-12-3456, 123-45-6789",
        "user@example.com, git@github.com, you@yourdomain.com, a@b",
        "Version 10.0.19045.3803 at 192.168.0.1 on 2024-01-15 12:30:45",
        "3.14159265358979323846, 1234567890, 2 147 483 647, 555-1234, 1 000 000 000",
        "ISBN 978-3-16-148410-0, pages 100-200-3000, x=212-736-5000",
        "999-999-9999, +1 555 010 0000 00 00 00",
    ],
)
def test_ordinary_numbers_are_not_personal_data(text: str) -> None:
    assert masked(text) == text


def test_marks_stand_in_order_without_overlaps() -> None:
    text = "a@b.org +7 916 123-45-67 a@c.org 4111111111111111"
    marks = list(personal(text))
    assert [mark.instead for mark in marks] == ["[email]", "[phone]", "[email]", "[card]"]
    assert all(one.end <= other.start for one, other in pairwise(marks))


HOSTILE = ["1" * 200_000, "a@" * 100_000, "a." * 99_999 + "@", "+1 " * 66_000, "4-" * 99_999, "(212) " * 33_000]
HOSTILE += [
    "DE89 " * 40_000,
    "1 2 3 " * 33_000,
    "+7 916 123 45 67 " * 11_000,
    "ИНН 7707083893 " * 13_000,
    "@" * 200_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8])
def test_hostile_text_takes_bounded_time(text: str) -> None:
    began = time.process_time()
    masked(text)
    assert time.process_time() - began < 3


def test_names_need_the_extra_and_say_so() -> None:
    if "presidio_analyzer" not in sys.modules:
        with pytest.raises(InputError, match="requirements-presidio"):
            list(people.names("Ann", "en_core_web_none"))


def test_names_that_presidio_finds_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Engine:
        def __init__(self, **options: object) -> None:
            self.options = options

        def analyze(self, text: str, **asked: object) -> list[SimpleNamespace]:
            assert asked["language"] == "en"
            return [SimpleNamespace(start=0, end=3)] if text.startswith("Ann") else []

    class Provider:
        def __init__(self, *, nlp_configuration: object) -> None:
            self.options = nlp_configuration

        def create_engine(self) -> object:
            return self.options

    made, engines = ModuleType("presidio_analyzer"), ModuleType("presidio_analyzer.nlp_engine")
    made.AnalyzerEngine, engines.NlpEngineProvider = Engine, Provider  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "presidio_analyzer", made)
    monkeypatch.setitem(sys.modules, "presidio_analyzer.nlp_engine", engines)
    monkeypatch.setattr(people, "find_spec", lambda name: name == "en_core_web_sm" or None)
    people._analyzer.cache_clear()
    assert [mark.instead for mark in people.names("Ann is here", "en_core_web_sm")] == ["[name]"]
    for missing in ("en_broken", "../en_core_web_sm"):
        with pytest.raises(InputError, match="not installed"):
            list(people.names("Ann", missing))
    people._analyzer.cache_clear()
