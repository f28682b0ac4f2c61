"""Datasets by name and in folders: the Hub is a stub on this computer, spoken to by the real libraries.

The libraries read the address of the Hub when they are imported, so what speaks to it runs in a process of its own.
"""

import io
import json
import multiprocessing
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import intake
from data.errors import InputError
from data.intake.places import Dataset, place_of
from data.intake.rows import MAX_ROW
from data.sample import FOLDER
from data.schemas import Project
from data.store import Store
from tests.hub_stub import SHA, Hub, Repo, hub

PAIRS = [{"prompt": f"Which, {n}?", "chosen": "this", "rejected": f"that {n}"} for n in range(40)]
LINES = "\n".join(map(json.dumps, PAIRS)).encode()


def parquet(rows: list[dict[str, Any]]) -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), made)
    return made.getvalue()


def card(*configs: tuple[str, str]) -> bytes:
    lines = [f"- config_name: {name}\n  data_files: {files!r}\n" for name, files in configs]
    return f"---\nconfigs:\n{''.join(lines)}---\n".encode()


SIDES = {"data/train.jsonl": LINES, "data/test.jsonl": LINES.splitlines()[0]}
PARTS = {f"data/train-0000{n}-of-00002.parquet": parquet(PAIRS[30 * n : 30 * n + 30]) for n in range(2)}
CONFIGS = {"a.jsonl": LINES, "b.csv": b"prompt,chosen,rejected\nx,y,z\n"}
OUTSIDE = {"configs": [{"config_name": "a", "data_files": "/etc/passwd"}]}
OURS = str(FOLDER / "llmfao" / "tasks.jsonl.gz")
REPOS = {
    "o/splits": Repo({"README.md": b"Pairs", **SIDES}),
    "o/table": Repo(PARTS),
    "o/configs": Repo({"README.md": card(("a", "a.jsonl"), ("b", "b.csv")), **CONFIGS}),
    "o/bad-row": Repo({"a.jsonl": LINES + b"\nnot JSON\n" + b'{"prompt": "' + b"x" * (MAX_ROW + 9) + b'"}\n'}),
    "o/gated": Repo({"a.jsonl": LINES}, fault="GatedRepo"),
    "o/private": Repo({"a.jsonl": LINES}, fault="RepoNotFound"),
    "o/program": Repo({"program.py": b"raise SystemExit('run')", "a.jsonl": LINES}),
    "o/reaching": Repo({"README.md": card(("a", "/etc/passwd"))}, card=OUTSIDE),
    "o/sly": Repo({"README.md": card(("a", OURS)), "b.csv": b"a\n1\n"}),
    "o/pictures": Repo({"a.png": b"\x89PNG"}),
    "o/empty": Repo({"README.md": b"Nothing yet"}),
    "o/broken": Repo({"a.jsonl": LINES + b"\n" + b" " * 3_000_000}, breaks_off_at=len(LINES) + 1_000_000),
}


def apart(work: Callable[..., Any], *given: Any, **env: str) -> Any:
    """What `work` returns in a process of its own, with these settings of the libraries in its environment."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    before = dict(os.environ)
    os.environ.update(env)
    try:
        process = context.Process(target=_answer, args=(answers, work, *given))
        process.start()
    finally:
        os.environ.clear()
        os.environ.update(before)
    found = answers.get(timeout=300)
    process.join()
    return found


def _answer(answers: Any, work: Callable[..., Any], *given: Any) -> None:
    try:
        answers.put(work(*given))
    except BaseException as error:
        answers.put(f"{type(error).__name__}: {error}")


def looked_at(wanted: list[tuple[str, Mapping[str, str]]]) -> list[tuple[str, ...] | str]:
    """For each dataset: kind, format, name, rows used, rows rejected, the first rejection; or the sentence."""
    return [_looked_at(name, parts) for name, parts in wanted]


def _looked_at(name: str, parts: Mapping[str, str]) -> tuple[Any, ...] | str:
    try:
        plan = intake.plan(place_of(f"hf:{name}", **parts), "preferences")
        tally = intake.check(plan)
    except InputError as error:
        return str(error)
    return plan.kind, plan.name, tally.used, [x.reason for x in tally.rejections]


@pytest.fixture(scope="module")
def stub() -> Iterator[Hub]:
    with hub(REPOS) as found:
        yield found


def env(stub_address: str, home: Path) -> dict[str, str]:
    return {"HF_ENDPOINT": stub_address, "HF_HOME": str(home), "HF_HUB_DISABLE_TELEMETRY": "1", "NO_PROXY": "*"}


def test_datasets_of_the_hub_are_read_by_name(stub: Hub, tmp_path: Path) -> None:
    wanted: list[tuple[str, dict[str, str]]] = [
        ("o/splits", {"split": "train"}),
        ("o/splits", {"split": "test", "revision": SHA}),
        ("o/table", {}),
        ("o/configs", {"config": "b"}),
    ]
    assert apart(looked_at, wanted, **env(stub.address, tmp_path)) == [
        ("JSONL", f"hf:o/splits@{SHA}:train", 40, []),
        ("JSONL", f"hf:o/splits@{SHA}:test", 1, []),
        ("Parquet", f"hf:o/table@{SHA}:train", 40, []),
        ("CSV", f"hf:o/configs@{SHA}:b:train", 1, []),
    ]


def test_what_cannot_be_loaded_from_the_hub_gets_one_sentence(stub: Hub, tmp_path: Path) -> None:
    absent = "on the Hub, or it is private; check its name, or sign in with “hf auth login”."
    said = {
        ("o/splits", ""): "The dataset has several splits; say which of them to load: “train”, “test”.",
        ("o/splits", "dev"): "The dataset has no split “dev”; its splits are: “train”, “test”.",
        ("o/configs", ""): "The dataset “o/configs” has several configurations; say which: “a”, “b”.",
        ("o/gated", ""): "The dataset “o/gated” is open only to people who asked for access; ask on its page first.",
        ("o/private", ""): f"There is no dataset “o/private” {absent}",
        ("o/missing", ""): f"There is no dataset “o/missing” {absent}",
        (
            "o/program",
            "",
        ): "The dataset “o/program” is a program, which is never run; choose one that holds files of rows.",
        ("o/reaching", ""): "The dataset names a file that is not its own, “/etc/passwd”; it is not loaded.",
        ("o/sly", ""): "The dataset “o/sly” names files that are not its own; it is not loaded.",
        ("o/pictures", ""): "The dataset’s files, such as “a.png”, hold no rows of text; choose another one.",
        (
            "o/empty",
            "",
        ): "The dataset “o/empty” holds no files of rows that can be found; load its files by themselves.",
    }
    wanted = [(name, {"split": split}) for name, split in said]
    wanted += [("o/splits", {"revision": "v9"}), ("o/configs", {"config": "c"})]
    assert apart(looked_at, wanted, **env(stub.address, tmp_path)) == [
        *said.values(),
        "The dataset “o/splits” has no revision “v9”; check its name.",
        "The dataset “o/configs” has no configuration “c”; it has: “a”, “b”.",
    ]
    assert not any("passwd" in path or (path.startswith("GET") and path.endswith(".py")) for path in stub.asked)


def test_bad_rows_of_the_hub_cost_themselves_only_and_a_lost_connection_says_so(stub: Hub, tmp_path: Path) -> None:
    wanted: list[tuple[str, dict[str, str]]] = [("o/bad-row", {}), ("o/broken", {})]
    bad, broken = apart(looked_at, wanted, **env(stub.address, tmp_path))
    assert bad[2:] == (
        40,
        [
            "Row 41 (row 41 of “a.jsonl”): is not JSON (expecting value, character 1); mend the row.",
            "Row 42 (row 42 of “a.jsonl”): is longer than 8 MB; shorten it or split it into several rows.",
        ],
    )
    assert broken[2] == 40
    assert "The connection to the Hub broke off; load the dataset again to go on" in broken[3][-1]


def kept(folder: str) -> None:
    """Keep a dataset in the cache as `load_dataset` does."""
    datasets.load_dataset("o/splits", cache_dir=folder)


def test_without_a_connection_there_is_one_sentence_unless_the_dataset_is_kept(stub: Hub, tmp_path: Path) -> None:
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        nobody = env(f"http://127.0.0.1:{port.getsockname()[1]}", tmp_path / "empty")
        said = (
            "The Hub cannot be reached, and the dataset “o/splits” is not kept on this computer; connect, or load a "
            "file of it."
        )
        wanted: list[tuple[str, dict[str, str]]] = [("o/splits", {"split": "train"})]
        assert apart(looked_at, wanted, **nobody) == [said]
        assert apart(looked_at, wanted, **nobody, HF_HUB_OFFLINE="1") == [said]
        full = tmp_path / "full"
        assert apart(kept, str(full / "datasets"), **env(stub.address, full)) is None
        nobody["HF_HOME"] = str(full)
        expected: list[Any] = [("dataset", f"hf:o/splits@{SHA}:train", 40, [])]
        assert apart(looked_at, wanted, **nobody, HF_HUB_OFFLINE="1") == expected
        wanted.append(("o/splits", {"split": "train", "revision": "v9"}))
        expected.append(said)
        assert apart(looked_at, wanted, **nobody) == expected


def from_command(database: str) -> tuple[int, int]:
    """The exit status of loading the same dataset twice, and the tasks that are there."""
    from data.__main__ import main

    status = max(main(["load", "hf:o/splits", "--split", "train", "--project", "P"]) for _ in range(2))
    store = Store(database)
    try:
        (found,) = store.projects()
        assert [x.file for x in store.loads(found.id)] == [f"hf:o/splits@{SHA}:train"] * 2
        return status, len(list(store.tasks(found.id)))
    finally:
        store.close()


def test_the_command_loads_a_dataset_by_name(stub: Hub, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'a.db'}"
    assert apart(from_command, database, DATABASE_URL=database, **env(stub.address, tmp_path)) == (0, 40)


@pytest.mark.parametrize(
    "name", ["../etc", "o/..", "o", "a/b/c", "o/a b", "http://x/y", "o/a\n", "", "/etc/passwd", "o/a?x=1"]
)
def test_nothing_but_a_name_names_a_dataset(name: str) -> None:
    with pytest.raises(InputError, match="is no name of a dataset; write owner/name"):
        place_of(f"hf:{name}")


@pytest.mark.parametrize("part", ["config", "split", "revision"])
def test_no_part_of_a_name_is_a_path_or_an_address(part: str) -> None:
    for value in ("../x", "a b", "http://x", "a:b", "a\x00"):
        with pytest.raises(InputError, match="is no name of a"):
            place_of("hf:o/name", **{part: value})


def test_a_file_has_no_split(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="A file has no “train”; a configuration, split or revision belongs to a dataset"
    ):
        place_of(str(tmp_path / "a.jsonl"), split="train")
    assert place_of(str(tmp_path / "a.jsonl")) == tmp_path / "a.jsonl"


def test_a_folder_of_files_is_a_dataset(tmp_path: Path, store: Store, project: Project) -> None:
    folder = tmp_path / "pairs"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "train-0.jsonl").write_bytes(LINES)
    (folder / "data" / "train-1.jsonl").write_bytes(b'{"prompt": "p", "chosen": "a"}\n')
    (folder / "data" / "test.jsonl").write_bytes(LINES)
    with pytest.raises(intake.Undecided, match="several splits; say which of them to load: “train”, “test”") as asked:
        intake.plan(folder)
    assert (asked.value.what, asked.value.options) == ("split", ("train", "test"))
    load = intake.load(intake.plan(place_of(str(folder), split="train")), store, project, "lead")
    assert (load.file, load.rows, load.tasks) == ("pairs:train", 41, 40)
    assert load.rejections[0].reason.startswith("Row 41 (row 1 of “data/train-1.jsonl”): column “rejected” is missing")


def test_what_belongs_to_no_split_is_named(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "test.csv"):
        (tmp_path / name).write_text("prompt,chosen,rejected\np,x,y\n")
    plan = intake.plan(tmp_path)
    assert (plan.name, plan.notes) == (
        f"{tmp_path.name}:test",
        ("Left out of the dataset, as files of no split: “a.csv”, “b.csv”.",),
    )


def test_a_folder_of_several_configurations_asks_for_one(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(card(("a", "a.jsonl"), ("b", "b.csv")))
    for name, content in CONFIGS.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(intake.Undecided, match="has several configurations; say which: “a”, “b”") as asked:
        intake.plan(tmp_path)
    assert (asked.value.what, asked.value.options) == ("config", ("a", "b"))
    assert intake.check(intake.plan(Dataset(tmp_path, config="b"))).used == 1


def test_rows_of_a_folder_know_their_file(tmp_path: Path) -> None:
    from data.intake.files import opened
    from data.intake.rows import Row

    for name in ("ban-guns", "no-plastic"):
        (tmp_path / f"{name}.csv").write_text("#id\ta1\ta2\n1\tthis\tthat\n")
    with opened(tmp_path) as source:
        assert [(row.number, row.file) for row in source.rows if isinstance(row, Row)] == [
            (1, "ban-guns.csv"),
            (2, "no-plastic.csv"),
        ]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no files of rows that can be found"),
        ({"a.png": b"x"}, "such as “a.png”, hold no rows of text"),
        (
            {"README.md": card(("a", "/etc/passwd"))},
            "names (a file|files) that (is|are) not its own|holds no files of rows",
        ),
        (
            {"README.md": card(("a", "../b.csv"))},
            "names (a file|files) that (is|are) not its own|holds no files of rows",
        ),
    ],
)
def test_a_folder_without_rows_of_its_own_gets_one_sentence(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    (tmp_path / "b.csv").write_text("a\n1\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with pytest.raises(InputError, match=said):
        intake.plan(folder, "tasks")


def test_a_link_out_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("prompt,chosen,rejected\na,b,c\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "rows.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(InputError, match="names a file that is not its own"):
        intake.plan(folder)


def saved(folder: Path, rows: list[dict[str, Any]]) -> Path:
    datasets.Dataset.from_list(rows).save_to_disk(str(folder))
    return folder


def test_a_saved_dataset_is_loaded_and_loading_it_again_adds_nothing(
    tmp_path: Path, store: Store, project: Project
) -> None:
    plan = intake.plan(saved(tmp_path / "saved", PAIRS))
    assert (plan.kind, plan.format) == ("dataset", "preferences")
    assert [intake.load(plan, store, project, "lead").tasks for _ in range(2)] == [40, 0]
    with pytest.raises(InputError, match="holds one dataset without splits; leave the split out"):
        intake.plan(Dataset(tmp_path / "saved", split="train"))


def test_a_saved_dataset_of_several_splits_asks_for_one(tmp_path: Path) -> None:
    sides = {"train": datasets.Dataset.from_list(PAIRS), "test": datasets.Dataset.from_list(PAIRS[:3])}
    datasets.DatasetDict(sides).save_to_disk(str(tmp_path / "saved"))
    with pytest.raises(InputError, match="several splits; say which of them to load: “train”, “test”"):
        intake.plan(tmp_path / "saved")
    assert intake.check(intake.plan(Dataset(tmp_path / "saved", split="test"))).used == 3


@pytest.mark.parametrize("name", ["state.json", "dataset_info.json", "data-00000-of-00001.arrow"])
def test_a_damaged_saved_dataset_gets_one_sentence(tmp_path: Path, name: str) -> None:
    folder = saved(tmp_path / "saved", PAIRS)
    (folder / name).write_bytes(b"{" + os.urandom(50))
    with pytest.raises(InputError, match="The folder “saved” is damaged; save the dataset again"):
        intake.plan(folder)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "dataset_dict.json").write_text('{"splits": 3}')
    with pytest.raises(InputError, match="The folder “other” is damaged"):
        intake.plan(tmp_path / "other")


def test_a_saved_dataset_with_pictures_leaves_them_unopened(tmp_path: Path) -> None:
    rows = {"prompt": ["p"], "chosen": ["a"], "rejected": ["b"], "image": [{"path": "x.png", "bytes": b"no picture"}]}
    features = datasets.Features(
        {n: datasets.Value("string") for n in ("prompt", "chosen", "rejected")} | {"image": datasets.Image()}
    )
    datasets.Dataset.from_dict(rows, features=features).save_to_disk(str(tmp_path / "saved"))
    assert intake.check(intake.plan(tmp_path / "saved")).used == 1
