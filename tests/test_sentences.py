"""A sentence of the lower layers is a constant with places, and is said in the reader's language wherever it goes."""

import ast
import copy
import gzip
import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import language
from app.apart import apart
from app.background import Job
from app.catalogues import messages
from app.language import key, translate
from app.upload.tables import rejections_frame
from data import intake
from data.errors import InputError, Sentence, checked
from data.intake.rows import rejected, too_wide
from data.schemas import Criterion, Load, Project, Rejection, Task
from data.store import Store
from tests.conftest import MAIN

SOURCES = sorted(
    path for layer in ("app", "data", "rankers", "reward_model") for path in (MAIN.parent.parent / layer).rglob("*.py")
)
MADE = ("InputError", "Sentence", "fault")
"""What is called with a template."""


def calls(path: Path) -> Iterator[ast.Call]:
    made = (*MADE, "ValueError") if path.parent.name == "schemas" else MADE
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in made and node.args:
            yield node


def put_together(node: ast.expr) -> bool:
    """Whether a message is made on the spot: from pieces, by a method of text, or in the language of one reader."""
    if isinstance(node, ast.IfExp):
        return put_together(node.body) or put_together(node.orelse)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) or ast.unparse(node.func) in ("_", "_n")
    return isinstance(node, ast.JoinedStr | ast.BinOp)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_sentence_is_put_together_and_its_places_are_filled(path: Path) -> None:
    if path.name == "errors.py" and path.parent.name == "data":
        return
    for call in calls(path):
        template, names = call.args[0], {word.arg for word in call.keywords}
        assert not put_together(template), ast.unparse(call)
        assert not [arg for arg in call.args if isinstance(arg, ast.JoinedStr)], ast.unparse(call)
        if isinstance(template, ast.Constant) and isinstance(template.value, str) and names and None not in names:
            places = set(re.findall(r"\{(\w+)\}", template.value))
            own = names - {"column"} if ast.unparse(call.func) == "fault" else names
            assert places == own, ast.unparse(call)


def test_the_sources_have_more_than_two_hundred_such_sentences_and_all_are_collected() -> None:
    said = {call.args[0].value for path in SOURCES for call in calls(path)
            if path.stem != "__main__" and isinstance(call.args[0], ast.Constant)}  # fmt: skip
    assert len(said) > 200
    assert said - {key(message) for message in messages()} == set()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "Row 1200: has 12,000 columns, and 10,000 is the most; leave out those that nobody needs."),
        ("ru", "Строка 1200: столбцов: 12\xa0000, а можно не больше 10\xa0000; уберите ненужные."),
        ("zh", "第 1200 行：有 12,000 列，上限为 10,000；请去掉不需要的列。"),
    ],
)
def test_a_sentence_in_a_sentence_is_said_with_its_numbers_as_the_language_writes_them(code: str, said: str) -> None:
    found = rejected(1200, too_wide(12_000))
    assert translate(code, found.reason) == said


def test_a_sentence_among_the_values_of_a_message_is_said_too() -> None:
    why = Sentence("is longer than {n} MB; shorten it.", n=8)
    assert translate("ru", "Row {row}: {reason}", row=3, reason=why) == "Строка 3: длиннее 8 МБ; сократите."


def test_an_input_error_is_english_until_it_is_said() -> None:
    error = InputError("There is no file {file}; check its name.", file="“{x}”")
    assert str(error) == "There is no file “{x}”; check its name."
    assert translate("ru", str(error)) == "Файла “{x}” нет; проверьте его имя."
    assert translate("ru", f"Look: {error}") == f"Look: {error}"


def test_a_template_without_one_of_its_values_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        InputError("There is no file {file}; check its name.", folder="x")


@pytest.mark.parametrize("again", [lambda one: pickle.loads(pickle.dumps(one)), copy.copy, copy.deepcopy])
def test_a_sentence_keeps_its_template_when_it_is_copied(again: Any) -> None:
    error = again(InputError("{where}: {fault}", where="A", fault=Sentence("has {n} MB.", n=2_000)))
    assert str(error) == "A: has 2,000 MB."
    assert isinstance(said := str(error), Sentence)
    assert said.values == {"where": "A", "fault": "has 2,000 MB."}
    assert isinstance(inner := said.values["fault"], Sentence)
    assert inner.values == {"n": 2_000}


def refuse(_report: Any) -> None:
    raise InputError("There is no file {file}; check its name.", file="x")


def test_an_input_error_of_another_process_and_of_a_job_can_be_said() -> None:
    with pytest.raises(InputError) as error:
        apart(refuse, see=lambda _seen: True, first=None)
    assert translate("zh", str(error.value)) == "没有文件 x；请检查名称。"
    job: Job[None, None] = Job(lambda see: apart(refuse, see=see, first=None), None)
    assert job.wait(60)
    assert translate("ru", job.error()) == "Файла x нет; проверьте его имя."


def test_the_reasons_of_a_load_are_stored_to_be_said_and_old_ones_stay_as_they_are(tmp_path: Path) -> None:
    path, store = tmp_path / "rows.jsonl.gz", Store(f"sqlite:///{tmp_path / 'store.db'}")
    good = json.dumps({"prompt": "a", "responses": ["b", "c"]})
    path.write_bytes(gzip.compress(f"{good}\n{good}\n{{\n[]\n".encode()))
    project = store.create_project(Project(name="Test"))
    made = intake.load(intake.plan(path), store, project, "local")
    (again,) = store.loads(project.id)
    assert again == made
    assert [translate("ru", one.reason) for one in again.rejections[::2]] == [
        "Строка 2: повторяет строку 1; удалите одну из них.",
        "Строка 4: это не объект JSON; запишите {“столбец”: значение, …}.",
    ]
    old = Rejection.model_validate({"row": 3, "reason": "Row 3: is {so}."})
    assert translate("ru", old.reason) == "Row 3: is {so}."
    assert old.model_dump(mode="json") == {"row": 3, "reason": "Row 3: is {so}."}
    assert Load.model_validate_json(made.model_dump_json()) == made


def test_the_table_of_rejected_rows_is_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "language", lambda: "ru")
    found = [
        rejected(2, Sentence("repeats row {row}; remove one.", row="1")),
        Rejection(row=1, reason=Sentence("Old.")),
    ]
    assert list(rejections_frame(found)["Reason"]) == ["Old.", "Строка 2: повторяет строку 1; удалите одну из них."]


@pytest.mark.parametrize("stored", [7, None, {"template": "x"}, {"values": {}}, {"template": 3, "values": {}}, ["x"]])
def test_what_is_no_stored_sentence_is_refused(stored: object) -> None:
    with pytest.raises(InputError, match="reason: is not a sentence"):
        checked(Rejection, {"row": 1, "reason": stored})


def test_a_fault_of_a_schema_is_said_with_its_field_and_the_number_of_others() -> None:
    with pytest.raises(InputError) as error:
        checked(Criterion, {"criterion": "A b", "label": ""}, Sentence("The new project"))
    assert translate("ru", str(error.value)) == (
        "Новый проект: criterion: это не краткое имя; запишите от 1 до 40 знаков a–z, 0–9 и дефисов, первой — букву. "
        "Других ошибок: 1."
    )
    with pytest.raises(InputError) as error:
        checked(Project, {"name": "A", "overlap": 0})
    assert str(error.value) == "overlap: must be at least 1; correct it."
    assert translate("zh", str(error.value)) == "overlap：不得小于 1；请改正。"


def test_a_task_as_a_whole_is_refused_in_the_readers_language() -> None:
    same = [{"id": "r1", "text": "a"}, {"id": "r1", "text": "b"}]
    values = {"id": "t", "prompt": [{"role": "user", "content": "x"}], "responses": same, "group": "g"}
    with pytest.raises(InputError) as error:
        checked(Task, values)
    assert translate("ru", str(error.value)) == "У двух ответов одинаковый id; дайте каждому свой."
