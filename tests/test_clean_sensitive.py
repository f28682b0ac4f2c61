"""Sensitive topics are told by words that can be shown, in three languages, and by what people have labelled."""

import random
import time

import pytest

from data.clean.lexicon import LANGUAGES
from data.clean.sensitive import Detector, standard, task_topics, topics_of
from data.clean.topic_labels import Example, LearnedDetector, TopicWeights, labelled
from data.clean.topic_learning import learned
from data.schemas import STANDARD_TOPICS, Flag, Judgement, Message, Response, Task

TOPICS = {topic.topic for topic in STANDARD_TOPICS}


def _words(text: str, language: str = "", detector: Detector | None = None) -> dict[str, list[str]]:
    return {t: [text[m.start : m.end] for m in marks] for t, marks in topics_of(text, language, detector).items()}


@pytest.mark.parametrize(
    ("text", "language", "topic", "words"),
    [
        ("Who won the last election?", "en", "politics", ["election"]),
        ("Кто победил на выборах в парламент?", "ru", "politics", ["выборах", "парламент"]),
        ("下一届总统是谁？", "zh", "politics", ["总统"]),
        ("She prays in the mosque.", "en", "religion", ["prays", "mosque"]),
        ("Он часто ходит в церковь", "ru", "religion", ["церковь"]),
        ("他每周去教堂", "zh", "religion", ["教堂"]),
        ("My brother is gay", "en", "sexual-orientation", ["gay"]),
        ("Закон о гомосексуальных парах", "ru", "sexual-orientation", ["гомосексуальных"]),
        ("他是同性恋", "zh", "sexual-orientation", ["同性恋"]),
        ("Refugees came to the town", "en", "nationality", ["Refugees"]),
        ("К нам приехали таджики", "ru", "nationality", ["таджики"]),
        ("很多移民来到这里", "zh", "nationality", ["移民"]),
        ("Should I take out a mortgage?", "en", "finance", ["mortgage"]),
        ("Можно ли взять ипотеку", "ru", "finance", ["ипотеку"]),
        ("谁有股票", "zh", "finance", ["股票"]),
        ("My dentist says nothing", "en", "health", ["dentist"]),
        ("Болит голова, иду к врачу", "ru", "health", ["Болит", "врачу"]),
        ("我最近总是失眠", "zh", "health", ["失眠"]),
        ("That was racism", "en", "discrimination", ["racism"]),
        ("Это дискриминация", "ru", "discrimination", ["дискриминация"]),
        ("这是歧视", "zh", "discrimination", ["歧视"]),
    ],
)
def test_a_topic_is_told_by_words_that_are_shown(text: str, language: str, topic: str, words: list[str]) -> None:
    assert _words(text, language)[topic] == words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I kill a Python process?", "en"),
        ("Политика конфиденциальности сайта", "ru"),
        ("Более того, долго думая, ведь за окном но", "ru"),
        ("他的精神很好，眼神也很好", "zh"),
        ("He was polite and patient with the community.", "en"),
        ("", "en"),
    ],
)
def test_everyday_text_has_no_topic(text: str, language: str) -> None:
    assert topics_of(text, language) == {}


def test_one_weak_word_is_not_enough_and_two_far_apart_are_not() -> None:
    assert "finance" not in topics_of("Send me the price.", "en")
    assert "finance" in topics_of("The price is in dollars.", "en")
    assert "finance" not in topics_of("The price. " + "And so on. " * 40 + "In dollars.", "en")
    assert "finance" not in topics_of("price, prices, price!", "en")


def test_a_claim_about_a_group_needs_both_the_group_and_the_claim() -> None:
    assert "discrimination" not in topics_of("Women and men came.", "en")
    assert "discrimination" not in topics_of("It is lazy and stupid.", "en")
    assert "discrimination" in topics_of("Women are lazy.", "en")


def test_marks_count_code_points_and_phrases_are_one_mark() -> None:
    text = "🙂🙂 the prime minister"
    (mark,) = topics_of(text, "en")["politics"]
    assert (text[mark.start : mark.end], mark.start) == ("prime minister", 7)


def test_each_script_is_read_by_its_own_list_whatever_the_language_of_the_text() -> None:
    assert set(topics_of("他说 democracy 很好，выборы", "zh")) == {"politics"}
    assert len(topics_of("他的总统 democracy выборы", "zh")["politics"]) == 3
    assert topics_of("Le divan et la bible", "fr") == {}


def test_a_longer_word_of_one_topic_hides_no_word_of_another() -> None:
    assert {"sexual-orientation", "discrimination"} <= set(topics_of("同性恋者遭到歧视", "zh"))


def test_a_strong_word_that_has_passed_weighs_no_more() -> None:
    far = "And so on. " * 30
    text = f"Racial discrimination is lazy. {far} Some are lazy. {far} Women came."
    last = topics_of(text, "en")["discrimination"][-1]
    assert last.end < len("Racial discrimination is lazy. ")


def test_words_in_capitals_count_only_in_capitals() -> None:
    assert "health" in topics_of("AIDS is treatable", "en")
    assert "health" not in topics_of("It aids him", "en")


def test_a_project_adds_words_topics_languages_and_takes_words_off() -> None:
    seeds = {
        "politics": {"en": ["zorgblat", "-election"], "fr": ["élections"]},
        "gambling": {"en": ["poker*"], "zh": ["赌场"]},
    }
    detector = Detector(seeds)
    assert _words("Zorgblats and pokerface", "en", detector) == {"politics": ["Zorgblats"], "gambling": ["pokerface"]}
    assert "politics" not in topics_of("The election", "en", detector)
    assert _words("une élection", "fr", detector) == {"politics": ["élection"]}
    assert "gambling" in topics_of("他去赌场", "zh", detector)


def test_a_task_has_the_topics_of_its_prompt_and_of_half_of_its_responses() -> None:
    texts = {"a": "Ask a dentist.", "b": "See a dentist.", "c": "Pray.", "d": "Nothing."}
    task = Task(
        id="t",
        prompt=(Message(role="user", content="After the election, what?"),),
        responses=tuple(Response(id=name, text=text) for name, text in texts.items()),
        group="g",
        language="en",
    )
    assert task_topics(task, ["health", "religion", "politics"]) == ("health", "politics")
    assert task_topics(task, ["religion"]) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_has_a_list_in_every_language(language: str) -> None:
    told = {entry.what for entry in standard(language) if entry.weight == 1}
    assert told == TOPICS
    assert not [entry for entry in standard(language) if not entry.text.strip("=*- ")]


@pytest.mark.parametrize(
    "text", ["gay " * 50_000, "president of " * 15_000, "银行" * 100_000, "x" * 200_000, "'-" * 100_000]
)
def test_hostile_text_is_read_in_a_moment(text: str) -> None:
    began = time.perf_counter()
    topics_of(text)
    assert time.perf_counter() - began < 10


def _examples(count: int = 200) -> list[Example]:
    rng = random.Random(1)
    made = []
    for at in range(count):
        about = at % 4 == 0
        words = rng.sample(["table", "house", "green", "walk", "river", "stone", "cloud", "lamp"], 4)
        text = " ".join([*words, "frobnicate" if about else "window", "thing"])
        made.append(Example(text, "en", frozenset({"politics"} if about else ()), f"group{at // 2}"))
    return made


def test_labels_teach_words_that_no_list_has_and_the_words_are_shown() -> None:
    (weights,) = learned(_examples(), {})
    assert (weights.topic, weights.labelled, weights.others) == ("politics", 50, 150)
    assert weights.f1_lists == 0
    assert weights.f1_learned > 0.95
    detector = LearnedDetector([weights], {})
    assert _words("please frobnicate the river", "en", detector)["politics"] == ["frobnicate"]
    assert topics_of("please open the window thing", "en", detector) == {}


def test_weights_are_kept_as_data_and_read_again() -> None:
    (weights,) = learned(_examples(), {})
    again = TopicWeights.model_validate_json(weights.model_dump_json())
    assert again == weights


def test_too_few_labels_teach_nothing() -> None:
    assert learned(_examples(60), {}) == ()
    assert learned([], {}) == ()


def test_weights_that_bring_nothing_leave_the_list_as_it_is() -> None:
    useless = TopicWeights(
        topic="politics", words={"river": 9.0}, listed=1, bar=1, labelled=20, others=20, f1_lists=0.8, f1_learned=0.7
    )
    assert topics_of("the river", "en", LearnedDetector([useless], {})) == {}
    assert "politics" in topics_of("the election", "en", LearnedDetector([useless], {}))


def test_labels_drawn_by_lot_teach_nothing_that_holds_on_other_prompts() -> None:
    rng = random.Random(2)
    drawn = [one._replace(topics=frozenset({"politics"} if rng.random() < 0.3 else ())) for one in _examples(240)]
    for weights in learned(drawn, {}):
        assert weights.f1_learned < 0.6


def test_a_response_has_the_topics_that_half_of_its_annotators_flagged() -> None:
    task = Task(
        id="t",
        prompt=(Message(role="user", content="Hello"),),
        responses=(Response(id="a", text="First"), Response(id="b", text="Second")),
        group="g",
        language="en",
    )
    flag = Flag(response_id="a", kind="sensitive-topic", topic="religion")
    toxic = Flag(response_id="b", kind="toxic")
    said = [
        Judgement(task_id="t", annotator="x", flags=(flag, toxic), idempotency_key="1"),
        Judgement(task_id="t", annotator="y", unrankable=True, idempotency_key="2"),
        Judgement(task_id="t", annotator="z", status="skipped", skip_reason="language", idempotency_key="3"),
    ]
    assert labelled([task], said) == [
        Example("First", "en", frozenset({"religion"}), "g"),
        Example("Second", "en", frozenset(), "g"),
    ]
    assert labelled([task], []) == []
