"""The page Try it on a real store with a really fitted model: scores, reasons, and the words coloured."""

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.colours import BLUE, VERMILION
from app.pair_to_try import task_called, tasks_to_try, whole_pair
from app.reasons import FAMILIES, families_frame, family_sums, feature_name, parts_frame, words_frame
from app.reward_charts import weights_chart
from app.word_colours import LEVELS, WORDS_CSS, coloured_html, strongest_push
from data.schemas import Project
from data.store import Store
from reward_model import features
from reward_model.explain import Contribution, Explanation
from reward_model.word_shares import Word, words_of
from tests.conftest import MAIN, a_task
from tests.test_reward_pages import filled, page, text_of, with_model
from tests.test_word_shares import TEXTS

__all__ = ["filled", "with_model"]

pytestmark = pytest.mark.usefixtures("shared_store")

HOSTILE = "Careful and clearly precise evidence. <script>alert(1)</script>"


def coloured(at: AppTest) -> list[str]:
    """The texts in their boxes, as markup."""
    found = [str(html.proto.body) for html in at.get("html")]
    return [body for body in found if 'class="rw-box"' in body]


class Read(HTMLParser):
    """What a browser shows of some markup: the text, and how often each class stands in it."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text, self.tags, self.titles = "", set[str](), list[str]()
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.titles += [str(value) for name, value in attrs if name == "title"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_answers_that_are_typed_in_are_scored_ordered_and_explained(with_model: Project) -> None:
    at = page("try_it")
    assert "Give at least two answers some text" in text_of(at)
    at.button(key="try_add").click().run()
    at.text_area(key="try_prompt").set_value("Say it")
    at.text_area(key="try_answer_0").set_value("Whatever, dunno lol.")
    at.text_area(key="try_answer_1").set_value(HOSTILE)
    at.text_area(key="try_answer_2").set_value("River stone.")
    at.button(key="try_score").click().run()
    assert not at.exception
    assert at.subheader[0].value == "Answer B is preferred"
    assert "preferred to the first by" in text_of(at)
    assert not any("<script>" in str(html.proto.body) for html in at.get("html"))
    parts = next(d.value for d in at.dataframe if "Feature" in d.value.columns)
    assert parts["Weight"].sum() > 0
    at.button(key="try_remove_0").click().run()
    assert at.text_area(key="try_answer_0").value == HOSTILE
    assert at.subheader[0].value == "Answer A is preferred"


def test_the_words_of_both_answers_are_coloured_and_their_numbers_add_up_to_the_scores(with_model: Project) -> None:
    at = page("try_it")
    at.text_area(key="try_answer_0").set_value(HOSTILE)
    at.text_area(key="try_answer_1").set_value("Whatever, dunno lol.").run()
    assert not at.exception
    better, worse = coloured(at)
    assert Read(better).text == HOSTILE
    assert Read(worse).text == "Whatever, dunno lol."
    assert 'aria-label="Answer A"' in better
    words = [d.value for d in at.dataframe if "Word" in d.value.columns]
    scores = [float(found.replace("−", "-")) for found in re.findall(r"score ([+−][\d.]+)", text_of(at))]
    assert [frame["Weight"].sum() for frame in words] == pytest.approx(scores[-2:], abs=0.006)


def test_equal_answers_are_called_equal(with_model: Project) -> None:
    at = page("try_it")
    at.text_area(key="try_answer_0").set_value("Same words.")
    at.text_area(key="try_answer_1").set_value("Same words.").run()
    assert at.subheader[0].value == "The best two are equal"
    assert "Nothing that the model weighs differs" in text_of(at)


def test_a_task_of_the_project_can_be_found_and_taken(store: Store, with_model: Project) -> None:
    card = store.models(with_model.id)[0].card
    store.save_model(with_model.id, card, store.model_weights(with_model.id, 1), "bob")
    at = page("try_it")
    at.text_input(key="try_words").set_value("NUMBER 17").run()
    found = at.selectbox(key="try_task")
    assert len(found.options) == 1
    found.select_index(0).run()
    assert not at.exception
    assert at.text_area(key="try_prompt").value == "Say something about number 17"
    assert at.subheader[0].value.endswith("is preferred")
    assert len(coloured(at)) == 2
    assert "its scores here are no test of it" in text_of(at)
    assert at.selectbox(key="try_task").value is None
    at.selectbox(key="try_version").set_value(1).run()
    assert not at.exception
    at.text_input(key="try_words").set_value("nowhere").run()
    assert "No task without an empty answer" in text_of(at)


def test_a_task_with_an_empty_answer_is_no_example() -> None:
    tasks = [a_task("Full?", "yes", "no"), a_task("Empty?", "yes", " ")]
    assert [task_called(task) for task in tasks_to_try(tasks)] == ["Full?"]
    assert tasks_to_try(tasks, "nowhere") == []


def test_a_pair_that_another_page_hands_over_is_explained(with_model: Project) -> None:
    at = AppTest.from_file(MAIN, default_timeout=60).run()
    for key, value in {"try_prompt": "Say", "try_answer_0": "careful", "try_answer_1": "lol", "try_count": 2}.items():
        at.session_state[key] = value
    at.switch_page("screens/try_it.py").run()
    assert at.text_area(key="try_prompt").value == "Say"
    assert [Read(body).text for body in coloured(at)] == ["careful", "lol"]
    assert "no test of it" not in text_of(at)


def test_a_pair_that_was_cut_is_found_whole_in_its_task() -> None:
    task = a_task("Why?", "because it is long", "no")
    assert whole_pair(task, "because", "no") == ("Why?", ("because it is long", "no"))
    assert whole_pair(task, "gone", "no")[1] == ("gone", "no")
    assert whole_pair(a_task("Why?", "No, never", "No"), "No", "No, n")[1] == ("No", "No, never")


def test_a_model_of_another_version_is_refused_in_a_sentence(
    with_model: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reward_model.model.SETTINGS", dict(features.SETTINGS) | {"version": 0})
    at = page("try_it")
    assert not at.exception
    assert "another version of Rankdesk" in text_of(at)


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(0, 1000))
def test_every_character_of_a_text_is_shown_and_nothing_in_it_is_alive(text: str, seed: int) -> None:
    words = [Word(*span, ((seed + n) % 7 - 3) / 3) for n, span in enumerate(words_of(text))]
    markup = coloured_html(text, words, strongest_push(words), '"><b>')
    assert Read(markup).text.replace("\r\n", "\n") == text.replace("\r\n", "\n")
    assert Read(markup).tags <= {"div", "span", "bdi"}
    assert "\n" not in markup


def test_a_direction_override_is_walled_in_and_named() -> None:
    shown = Read(coloured_html("\u202eevil", [Word(0, 5, 1.0)], 1.0, "A"))
    assert shown.text == "\u202eevil"
    assert "U+202E" in shown.titles


def test_a_push_is_told_by_line_number_and_strength_beside_the_colour() -> None:
    words = [Word(0, 2, 0.5), Word(2, 3, 0.4), Word(3, 5, -0.1), Word(5, 6, 0.001)]
    markup = coloured_html("up dn.", words, 0.5, "A")
    assert f'<span class="rw-up rw-{LEVELS}" title="+0.500">up</span> <span class="rw-down rw-1"' in markup
    assert markup.endswith('title="−0.100">dn</span>.</div></div>')
    assert "border-top" in WORDS_CSS
    assert "border-bottom" in WORDS_CSS


@pytest.mark.parametrize(("ground", "ink"), [("#FFFFFF", "#1C2530"), ("#14181D", "#E6EAEE")])
@pytest.mark.parametrize("colour", [BLUE, VERMILION])
def test_words_can_be_read_on_the_strongest_colour_in_light_and_dark(ground: str, ink: str, colour: str) -> None:
    strongest = max(int(found) for found in re.findall(r"--rw-strength: (\d+)%", WORDS_CSS)) / 100
    assert colour in WORDS_CSS
    behind = [strongest * c + (1 - strongest) * g for c, g in zip(rgb(colour), rgb(ground), strict=True)]
    assert contrast(behind, rgb(ink)) >= 4.5


def rgb(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def contrast(one: list[float], two: list[float]) -> float:
    """WCAG's contrast ratio of two colours."""
    light = [[c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb] for rgb in (one, two)]
    low, high = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in light)
    return (high + 0.05) / (low + 0.05)


def test_contributions_shown_add_up_to_all_of_them() -> None:
    parts = [Contribution("words", f"w{n}", (-1) ** n / (n + 1)) for n in range(30)]
    parts += [Contribution("characters", "a b", 0.01, ("x", "y")), Contribution("surface", "Commas (log)", 0.3)]
    frame, whole = parts_frame(sorted(parts, key=lambda p: -abs(p.value))), sum(p.value for p in parts)
    assert frame["Weight"].sum() == pytest.approx(whole)
    assert frame["Feature"].iloc[-1] == "All 20 others together"
    assert list(family_sums(parts)) == ["Length and spelling", "Words", "Letters"]
    assert families_frame(parts)["Weight"].sum() == pytest.approx(whole)
    assert "Also" in json.dumps(weights_chart(frame, "Title", "What").to_dict())


def test_every_family_of_features_has_a_name_for_people() -> None:
    assert set(features.FAMILIES) <= set(FAMILIES)


def test_features_are_named_as_people_would() -> None:
    assert feature_name("characters", "a b") == "Letters “a␣b”"
    assert feature_name("meaning", "tree") == "Meaning of “tree”"
    assert feature_name("meaning", "") == "Meaning of signs and spaces"
    assert feature_name("ending", "tree") == "“tree” near the end"
    assert feature_name("ending", "") == "Signs and spaces near the end"


def test_the_words_listed_and_all_else_add_up_to_the_score() -> None:
    text = " ".join(f"word{n} Same" for n in range(20))
    words = tuple(Word(*span, 0.1 * (n % 5 - 1)) for n, span in enumerate(words_of(text)))
    frame = words_frame(text, Explanation(words, (Contribution("surface", "Commas (log)", 0.7),)))
    assert frame["Weight"].sum() == pytest.approx(sum(word.value for word in words) + 0.7)
    assert frame["Times"].sum() == len(words)
    assert frame.set_index("Word").loc["same", "Times"] == 20
