"""The glossary: whole words in any form, the case of the text, nothing inside code."""

import time

import pytest

from data.clean.marks import mended
from data.clean.terms import corrections, glossary
from data.schemas import Term


def corrected(text: str, wrong: str, right: str, language: str = "") -> str:
    return mended(text, corrections(text, glossary((Term(wrong=wrong, right=right),), language)))


@pytest.mark.parametrize(
    ("text", "wrong", "right", "after"),
    [
        (
            "Ask the bot, not a robot. BOT! Bot.",
            "bot",
            "assistant",
            "Ask the assistant, not a robot. ASSISTANT! Assistant.",
        ),
        ("Two chatbots and a chatbot's ear", "chatbot", "assistant", "Two assistants and a chatbot's ear"),
        ("a web  site of web sites", "web site", "website", "a website of websites"),
        ("Юзер видит юзеров и юзера.", "юзер", "клиент", "Клиент видит клиентов и клиента."),
        ("写代码的机械人很好", "机械人", "机器人", "写代码的机器人很好"),
        ("Github, GitHub and github", "Github", "GitHub", "GitHub, GitHub and github"),
        ("I use C++ and C++11", "C++", "Cpp", "I use Cpp and Cpp11"),
        ("人工智能技术和人工智能", "人工智能", "人工智能技术", "人工智能技术和人工智能技术"),
        (
            "`bot` https://bot.org/bot bot\n```\nbot\n```",
            "bot",
            "aide",
            "`bot` https://bot.org/bot aide\n```\nbot\n```",
        ),
    ],
)
def test_a_wrong_term_is_corrected(text: str, wrong: str, right: str, after: str) -> None:
    assert corrected(text, wrong, right) == after


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("Мы видим юзеров.", "юзер", "пользователь"),
        ("Two bots", "bot", "box"),
        ("It is leveraging it", "leverage", "use"),
    ],
)
def test_a_form_that_may_inflect_otherwise_is_only_pointed_out(text: str, wrong: str, right: str) -> None:
    marks = list(corrections(text, glossary((Term(wrong=wrong, right=right),))))
    assert [mark.instead for mark in marks] == [None]


def test_the_longest_term_wins_and_terms_of_another_language_do_not_hold() -> None:
    terms = (
        Term(wrong="neural net", right="neural network"),
        Term(wrong="net", right="network"),
        Term(wrong="chat", right="talk", language="en"),
    )
    assert mended("a neural net", corrections("a neural net", glossary(terms))) == "a neural network"
    assert not list(corrections("le chat", glossary(terms, "fr")))
    assert list(corrections("a chat", glossary(terms, "en")))


def test_a_term_that_contains_itself_settles() -> None:
    once = corrected("a net", "net", "neural net")
    assert once == "a neural net"
    assert corrected(once, "net", "neural net") == once


def test_two_thousand_terms_and_a_long_text_take_bounded_time() -> None:
    terms = tuple(Term(wrong=f"слово{n} дело", right=f"вещь{n}") for n in range(1_000))
    terms += tuple(Term(wrong=f"词{chr(0x4E00 + n)}", right=f"语{n}") for n in range(1_000))
    text = "слово7 дела и 词词词词词 " * 9_000
    began = time.process_time()
    assert len(list(corrections(text[:200_000], glossary(terms)))) > 1_000
    assert time.process_time() - began < 10
