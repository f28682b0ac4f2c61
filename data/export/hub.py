"""An export handed over to the Hugging Face Hub: private unless somebody wants it public."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from huggingface_hub import CommitInfo, CommitOperationAdd, HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from data.errors import InputError, Sentence

NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)


TOKEN = "HF_TOKEN"  # noqa: S105  (the name of the setting)
"""The setting that holds the token: it is read where it is needed, and neither kept nor shown."""


Told = Callable[[int, int], bool]
"""Takes note of how many steps of how many are done; False once somebody has asked the work to end."""


class Withdrawn(Exception):
    """Somebody asked an upload to end, before anything was in the dataset."""


def _go_on(told: Told, done: int, files: int) -> None:
    if not told(done, files + 1):
        raise Withdrawn


def hub_token() -> str:
    """The token of the server's environment; empty where there is none."""
    return os.environ.get(TOKEN, "").strip()


def push(
    files: Mapping[str, Path], card: Path, repo: str, token: str, private: bool = True, told: Told = lambda *_: True
) -> str:
    """Upload files by name, and the card as the README of a dataset, in one commit; the address of that commit.

    A new repository is private by default; one that is there keeps what it is, and takes nothing private while it is
    public. `told` is called with how many steps of how many are done: a file each, and the commit; where it says
    False, Withdrawn is raised and nothing is in the dataset. InputError, in one sentence and without the token, where
    the Hub refuses it or cannot be reached.
    """
    if not token.strip():
        raise InputError("The Hub asks for a token; set HF_TOKEN to one that may write.")
    if not NAME.fullmatch(repo):
        raise InputError(_NO_NAME, name=repo[:100])
    api = HfApi(token=token.strip())
    uploads = {**files, "README.md": card}
    operations = [CommitOperationAdd(path_in_repo=name, path_or_fileobj=str(path)) for name, path in uploads.items()]
    try:
        api.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
        if private and not api.repo_info(repo, repo_type="dataset").private:
            raise InputError(_PUBLIC, name=repo)
        done = _committed(api, repo, operations, told)
    except HfHubHTTPError as error:
        raise InputError(_refused(error)) from None
    except HFValidationError:
        raise InputError(_NO_NAME, name=repo[:100]) from None
    except (InputError, Withdrawn):
        raise
    except Exception:  # whatever the client's HTTP library raises
        raise InputError("The Hub cannot be reached; try again later, or download the files.") from None
    return str(done.commit_url)


def _committed(api: HfApi, repo: str, operations: list[CommitOperationAdd], told: Told) -> CommitInfo:
    for n, one in enumerate(operations):
        _go_on(told, n, len(operations))
        api.preupload_lfs_files(repo, [one], repo_type="dataset")
    _go_on(told, len(operations), len(operations))
    return api.create_commit(repo, operations, commit_message="Hand over a dataset", repo_type="dataset")


_NO_NAME = Sentence("“{name}” is not a name on the Hub; write OWNER/NAME.")
_PUBLIC = Sentence("“{name}” is public on the Hub; choose another name, or say that all may read it.")


def _refused(error: HfHubHTTPError) -> Sentence:
    status = error.response.status_code if error.response is not None else 0
    if status in (401, 403):
        return Sentence("The Hub does not let this token write there; use one that may write to this owner.")
    refused = Sentence("The Hub refuses the upload (status {status}); try again later, or download the files.")
    return Sentence(refused, status=str(status))
