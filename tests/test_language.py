"""The interface speaks English, Russian and Chinese, and no message is missing in any of them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import catalogues, language
from app.catalogues import messages, renewed, written
from app.language import (
    ENGLISH,
    LANGUAGES,
    best_language,
    catalogue,
    catalogue_file,
    key,
    read_catalogue,
    strings,
    translate,
    translate_number,
)
from data.schemas import Project
from data.store import Store
from tests.conftest import MAIN

OTHERS = [code for code in LANGUAGES if code != ENGLISH]
# fmt: off
SHOWN = {
    "title", "header", "subheader", "write", "caption", "text", "markdown", "button", "selectbox", "radio",
    "multiselect", "text_input", "text_area", "checkbox", "toggle", "slider", "number_input", "metric", "expander",
    "popover", "error", "warning", "info", "success", "download_button", "link_button", "badge", "segmented_control",
    "pills", "spinner", "toast", "progress",
}
# fmt: on
"""Calls of Streamlit whose first argument people read."""
READ = {"label", "help", "placeholder", "body", "text", "alt"}
"""Further arguments that people read."""


def guideline_page(locale: str) -> AppTest:
    at = AppTest.from_file(str(MAIN), default_timeout=30)
    at.context["locale"] = locale
    at.switch_page("screens/guideline.py")
    return at.run()


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_of_the_sources_is_translated_and_no_other(code: str) -> None:
    translated = {key(said.id) for said in read_catalogue(code) if said.id and all(strings(said)) and not said.fuzzy}
    said = {key(message) for message in messages()}
    assert said - translated == set(), "run `make words` and translate what it lists"
    assert translated - said == set(), "run `make words`"


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_places_of_its_message_and_all_plural_forms(code: str) -> None:
    made = read_catalogue(code)
    for said in made:
        wanted = set().union(*(places(text) for text in ([said.id] if isinstance(said.id, str) else said.id)))
        assert [text for text in strings(said) if said.id and text and places(text) != wanted] == []
        assert len(strings(said)) == (1 if isinstance(said.id, str) else made.num_plurals)


def test_a_message_is_either_counted_or_not() -> None:
    keys = [key(message) for message in messages()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("code", OTHERS)
def test_the_catalogues_are_as_make_words_writes_them(code: str) -> None:
    assert catalogue_file(code).read_bytes() == written(code, renewed(code, messages()))


def test_make_words_lists_what_is_missing_and_keeps_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for code in OTHERS:
        (tmp_path / code).write_bytes(written(code, renewed(code, ["Cancel", ("{n} pair", "{n} pairs")])))
    monkeypatch.setattr(catalogues, "catalogue_file", lambda code: tmp_path / code)
    monkeypatch.setattr(language, "catalogue_file", lambda code: tmp_path / code)
    monkeypatch.setattr(catalogues, "messages", lambda: {"Cancel", "Not translated", ("{n} pair", "{n} pairs")})
    catalogues.main()
    assert "ru: 3 messages, 1 without a translation\n  Not translated\n" in capsys.readouterr().out
    assert 'msgstr[2] "{n} пар"' in (tmp_path / "ru").read_text()


def called(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr, node


def has_words(node: ast.expr) -> bool:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(re.search(r"[a-z]{2}", text) for text in texts)


@pytest.mark.parametrize("path", sorted(MAIN.parent.rglob("*.py")), ids=lambda path: path.stem)
def test_no_message_is_put_together_and_no_word_is_shown_without_one(path: Path) -> None:
    for name, call in called(ast.parse(path.read_text(encoding="utf-8"))):
        if name in ("_", "_n", "N_"):
            assert not [arg for arg in call.args if isinstance(arg, ast.JoinedStr | ast.BinOp)], ast.unparse(call)
        elif name in SHOWN and isinstance(call.func, ast.Attribute) and ast.unparse(call.func) != "sys.stdout.write":
            read = [*call.args[:1], *(word.value for word in call.keywords if word.arg in READ)]
            assert not [arg for arg in read if has_words(arg) and ast.unparse(arg) != "'Rankdesk'"], ast.unparse(call)


@pytest.mark.parametrize(
    ("locale", "code"),
    [("ru-RU", "ru"), ("zh-CN", "zh"), ("zh-TW", "zh"), ("en-GB", "en"), ("de-DE", "en"), ("RU", "ru"), (None, "en")],
)
def test_the_browsers_language_is_spoken_where_we_have_it(locale: str | None, code: str) -> None:
    assert best_language(locale) == code


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 пара"), (2, "2 пары"), (5, "5 пар"), (21, "21 пара"), (1204, "1\xa0204 пары")]
)
def test_numbers_take_the_form_that_the_language_has_for_them(n: int, said: str) -> None:
    assert translate_number("ru", "{n} pair", "{n} pairs", n) == said


def test_english_needs_no_catalogue_and_an_unknown_message_stays_as_it_is() -> None:
    assert translate_number(ENGLISH, "{n} pair", "{n} pairs", 1) == "1 pair"
    assert translate("ru", "A label of one's own {with braces}") == "A label of one's own {with braces}"
    assert catalogue(ENGLISH, "upload") == {}


def test_a_script_is_given_its_own_words_only() -> None:
    words = catalogue("ru", "upload")
    assert words["Cancel upload"] == "Отменить загрузку"
    assert "Cancel" not in words


def test_the_board_gets_plural_forms_by_unicodes_names() -> None:
    forms = [said for said in catalogue("ru", "board").values() if not isinstance(said, str)]
    assert forms
    assert all(set(said) == {"one", "few", "many", "other"} for said in forms)


def test_a_page_follows_the_browser_and_its_reader_can_choose_another_language(
    shared_store: Store,
) -> None:
    shared_store.create_project(Project(name="Test"))
    at = guideline_page("ru-RU")
    assert not at.exception
    assert at.title[0].value == "Инструкция"
    assert "Токсичность" in at.table[0].value.index
    at.sidebar.selectbox(key="language").set_value("zh").run()
    assert at.title[0].value == "指南"
    assert at.run().title[0].value == "指南"
    assert shared_store.settings_of("local") == {"language": "zh"}
    assert guideline_page("ru-RU").title[0].value == "指南"


def test_a_label_of_the_projects_own_is_shown_as_it_is(shared_store: Store) -> None:
    own = {"kind": "rude", "label": "Rude {x}", "definition": "Toxic"}
    shared_store.create_project(Project.model_validate({"name": "Test", "flags": [own]}))
    assert list(guideline_page("ru-RU").table[0].value.index) == ["Rude {x}"]


@pytest.mark.parametrize("path", sorted(MAIN.parent.glob("*/*.js")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_script_says_only_messages_that_stand_in_it_in_full(path: Path) -> None:
    put_together = re.findall(r"(?<![\w.$#])(?:t|tn)\((?![\"\s]).*", path.read_text(encoding="utf-8"))
    assert [call for call in put_together if not call.startswith(("t(message, ", "tn(one, many, "))] == []
