"""The language of texts: said where it is clear, left empty where it is not."""

import time

import pytest

from data.clean.language import asks_for_another, language, prompt_language
from data.schemas import Message, Response, Task


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("How do I cook rice for ten people?", "en"),
        ("Как приготовить рис на десять человек?", "ru"),
        ("十个人的米饭怎么煮？", "zh"),
        ("Wie koche ich Reis für zehn Leute?", "de"),
        ("Як приготувати рис на десять людей?", "uk"),
        ("十人分のご飯はどうやって炊きますか", "ja"),
        ("چگونه برای ده نفر برنج بپزم؟", "fa"),
    ],
)
def test_a_sentence_is_told(text: str, code: str) -> None:
    assert language(text) == code


@pytest.mark.parametrize(
    "text", ["", "OK", "Python", "2+2=4", "de la", "print(x)", "Hello my friend, это вопрос", "| E7 | A7 |"]
)
def test_short_mixed_and_formal_text_is_left_empty(text: str) -> None:
    assert language(text) == ""


def test_code_and_addresses_do_not_count() -> None:
    code = "```python\nfor item in the_list_of_all_things:\n    print(item)\n```"
    assert language(f"Вот как это можно сделать в цикле:\n{code}\nhttps://docs.python.org/the/page") == "ru"
    assert language(code) == ""


def test_a_prompt_is_in_the_language_of_what_was_asked_last() -> None:
    turns = ("Как приготовить рис?", "How do I cook rice for ten people?", "OK")
    prompt = tuple(Message(role="user", content=text) for text in turns)
    answers = (Response(id="r1", text="a"), Response(id="r2", text="b"))
    assert prompt_language(Task(id="t", prompt=prompt[:2], responses=answers, group="g")) == "en"
    assert prompt_language(Task(id="t", prompt=prompt, responses=answers, group="g")) == "en"
    system = (Message(role="system", content="Answer in a friendly way to the user."),)
    assert prompt_language(Task(id="t", prompt=system, responses=answers, group="g")) == ""


@pytest.mark.parametrize("text", ["Which one, then?", "Tell me a joke", "Which one, then, and why?", "Was ist das?"])
def test_a_short_text_that_could_be_in_several_languages_is_left_empty(text: str) -> None:
    assert language(text) == ""


@pytest.mark.parametrize(
    ("text", "around", "code"),
    [
        ("Which one, then?", {"en"}, "en"),
        ("Tell me a joke", {"en", "ru"}, "en"),
        ("Почему?", {"en", "ru"}, "ru"),
        ("为什么?", {"zh", "en"}, "zh"),
        ("Почему?", {"en"}, ""),
        ("2+2=4", {"en"}, ""),
        ("Как приготовить рис на десять человек?", {"en"}, "ru"),
    ],
)
def test_a_short_text_is_taken_for_a_language_of_those_around_it(text: str, around: set[str], code: str) -> None:
    assert language(text, around) == code


def test_a_short_prompt_is_told_by_the_longer_texts_of_its_task() -> None:
    def task(prompt: str, *answers: str) -> Task:
        responses = tuple(Response(id=f"r{n}", text=text) for n, text in enumerate(answers))
        return Task(id="t", prompt=(Message(role="user", content=prompt),), responses=responses, group="g")

    english = "The second of them, since it costs less and lasts for much longer than the first one."
    russian = "Второй из них, потому что он стоит меньше и служит гораздо дольше первого."
    assert prompt_language(task("Which one, then?", "The second.", english)) == "en"
    assert prompt_language(task("Which one, then?", "The second.", "The first.")) == ""
    assert prompt_language(task("Which one, then?", russian, russian)) == ""
    assert prompt_language(task("Какой же?", russian, english)) == "ru"


@pytest.mark.parametrize(
    "text",
    ["Translate this", "Write it in French", "Переведи на английский", "Скажи по-немецки", "翻译成英文", "用英语回答"],
)
def test_a_prompt_that_asks_for_another_language_is_seen(text: str) -> None:
    assert asks_for_another(text)


@pytest.mark.parametrize("text", ["Cook rice in ten minutes", "Свари рис на ужин", "煮饭要多久？"])
def test_other_prompts_ask_for_none(text: str) -> None:
    assert not asks_for_another(text)


@pytest.mark.parametrize("text", ["x=" * 100_000, "<" * 200_000, "$" * 200_000, "a" * 200_000, "文" * 200_000])
def test_hostile_text_takes_bounded_time(text: str) -> None:
    language("warm up the detector")
    began = time.process_time()
    language(text)
    asks_for_another(text)
    assert time.process_time() - began < 2
