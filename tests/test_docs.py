"""The docs say what the code does."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.test_layers import ALLOWED

ROOT = Path(__file__).parent.parent


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def names(requirements: str) -> set[str]:
    lines = text(requirements).splitlines()
    return {re.split(r"[\[<>=]", line)[0] for line in lines if line and line[0] not in "#-"}


def test_every_dependency_has_its_reason_and_every_reason_its_dependency() -> None:
    listed = set(re.findall(r"^\| ([\w-]+) \| \w.*\| [\w.-]+ \|$", text("docs/decisions.md"), flags=re.M)) - {"library"}
    assert listed == names("requirements.txt")
    assert all(f"{name}" in text("docs/decisions.md") for name in names("requirements-dev.txt"))


@pytest.mark.parametrize("requirements", ["requirements.txt", "requirements-dev.txt"])
def test_every_dependency_is_bounded_on_both_sides_and_locked(requirements: str) -> None:
    lines = [line for line in text(requirements).splitlines() if line and line[0] not in "#-"]
    assert all(re.fullmatch(r"[\w\[\]-]+>=[\d.]+,<[\d.]+", line) for line in lines)
    locked = set(re.findall(r"^([\w-]+)==", text(requirements.replace(".txt", ".lock")), flags=re.M))
    assert names(requirements) <= locked


def test_the_architecture_shows_the_import_rules_that_the_test_holds() -> None:
    table = text("docs/architecture.md")
    for module in ("rankers", "reward_model", "data"):
        allowed = ", ".join(f"`{name}`" if name.startswith("data.") else f"`{name}.*`" for name in ALLOWED[module])
        assert f"| `{module}.*` | {allowed} |" in table
    assert "| `data.schemas` | `data.errors` |" in table


def test_every_command_of_the_readme_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), flags=re.M))
    assert set(re.findall(r"^make ([a-z-]+)$", text("README.md"), flags=re.M)) == {"run", "test"}
    assert targets >= {"run", "test", "check", "install"}
    assert text(".ci/run").strip().endswith("exec make test")


def test_every_file_that_a_document_links_to_exists() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        links = re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8"))
        assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_module_that_a_document_names_exists() -> None:
    for document in ("README.md", "docs/architecture.md", "docs/decisions.md"):
        named = set(re.findall(r"`((?:app|data|rankers|reward_model|tests)/[\w./]+)`", text(document)))
        assert [path for path in sorted(named) if not (ROOT / path).exists() and path != "data/local/"] == []


def test_the_licence_is_mit_and_there_is_no_package_to_install() -> None:
    assert text("LICENSE").startswith("MIT License")
    assert set(tomllib.loads(text("pyproject.toml"))) == {"tool"}
