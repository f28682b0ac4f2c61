"""What is packed with gzip, with Zstandard or in an archive, as a stream with an end."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

from data.errors import InputError, Sentence
from data.intake import rows as bounds

HEAD = 1 << 16
"""Bytes that a stream is asked for at a time, and that its kind is seen from."""
MAX_RATIO = 200
"""How many times its packed size a file may unpack to; text hardly comes to a tenth of that."""
FREE = 64_000_000
"""Bytes that may be unpacked before the ratio counts."""
_FAULTS = (EOFError, zlib.error, OSError, ValueError, zipfile.BadZipFile, NotImplementedError)


class Allowance:
    """What may still be unpacked, over all the files of an archive."""

    def __init__(self) -> None:
        self._used = 0

    def spend(self, size: int, packed: int) -> None:
        """Count bytes that were unpacked, out of `packed` bytes by now; InputError when they are too many."""
        self._used += size
        if self._used > bounds.MAX_UNPACKED:
            raise InputError("The file unpacks to more than {n} MB; split it.", n=bounds.MAX_UNPACKED // 1_000_000)
        if self._used > FREE and self._used > MAX_RATIO * packed:
            fault = Sentence("The file unpacks to more than {n} times its size, as no text does; unpack it first.")
            raise InputError(fault, n=MAX_RATIO)


class _Unpacked(io.RawIOBase):
    """What a stream unpacks to; InputError where it is damaged or unpacks to too much."""

    def __init__(self, stream: Any, packed: Callable[[], int], allowance: Allowance) -> None:
        self._stream, self._packed, self._allowance = stream, packed, allowance

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next."""
        try:
            block = self._stream.read(len(buffer))
        except InputError:
            raise
        except _FAULTS:
            raise InputError("The packed file is damaged or cut off; pack it again.") from None
        self._allowance.spend(len(block), self._packed())
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        """Close what is unpacked, and not what it is read from."""
        self._stream.close()
        super().close()


def unpacked(stream: Any, packed: Callable[[], int], allowance: Allowance) -> io.BufferedReader:
    """A stream of what `stream` unpacks to; `packed` says how many packed bytes have been read by now."""
    return io.BufferedReader(_Unpacked(stream, packed, allowance), HEAD)


def _zstd(raw: BinaryIO) -> Any:
    import pyarrow as pa  # Arrow takes a second to import

    return pa.CompressedInputStream(pa.PythonFile(_Kept(raw), "r"), "zstd")


class _Kept:
    """A stream that what reads it may close, without its being closed."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self.read, self.tell = stream.read, stream.tell

    def close(self) -> None:
        """Leave it open."""


PACKINGS: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": lambda raw: gzip.GzipFile(fileobj=raw),
    b"\x28\xb5\x2f\xfd": _zstd,
}
"""How a packed stream begins → what unpacks it."""
ENDINGS = (".gz", ".zst", ".zstd", ".zip")
"""What the name of a packed file may end with, after the ending that tells its kind."""


def plain_name(name: str) -> str:
    """The name without the ending that says how it is packed."""
    return next((name[: -len(end)] for end in ENDINGS if name.lower().endswith(end)), name)


def unpacked_once(raw: Any, head: bytes, allowance: Allowance) -> Any:
    """What a stream holds if it is packed with gzip or Zstandard; the stream itself if it is not."""
    unpack = next((made for mark, made in PACKINGS.items() if head.startswith(mark)), None)
    return raw if unpack is None else unpacked(unpack(raw), raw.tell, allowance)
