"""Takes metadata out of JPEG and PNG files without touching a pixel, by copying the parts that draw and leaving the rest.

Owns the byte structure of the two containers. Decodes nothing; a file it does not understand gives None, never a guess.
"""

import zlib
from collections.abc import Iterator

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_SOI, _EOI, _SOS, _APP0, _APP14, _COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xEE, 0xFE
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""JPEG markers without a length: TEM and the restart markers."""
_NO_FRAME = frozenset({0xC4, 0xC8, 0xCC})
"""Markers among those of frame headers that are none: Huffman tables, an extension, arithmetic conditioning."""


def strip_jpeg(data: bytes) -> bytes | None:
    """The JPEG with nothing but what draws it: EXIF, XMP, IPTC, ICC, comments, previews and trailers are gone.

    The JFIF header (without its preview) and Adobe's APP14 stay, since the colours depend on them. Structure after
    ITU-T T.81, annex B. None where the structure is not as described there, so also where the end is missing.
    """
    if not data.startswith(b"\xff\xd8"):
        return None
    kept = [data[:2]]
    at = 2
    while True:
        found = _next_marker(data, at)
        if found is None:
            return None
        marker, start = found
        if marker == _EOI:
            kept.append(b"\xff\xd9")
            return b"".join(kept)
        if marker == _SOI or (marker < 0xC0 and marker not in _STANDALONE):
            return None
        if marker in _STANDALONE:
            at = start + 2
            continue
        length = int.from_bytes(data[start + 2 : start + 4], "big")
        at = start + 2 + length
        if length < 2 or at > len(data):
            return None
        kept.append(_kept_segment(marker, data[start:at]))
        if marker == _SOS:
            end = _end_of_scan(data, at)
            kept.append(data[at:end])
            at = end


def _next_marker(data: bytes, at: int) -> tuple[int, int] | None:
    """The next marker's code and where it starts, over any fill bytes (more 0xFF)."""
    if at >= len(data) or data[at] != 0xFF:
        return None
    while at + 1 < len(data) and data[at + 1] == 0xFF:
        at += 1
    return (data[at + 1], at) if at + 1 < len(data) else None


def _kept_segment(marker: int, segment: bytes) -> bytes:
    if marker == _APP0:
        # 16 bytes up to the preview's size, which becomes 0 × 0; other APP0 kinds hold previews only.
        is_jfif = segment[4:9] == b"JFIF\0" and len(segment) >= 18
        return segment[:2] + b"\x00\x10" + segment[4:16] + b"\0\0" if is_jfif else b""
    if marker == _APP14:
        return segment if segment[4:9] == b"Adobe" else b""
    is_metadata = _APP0 < marker <= 0xEF or marker == _COM
    return b"" if is_metadata else segment


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the entropy-coded data that begin at `at` end: at the next marker that is no restart, or at the end."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        follower = data[at + 1]
        if follower == 0xFF:
            at += 1
        elif follower == 0 or follower in _STANDALONE:
            at += 2
        else:
            return at


def strip_png(data: bytes) -> bytes | None:
    """The PNG with nothing but header, pixels and end, when it is 8-bit grey or RGB without alpha; else None.

    Also None for a damaged one, so that it is written anew from whatever could be decoded.
    """
    kept = [_PNG_MAGIC]
    for kind, chunk in _png_chunks(data):
        is_plain = kind != b"IHDR" or (len(chunk) == 25 and chunk[16] == 8 and chunk[17] in (0, 2))
        if not is_plain or kind == b"tRNS":
            return None
        if kind in (b"IHDR", b"IDAT", b"IEND"):
            kept.append(chunk)
        if kind == b"IEND":
            return b"".join(kept)
    return None


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and whole bytes (length, type, content, CRC) of each sound chunk; stops at the first that is not."""
    at = len(_PNG_MAGIC)
    while data.startswith(_PNG_MAGIC) and at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        chunk = data[at:end]
        if end > len(data) or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            return
        yield chunk[4:8], chunk
        at = end


def is_lossy_webp(data: bytes) -> bool:
    """Whether the first picture of a WebP file is stored with loss (a `VP8 ` chunk, also inside an animation frame)."""
    at = 12
    while at + 8 <= len(data):
        kind = data[at : at + 4]
        if kind in (b"VP8 ", b"VP8L"):
            return kind == b"VP8 "
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        # An animation frame has 16 bytes of its own, then chunks.
        at += 24 if kind == b"ANMF" else 8 + size + (size & 1)
    return False


def size_in_header(data: bytes) -> tuple[int, int] | None:
    """Width and height that the header of a JPEG or PNG without metadata states; None for any other file, or one that could be turned.

    PNG after its specification, 11.2.2; JPEG after ITU-T T.81, B.2.2.
    """
    if data.startswith(_PNG_MAGIC + b"\0\0\0\rIHDR") and len(data) >= 33 and b"eXIf" not in data:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    at = 2
    while data.startswith(b"\xff\xd8") and at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if _APP0 < marker <= 0xEF and marker != _APP14:
            return None
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        if marker == _SOS or marker in _STANDALONE or marker == 0xFF:
            return None
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
