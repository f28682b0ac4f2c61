"""Broken text: mended where it is surely broken, left alone where it only looks so."""

import time
import unicodedata

import pytest

from data.clean import broken, leftovers
from data.clean.marks import Mark
from data.clean.prose import is_open, prose

RUSSIAN = "Привет, как дела?".encode().decode("windows-1251")
CHINESE = "你好，世界！今天".encode().decode("gb18030")


def mended(text: str, marks: list[Mark]) -> str:
    for mark in sorted(marks, reverse=True):
        if mark.instead is not None:
            text = text[: mark.start] + mark.instead + text[mark.end :]
    return text


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("I donâ€™t know\nnaÃ¯ve", "I don’t know\nnaïve"),
        (f"Он сказал: {RUSSIAN}", "Он сказал: Привет, как дела?"),
        (CHINESE, "你好，世界！今天"),
    ],
)
def test_letters_read_in_a_wrong_encoding_are_mended(text: str, right: str) -> None:
    assert mended(text, list(broken.misread(text))) == right


@pytest.mark.parametrize(
    "text",
    [
        "São Paulo, l’été – “ok”",
        "Привет, «мир» — ёлка…",
        "联通公司的人工智能",
        "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️",
        "`naÃ¯ve`",
        "```\ndonâ€™t\n```",
        "می‌خواهم क्‍ष",
    ],
)
def test_good_text_emoji_and_code_are_left_alone(text: str) -> None:
    assert not [*broken.misread(text), *broken.invisible(text), *broken.markup(text)]


def test_letters_that_are_lost_are_pointed_out_without_a_proposal() -> None:
    assert [mark.instead for mark in broken.misread("a \ufffd\ufffd b 锟斤拷")] == [None, None]


def test_invisible_characters_go_but_not_the_joiners_that_a_script_or_an_emoji_needs() -> None:
    text = "a\u200bb\ufeff c\u200dd soft\u00adhy \u202eevil\u202c می\u200cخواهم 👩\u200d🚀"
    assert mended(text, list(broken.invisible(text))) == text.replace("\u200b", "").replace("\ufeff", "").replace(
        "c\u200d", "c"
    ).replace("\u00ad", "")
    assert mended("\u202eevil\u202c", list(broken.invisible("\u202eevil\u202c"))) == "evil"


def test_words_are_composed_and_code_is_not() -> None:
    text = unicodedata.normalize("NFD", "Juvénal и ёлка") + " `e\u0301`"
    assert mended(text, list(broken.decomposed(text))) == "Juvénal и ёлка `e\u0301`"


def test_leftover_html_becomes_text() -> None:
    text = "<p>Tom &amp; Jerry</p><b>run</b><br/>away&nbsp;now `&amp;`"
    assert mended(text, list(broken.markup(text))) == "Tom & Jerry\n\nrun\naway now `&amp;`"


def test_html_that_the_text_speaks_of_and_links_are_only_pointed_out() -> None:
    assert [m.instead for m in broken.markup("In HTML, <b> is bold and &lt; is less.")] == [None, None]
    assert [m.instead for m in broken.markup('See <a href="x">this</a>; a < b and AT&T; stay.')] == [None, None]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Paris.</s>", "Paris."),
        ("Assistant: Paris is it.", "Paris is it."),
        ("Ассистент: Париж.", "Париж."),
        ("Ответ: 42.", "Ответ: 42."),
        ("助手：巴黎。", "巴黎。"),
        ("Paris.\n\n### Instruction:\nWhat now?", "Paris.\n\n"),
        ("Paris.<|im_end|>\n", "Paris.\n"),
    ],
)
def test_what_a_template_left_is_taken_off(text: str, right: str) -> None:
    assert mended(text, list(leftovers.template(text))) == right


@pytest.mark.parametrize(
    "head", ["<|im_start|>assistant\n", "<|start_header_id|>assistant<|end_header_id|>\n\n", "<|im_start|> "]
)
def test_the_name_of_who_speaks_goes_with_its_mark(head: str) -> None:
    assert mended(f"{head}Plants eat light.", list(leftovers.template(f"{head}Plants eat light."))).strip() == (
        "Plants eat light."
    )
    assert list(leftovers.empty(head))


@pytest.mark.parametrize(
    "text", ["Yes.\nHuman: and now?", "Да.\nПользователь: а ещё?", "好。\n用户：还有呢？", "Dear {{name}}, hi"]
)
def test_other_turns_and_unfilled_places_are_pointed_out(text: str) -> None:
    assert [mark.instead for mark in leftovers.template(text)] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "As an AI language model, I cannot.",
        "Как языковая модель, я не могу.",
        "Я — искусственный интеллект.",
        "作为一个人工智能语言模型，我不能。",
    ],
)
def test_an_answer_that_speaks_of_itself_as_a_model_is_found(text: str) -> None:
    assert len(list(leftovers.as_ai(text))) == 1
    assert not list(leftovers.as_ai("I am an AI engineer. As an airline, we fly. Он работает как врач."))


def test_an_answer_of_nothing_is_empty() -> None:
    assert [bool(list(leftovers.empty(text))) for text in ("", " \n\u200b", "</s>", "No", "好")] == [1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    "text",
    [
        "It is good.\n```python\nprint(1)",
        "The theory is complex. It is a theory of the interactions of",
        "One thing. Two things. " + "And this sentence goes on for quite some time before it breaks off in a wo",
        "Это сложная теория. Она описывает взаимодействие частиц и",
        "这是一个很复杂的理论。它描述了粒子之间的相互作用以及",
    ],
)
def test_an_answer_that_was_cut_off_is_pointed_out(text: str) -> None:
    (mark,) = leftovers.truncated(text)
    assert mark.instead is None
    assert mark.end == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "Paris",
        "1. one\n2. two and a half\n3. three",
        "See https://example.org/a-long-address/of",
        "Good.\n```\nx\n```",
        "```one line of code```",
        "Done!",
        "",
        "好的",
    ],
)
def test_a_short_answer_a_list_and_an_address_are_not_cut_off(text: str) -> None:
    assert not list(leftovers.truncated(text))


def test_code_and_addresses_leave_every_place_where_it_was() -> None:
    text = "a `b` c\n```\nx\n```\nd https://e.org f ``g`` ~~~"
    assert len(prose(text)) == len(text)
    assert prose(text).split() == ["a", "c", "d", "f", "~~~"]
    assert is_open("```\nx")
    assert not is_open(text)


HOSTILE = ["`" * 200_000, "```\n" * 50_000, "&" * 200_000, "<b " * 66_000, "Ã" * 200_000, "a" + "\u0301\u0316" * 99_000]
HOSTILE += [
    "<|" * 100_000,
    "Human:\n" * 28_000,
    "\u200d" * 200_000,
    "{{" * 100_000,
    "浣" * 200_000,
    "\n" * 200_000,
    "as an " * 33_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:8]))
def test_hostile_text_takes_bounded_time(text: str) -> None:
    began = time.process_time()
    for look in (broken.misread, broken.invisible, broken.decomposed, broken.markup):
        list(look(text))
    for look in (leftovers.template, leftovers.as_ai, leftovers.empty, leftovers.truncated):
        list(look(text))
    assert time.process_time() - began < 5
