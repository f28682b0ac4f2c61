"""Datasets of the Hugging Face Hub and in folders, read as a stream; no code of theirs ever runs.

Which files make up a configuration and a split is told by the library `datasets`. The files themselves are read as all
files are, with the same bounds and a sentence for each bad row; its own reader would hold an endless line in memory.
"""

import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from data.errors import InputError, Sentence
from data.intake.archives import KINDS, check_one_kind, ending
from data.intake.packing import HEAD, plain_name
from data.intake.places import Dataset, Undecided
from data.intake.rows import listed, quoted
from data.intake.saved import chosen_split, is_saved, saved_source, source_from
from data.intake.sources import Part, Source, joined


class _Repository(NamedTuple):
    """What the Hub says of a dataset: its revision and the size of each file, by path."""

    revision: str
    sizes: Mapping[str, int]


class _Chosen(NamedTuple):
    """The split that is meant, the names of its files, and those of the files of all splits."""

    split: str
    names: Sequence[str]
    known: Collection[str]


def dataset_source(place: Dataset) -> Source:
    """The rows of a dataset; InputError when it cannot be reached or read, or when a choice is still to be made."""
    _be_quiet()
    if isinstance(place.of, Path):
        return saved_source(place) if is_saved(place.of) else _in_folder(place, place.of)
    found = _repository(place.of, place.revision)
    if found is None:
        return _cached(place)
    here = replace(place, revision=found.revision)
    root = f"hf://datasets/{place.of}@{found.revision}/"
    chosen = _files(here, root)
    parts = [_hub_part(root + name, name, found.sizes) for name in chosen.names]
    return _joined(parts, replace(here, split=chosen.split), _left_out(here, found.sizes, chosen))


def _be_quiet() -> None:
    import datasets
    import huggingface_hub.utils as hub

    datasets.disable_progress_bars()
    datasets.utils.logging.set_verbosity_error()
    hub.disable_progress_bars()  # type: ignore[attr-defined]
    hub.logging.set_verbosity_error()  # type: ignore[no-untyped-call]


def _repository(name: str, revision: str) -> _Repository | None:
    """What the Hub says of a dataset; None when it cannot be reached."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    try:
        info = HfApi().dataset_info(name, revision=revision or None, files_metadata=True, timeout=30)
    except RevisionNotFoundError:
        told = {"name": quoted(name, 200), "revision": quoted(revision)}
        raise InputError("The dataset {name} has no revision {revision}; check its name.", **told) from None
    except RepositoryNotFoundError:
        raise InputError(
            "There is no dataset {name} on the Hub, or it is private; check its name, or sign in with “hf auth login”.",
            name=quoted(name, 200),
        ) from None
    except HfHubHTTPError as error:
        told = {"name": quoted(name, 200), "status": str(getattr(error.response, "status_code", "?"))}
        raise InputError("The Hub refused the dataset {name} (status {status}); try again later.", **told) from None
    except Exception:  # no connection, no name server, offline mode: every layer below has its own class
        return None
    _check_card(info.card_data)
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    if f"{name.split('/')[1]}.py" in sizes:
        raise _program(name)
    return _Repository(info.sha or "main", sizes)


def _program(name: str) -> InputError:
    program = Sentence("The dataset {name} is a program, which is never run; choose one that holds files of rows.")
    return InputError(program, name=quoted(name, 200))


def _check_card(card: Any) -> None:
    """Raise InputError when a dataset's card names files that are not the dataset's own."""
    named = (card.to_dict() if card else {}).get("configs")
    for text in _texts(named):
        if "://" in text or "::" in text or text.startswith(("/", "\\", "~")) or ".." in re.split(r"[/\\]", text):
            raise _outside(text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


def _outside(name: str) -> InputError:
    return InputError("The dataset names a file that is not its own, {file}; it is not loaded.", file=quoted(name, 80))


def _files(place: Dataset, root: str) -> _Chosen:
    """The split that is meant and its files, which all lie below `root`."""
    import datasets

    try:
        found = datasets.load_dataset_builder(
            _library_name(place), place.config or None, revision=place.revision or None
        )
    except Exception as error:
        raise _sentence(place, error) from None
    files = {str(split): urls for split, urls in (found.config.data_files or {}).items()}
    if not files:
        raise _sentence(place, FileNotFoundError())
    split = chosen_split(place, list(files))
    for url in files[split]:
        if not url.startswith(root) or "::" in url:
            raise _outside(url)
    known = {url.removeprefix(root) for urls in files.values() for url in urls}
    return _Chosen(split, [url.removeprefix(root) for url in files[split]], known)


def _left_out(place: Dataset, names: Iterable[str], chosen: _Chosen) -> list[str]:
    """A sentence about files of rows that belong to no split, where there are some and no configuration is named."""
    others = sorted(n for n in names if ending(plain_name(n)) in KINDS and n not in chosen.known)
    if not others or place.config:
        return []
    return [Sentence("Left out of the dataset, as files of no split: {files}.", files=listed(others, 5))]


def _library_name(place: Dataset) -> str:
    """What `datasets` calls the dataset: unmistakably on the Hub, or unmistakably a folder."""
    return f"hf://datasets/{place.of}" if isinstance(place.of, str) else str(place.of.resolve())


def _sentence(place: Dataset, error: Exception) -> InputError:
    """What a fault of the library means to a person."""
    name, said = quoted(place.of, 200), str(error)
    configs = re.search(r"(?:available configs|Available):\s*(\[.*\])", said, re.DOTALL)
    if configs:
        return _config_sentence(place, re.findall(r"'([^']*)'", configs.group(1)))
    if "scripts are no longer supported" in said:
        return _program(str(place.of))
    if "don't belong" in said:
        return InputError("The dataset {name} names files that are not its own; it is not loaded.", name=name)
    if "gated" in said:
        return InputError(_GATED, name=name)
    return InputError(_NO_FILES, name=name)


_GATED = Sentence("The dataset {name} is open only to people who asked for access; ask on its page first.")
_NO_FILES = Sentence("The dataset {name} holds no files of rows that can be found; load its files by themselves.")


def _config_sentence(place: Dataset, configs: Sequence[str]) -> InputError:
    told = {"name": quoted(place.of, 200), "there": listed(list(configs))}
    if place.config:
        has = Sentence("The dataset {name} has no configuration {config}; it has: {there}.")
        return InputError(has, config=quoted(place.config), **told)
    said = Sentence("The dataset {name} has several configurations; say which: {there}.", **told)
    return Undecided(said, "config", configs)


def _in_folder(place: Dataset, folder: Path) -> Source:
    root = folder.resolve()
    chosen = _files(place, f"{root}/")
    if outside := next((n for n in chosen.names if not (root / n).resolve().is_relative_to(root)), None):
        raise _outside(outside)
    parts = [Part(name, (root / name).stat().st_size, _opener(root / name)) for name in chosen.names]
    there = (path.relative_to(root).as_posix() for path in root.rglob("*"))
    return _joined(parts, replace(place, split=chosen.split), _left_out(place, there, chosen))


def _opener(path: Path) -> Callable[[ExitStack], Source]:
    from data.intake.files import source_in

    return lambda stack: source_in(path, stack)


def _joined(parts: Sequence[Part], place: Dataset, notes: Sequence[str]) -> Source:
    foreign = next((part.name for part in parts if ending(plain_name(part.name)) not in KINDS), None)
    if foreign is not None:
        fault = Sentence("The dataset’s files, such as {file}, hold no rows of text; choose another one.")
        raise InputError(fault, file=quoted(foreign, 80))
    check_one_kind([plain_name(part.name) for part in parts])
    source = joined(KINDS[ending(plain_name(parts[0].name))], parts, notes)
    return replace(source, place=place)


def _hub_part(url: str, name: str, sizes: Mapping[str, int]) -> Part:
    from data.intake.files import parquet_source, source_of

    size = max(sizes.get(name, 0), 1)

    def opened_part(stack: ExitStack) -> Source:
        from huggingface_hub import HfFileSystem

        files = HfFileSystem()
        if ending(name) == "parquet":
            return parquet_source(stack.enter_context(files.open(url, "rb")))
        remote = stack.enter_context(files.open(url, "rb", block_size=0))
        return source_of(name, io.BufferedReader(_Remote(remote), HEAD), size, stack)

    return Part(name, size, _told(opened_part))


def _told(opener: Callable[[ExitStack], Source]) -> Callable[[ExitStack], Source]:
    """The same, with a sentence in place of whatever the libraries below raise."""

    def opened_part(stack: ExitStack) -> Source:
        try:
            return opener(stack)
        except InputError:
            raise
        except Exception:
            raise InputError("The Hub did not hand out the file; try again later.") from None

    return opened_part


class _Remote(io.RawIOBase):
    """A file on the Hub; InputError where the connection breaks off."""

    def __init__(self, file: Any) -> None:
        self._file, self._at = file, 0

    def readable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """How many bytes have been read."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next."""
        try:
            block = self._file.read(len(buffer))
        except Exception:  # as above
            raise InputError("The connection to the Hub broke off; load the dataset again to go on.") from None
        self._at += len(block)
        buffer[: len(block)] = block
        return len(block)


def _cached(place: Dataset) -> Source:
    """A dataset that `datasets` has kept on this computer; InputError when it has not."""
    from datasets.packaged_modules.cache.cache import Cache  # asking for it by name would wait for the Hub again

    name = str(place.of)
    about = {"dataset_name": name.split("/")[1], "repo_id": name, "config_name": place.config or None}
    try:
        found = Cache(**about, version="auto", hash="auto")
        if place.revision not in ("", found.hash):
            raise FileNotFoundError
        splits = list(map(str, found.info.splits))
    except Exception:  # nothing kept, several configurations kept, a damaged folder
        raise InputError(
            "The Hub cannot be reached, and the dataset {name} is not kept on this computer; connect, or load a file "
            "of it.",
            name=quoted(name, 200),
        ) from None
    here = replace(place, split=chosen_split(place, splits), revision=str(found.hash))
    return source_from(found.as_dataset(here.split), here)
