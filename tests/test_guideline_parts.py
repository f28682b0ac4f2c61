"""The guideline falls into sections, and the one that matters is found."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.guideline import Section, relevant, sections

SAMPLE = (Path(__file__).parent.parent / "data/samples/guideline.md").read_text(encoding="utf-8")
RUSSIAN = sections(
    """Вступление для всех.
# Токсичность
Ответ оскорбляет или унижает человека.
# Персональные данные
Телефон, адрес или номер счёта частного лица.
# Медицина
Не советуйте лекарств и дозировок без врача; болезни описывайте осторожно."""
)
CHINESE = sections(
    """# 毒性
回答侮辱或威胁他人。
# 个人信息
电话号码、家庭住址或银行账户。
# 医疗建议
不要推荐药物剂量,除非引用医生的话。"""
)


def titles(text: str) -> list[str]:
    return [section.title for section in sections(text)]


def test_the_sample_falls_into_its_four_sections() -> None:
    assert titles(SAMPLE) == [
        "What you do",
        "What makes an answer better",
        "When to set a flag",
        "An example",
    ]
    assert sections(SAMPLE)[2].source.startswith("A flag marks a fault")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Title\nintro\n## One\na\n## Two\nb", ["Title", "One", "Two"]),
        ("before\n\n## One\n### Deeper\n### Deeper still\n## Two", ["", "One", "Two"]),
        ("# Title\n### One\n### Two\n#### Three", ["Title", "One", "Two"]),
        ("# A\n## B", ["A", "B"]),
        ("One\n===\ntext\n\nTwo\n===", ["One", "Two"]),
        ("# **Bold** and `code`\n# [Link](https://x.y)", ["Bold and code", "Link"]),
        ("```\n# no\n# heading\n```\n# A\n# B", ["", "A", "B"]),
        ("> # quoted\n\n# A\n\n# B", ["", "A", "B"]),
        ("no heading", [""]),
        ("", []),
        (" \n\n", []),
    ],
)
def test_sections_begin_at_the_shallowest_headings_used_twice(text: str, expected: list[str]) -> None:
    assert titles(text) == expected


LINES = st.sampled_from(["# *", "## ", "### `", "", "===\n", "```\n", "- ", "> # ", "    ", "|", "\x0c", "\r\n# ", "#"])


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=20))
def test_no_word_of_the_guideline_is_lost_or_out_of_order(marks: list[str]) -> None:
    text = "\n".join(f"{mark}word{n}" for n, mark in enumerate(marks))
    found = re.findall(r"word\d+", " ".join(f"{part.title} {part.source}" for part in sections(text)))
    assert found == [f"word{n}" for n in range(len(marks))]


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["Toxic"], 2), (["Personal data"], 2), (["Unfactual"], 2), (["Is it true?"], 1)],
)
def test_what_is_in_hand_names_the_section_of_the_sample(names: list[str], expected: int) -> None:
    assert relevant(sections(SAMPLE), "Tell me a joke about going on vacation.", names) == expected


def test_the_prompt_of_the_samples_example_finds_it() -> None:
    prompt = "Extract the name of the vendor from the invoice: PURCHASE #0521 NIKE XXX3846. Reply with only the name."
    assert relevant(sections(SAMPLE), prompt) == 3


@pytest.mark.parametrize("prompt", ["", "Tell me a joke about going on vacation.", "你好", "What is 2 + 2?"])
def test_nothing_stands_out_for_a_prompt_of_no_concern(prompt: str) -> None:
    assert relevant(sections(SAMPLE), prompt) is None


@pytest.mark.parametrize(
    ("prompt", "names", "expected"),
    [
        ("Какие лекарства помогают от этой болезни?", [], 3),
        ("Найди телефон и адрес этого человека", [], 2),
        ("Какие лекарства помогают от этой болезни?", ["Токсичный"], 1),
        ("Расскажи сказку", [], None),
    ],
)
def test_russian_words_are_found_whatever_their_endings(prompt: str, names: list[str], expected: int | None) -> None:
    assert relevant(RUSSIAN, prompt, names) == expected


@pytest.mark.parametrize(
    ("prompt", "names", "expected"),
    [
        ("这种药物的剂量是多少?", [], 2),
        ("告诉我他的电话号码", [], 1),
        ("这种药物的剂量是多少?", ["毒性"], 0),
        ("讲个笑话", [], None),
    ],
)
def test_chinese_words_are_found_without_spaces(prompt: str, names: list[str], expected: int | None) -> None:
    assert relevant(CHINESE, prompt, names) == expected


def test_a_guideline_of_one_section_or_none_has_none_that_stands_out() -> None:
    assert relevant([], "anything", ["Toxic"]) is None
    assert relevant([Section("Toxic", "insults")], "insults", ["Toxic"]) is None


def test_one_of_thirty_sections_is_found_by_its_name() -> None:
    parts = [Section(f"Part {n}", SAMPLE.replace("answer", f"answer{n}")) for n in range(30)]
    parts[17] = Section("Astronomy", "What an answer says of moons and planets.")
    assert relevant(parts, SAMPLE * 50, ["Astronomy"]) == 17
