"""In which encoding and with which delimiter was a text file written? Decided on a sample, checked on the whole.

UTF-8 wins unless the sample speaks against it; a few bad bytes in UTF-8 spoil their own rows, not the file. GB 2312 and
GBK are read as GB 18030, which holds both.
"""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, cast

from charset_normalizer import from_bytes

from homing.core.errors import InvalidInput

SAMPLE = 256 * 1024
CHUNK = 4 * 1024 * 1024
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MARKS = "£€°\u2018\u2019\u201c\u201d\u2013\u2014\u2026·"
_DELIMITERS = ",\t;|"


class PlainText(NamedTuple):
    """A file as UTF-8 text: where it is now, what it was, and whether some bytes could not be read."""

    path: Path
    encoding: str
    damaged: bool


def open_bytes(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked when its name ends in .gz."""
    return cast("IO[bytes]", gzip.open(path, "rb")) if path.suffix.lower() == ".gz" else path.open("rb")


def seems_utf8(path: Path, encoding: str | None) -> bool:
    """Whether a text file is most likely UTF-8 and may be read where it lies."""
    if path.suffix.lower() == ".gz":
        return False
    with open_bytes(path) as file:
        return (encoding or detect(file.read(SAMPLE))) in {"utf-8", "ascii"}


def to_utf8(path: Path, folder: Path, encoding: str | None) -> PlainText:
    """The file as UTF-8; a copy is written to `folder` only when it is not that already.

    Args:
        path: the file, perhaps packed with gzip.
        folder: where a copy may go.
        encoding: what the caller knows; None to find out.

    Raises:
        InvalidInput: an unknown encoding, or a packed file that is broken.
    """
    try:
        with open_bytes(path) as file:
            sample = file.read(SAMPLE)
        found = encoding or detect(sample)
        codecs.lookup(found)
        if found in {"utf-8", "ascii"} and path.suffix.lower() != ".gz" and _is_utf8(path):
            return PlainText(path, "utf-8", False)
        copy = folder / "utf8.txt"
        damaged = False
        with copy.open("w", encoding="utf-8", newline="") as out:
            for text in _decoded(path, found):
                damaged = damaged or "\ufffd" in text
                out.write(text)
    except LookupError as error:
        raise InvalidInput(f"encoding is {encoding!r}, wanted one such as utf-8 or gbk", field="encoding") from error
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise InvalidInput(f"{path.name} cannot be read: {error}", field="file") from error
    return PlainText(copy, found, damaged)


def detect(sample: bytes) -> str:
    r"""The encoding of a sample.

    Example:
        >>> detect("订单号,客户\n1,王芳\n".encode("gbk"))
        'gb18030'
    """
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    good, bad = _utf8_shares(sample)
    if not bad or good > 4 * bad:
        return "utf-8"
    if _looks_chinese(sample):
        return "gb18030"
    guess = _legacy(sample)
    letters = [c for c in sample.decode(guess, "replace") if ord(c) > 127]
    sound = all(c.isalpha() or c in _MARKS for c in letters) and not set(letters) & set("ÿþ\ufffd")
    return guess if sound else "utf-8"


def delimiter_of(header: str, name: str) -> str:
    """The character that parts the columns: the most frequent candidate outside quotes."""
    if name.lower().removesuffix(".gz").endswith(".tsv"):
        return "\t"
    bare = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def _utf8_shares(sample: bytes) -> tuple[int, int]:
    """How many characters beyond ASCII are sound UTF-8, and how many bytes are not; a cut one is neither."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    bad = text.count("\ufffd")
    return sum(1 for c in text if ord(c) > 127) - bad, bad


def _legacy(sample: bytes) -> str:
    """The likeliest old encoding; of equals the commonest, Western European."""
    found = list(from_bytes(sample))
    if not found:
        return "utf-8"
    best = (found[0].chaos, -found[0].coherence)
    equal = [m.encoding for m in found if (m.chaos, -m.coherence) <= best]
    return "cp1252" if "cp1252" in equal else found[0].encoding


def _looks_chinese(sample: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("gb18030")("strict").decode(sample)
    except UnicodeDecodeError:
        return False
    beyond = [c for c in text if ord(c) > 127]
    common = sum(1 for c in beyond if _is_common(c))
    return bool(beyond) and common >= 0.6 * len(beyond)


def _is_common(char: str) -> bool:
    """A character of GB 2312's first level, the 3,755 in daily use, or its punctuation."""
    try:
        raw = char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return len(raw) == 2 and (b"\xb0\xa1" <= raw <= b"\xd7\xf9" or raw < b"\xa4\x00")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with open_bytes(path) as file:
        while chunk := file.read(CHUNK):
            yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)
