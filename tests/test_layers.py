"""Who may import whom, as docs/architecture.md says it."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("streamlit_app", "app", "data", "rankers", "reward_model")
EVERYTHING = OURS
ALLOWED = {
    "data.schemas": ("data.errors", "data.schemas"),
    "data": ("data",),
    "rankers": ("rankers", "data.schemas", "data.errors"),
    "reward_model": ("reward_model", "data.schemas", "data.errors"),
    "app": EVERYTHING,
    "streamlit_app": EVERYTHING,
}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for top in OURS
    for path in [*ROOT.glob(f"{top}.py"), *(ROOT / top).rglob("*.py")]
    if "migrations" not in path.parts
}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def allowed_for(module: str) -> tuple[str, ...]:
    if module.endswith("__main__"):
        return EVERYTHING
    return next(ALLOWED[layer] for layer in (".".join(module.split(".")[:2]), module.split(".")[0]) if layer in ALLOWED)


def is_within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def faults(module: str, names: set[str]) -> set[str]:
    ours = {name for name in names if is_within(name, OURS)}
    beyond = {name for name in ours if not is_within(name, allowed_for(module))}
    if not is_within(module, ("app", "streamlit_app")):
        beyond |= {name for name in names if is_within(name, ("streamlit",))}
    return beyond


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_what_its_layer_may(module: str) -> None:
    assert not faults(module, imports(MODULES[module]))


def test_the_check_sees_a_forbidden_import() -> None:
    assert faults("rankers.pairs", {"data.store.Store"}) == {"data.store.Store"}
    assert faults("reward_model.fit", {"rankers.pairs"}) == {"rankers.pairs"}
    assert faults("data.schemas", {"data.store"}) == {"data.store"}
    assert faults("data.schemas.task", {"data.store", "data.errors", "data.schemas.base"}) == {"data.store"}
    assert faults("data.store", {"streamlit"}) == {"streamlit"}
    assert not faults("reward_model.__main__", {"data.intake", "rankers.pairs"})


def test_no_standard_library_module_is_shadowed() -> None:
    assert not {name.split(".")[-1] for name in MODULES} & (set(sys.stdlib_module_names) - {"__main__"})
