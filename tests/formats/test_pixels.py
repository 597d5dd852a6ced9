"""Every kind of picture comes out upright, 8-bit, clean and right, and anything that is no picture is refused in a sentence."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from labeler.core.errors import BadInput
from labeler.formats import containers, fingerprints, pixels

Pixels = npt.NDArray[np.uint8]
PAGES = Path(__file__).parents[3] / "shared" / "data" / "pages_unlabelled"


def scene(width: int = 48, height: int = 32, seed: int = 0) -> Pixels:
    """A page whose corners, edges and colours all differ, with soft ramps that JPEG keeps well."""
    y, x = np.mgrid[0:height, 0:width]
    red = 40 + 200 * x / max(width - 1, 1)
    green = 220 - 180 * y / max(height - 1, 1)
    blue = 60 + 120 * ((x * 2 < width) ^ (y * 2 < height))
    blue = blue + (seed % 40)
    return np.clip(np.stack([red, green, blue], axis=-1), 0, 255).astype(np.uint8)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def unlike(a: Pixels, b: Pixels) -> float:
    assert a.shape == b.shape
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


def exif(orientation: int) -> bytes:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "SECRETMAKER"
    data.get_ifd(0x8825)[1] = "N"
    data.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return data.tobytes()


def as_seen(stored: Pixels, orientation: int) -> Pixels:
    """What a viewer shows, after the EXIF 2.3 table: which side of the scene row 0 and column 0 of the file are."""
    turns = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a, 1),
    }
    return np.ascontiguousarray(turns[orientation](stored))


@settings(deadline=None, max_examples=60)
@given(
    orientation=st.integers(1, 8),
    width=st.integers(1, 70),
    height=st.integers(1, 70),
    kind=st.sampled_from(["JPEG", "PNG", "TIFF", "WEBP"]),
)
def test_every_orientation_comes_out_as_viewers_show_it(orientation: int, width: int, height: int, kind: str) -> None:
    stored = scene(width, height)
    data = saved(Image.fromarray(stored), kind, exif=exif(orientation), quality=98)
    upright = pixels.normalise(data)
    expected = as_seen(stored, orientation)
    assert (upright.width, upright.height) == (expected.shape[1], expected.shape[0])
    assert pixels.size_of_bytes(data) == (upright.width, upright.height)
    # Compared through the same coder, since what JPEG and WebP do to tiny colour patterns is not the point here.
    decoded = np.array(Image.open(io.BytesIO(data)).convert("RGB"))
    if kind == "TIFF":
        decoded = stored
    assert unlike(pixels.decode(upright.data), as_seen(decoded, orientation) if kind != "TIFF" else expected) < 6
    again = pixels.normalise(upright.data)
    assert again.data == upright.data


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_impossible_orientation_turns_nothing(value: int) -> None:
    stored = scene()
    upright = pixels.normalise(saved(Image.fromarray(stored), "PNG", exif=exif(value)))
    assert np.array_equal(pixels.decode(upright.data), stored)


MARKS = (
    b"Exif",
    b"GPS",
    b"SECRET",
    b"http://ns.adobe.com",
    b"ICC_PROFILE",
    b"Photoshop",
    b"JFXX",
    b"tEXt",
    b"eXIf",
    b"iCCP",
)


def with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    extra = b"".join(bytes([0xFF, m]) + struct.pack(">H", len(p) + 2) + p for m, p in segments)
    return jpeg[:2] + extra + jpeg[2:]


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_blocks": 2}])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_an_upright_jpeg_loses_its_metadata_and_no_pixel(options: dict[str, object], mode: str) -> None:
    picture = Image.fromarray(scene(123, 77)).convert(mode)
    plain = saved(picture, "JPEG", quality=83, exif=exif(1), comment=b"SECRET comment", dpi=(300, 300), **options)
    loaded = with_segments(
        plain,
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRET</x:xmpmeta>"),
        (0xED, b"Photoshop 3.0\0SECRET"),
        (0xE0, b"JFXX\0\x10SECRET"),
        (0xEF, b"SECRET"),
    )
    upright = pixels.normalise(loaded + b"SECRET trailer of a phone")
    assert upright.format == "jpeg"
    assert not [mark for mark in MARKS if mark in upright.data]
    before, after = Image.open(io.BytesIO(plain)), Image.open(io.BytesIO(upright.data))
    assert after.mode == mode
    assert np.array_equal(np.array(before), np.array(after))
    assert not after.getexif()
    assert upright.data.endswith(b"\xff\xd9")
    assert len(upright.data) < len(loaded)


def test_of_a_phone_picture_with_a_preview_appended_only_the_picture_stays() -> None:
    frames = [Image.fromarray(scene(90, 60)), Image.fromarray(255 - scene(90, 60))]
    data = saved(frames[0], "MPO", save_all=True, append_images=frames[1:])
    upright = pixels.normalise(data)
    assert unlike(pixels.decode(upright.data), scene(90, 60)) < 6
    assert len(upright.data) < len(data) * 0.6


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_plain_png_loses_its_metadata_and_no_pixel(mode: str) -> None:
    picture = Image.fromarray(scene(61, 40)).convert(mode)
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "SECRET")
    info.add_itxt("XML:com.adobe.xmp", "SECRET", zip=True)
    data = saved(picture, "PNG", pnginfo=info, exif=exif(1), dpi=(300, 300)) + b"SECRET"
    upright = pixels.normalise(data)
    assert upright.format == "png"
    assert not [mark for mark in (*MARKS, b"iTXt", b"pHYs") if mark in upright.data]
    assert np.array_equal(np.array(picture), np.array(Image.open(io.BytesIO(upright.data))))


def test_alpha_is_flattened_on_white() -> None:
    ink = np.zeros((20, 30, 4), np.uint8)
    ink[5:10, 5:10] = (10, 20, 30, 255)
    ink[12:15, 5:10] = (0, 0, 0, 128)
    for kind in ("PNG", "TIFF", "WEBP"):
        out = pixels.decode(pixels.normalise(saved(Image.fromarray(ink), kind, lossless=True)).data)
        assert tuple(out[7, 7]) == (10, 20, 30)
        assert tuple(out[0, 0]) == (255, 255, 255)
        assert tuple(out[13, 7]) == (127, 127, 127)


def test_grey_with_alpha_stays_grey() -> None:
    ink = np.zeros((8, 8, 2), np.uint8)
    ink[2:4, 2:4] = (7, 255)
    upright = pixels.normalise(saved(Image.fromarray(ink), "PNG"))
    picture = Image.open(io.BytesIO(upright.data))
    assert picture.mode == "L"
    assert (picture.getpixel((0, 0)), picture.getpixel((2, 2))) == (255, 7)


def test_palette_with_a_transparent_colour_is_flattened_on_white() -> None:
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.putpixel((1, 1), 1)
    for kind in ("PNG", "GIF"):
        out = pixels.decode(pixels.normalise(saved(picture, kind, transparency=0)).data)
        assert tuple(out[0, 0]) == (255, 255, 255)
        assert tuple(out[1, 1]) == (0, 0, 255)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_png_with_a_transparent_colour_of_its_own_is_flattened_on_white(mode: str) -> None:
    picture = Image.new(mode, (4, 4), "black")
    picture.putpixel((1, 1), 200 if mode == "L" else (200, 200, 200))
    out = pixels.decode(pixels.normalise(saved(picture, "PNG", transparency=0 if mode == "L" else (0, 0, 0))).data)
    assert tuple(out[0, 0]) == (255, 255, 255)
    assert tuple(out[1, 1]) == (200, 200, 200)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_cut(kind: str) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    out = pixels.decode(pixels.normalise(saved(Image.fromarray(ramp), kind)).data)
    assert np.array_equal(out[..., 0].ravel(), np.arange(256))


def test_sixteen_bit_tiff_that_stores_ink_is_turned_to_light() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    data = saved(Image.fromarray(ramp), "TIFF", tiffinfo={262: 0})
    assert Image.open(io.BytesIO(data)).tag_v2[262] == 0  # type: ignore[attr-defined]
    out = pixels.decode(pixels.normalise(data).data)
    assert np.array_equal(out[..., 0].ravel(), np.arange(256)[::-1])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0.0, 0.5, 1.0, np.nan]], np.float32), [0, 128, 255, 0]),
        (np.array([[0.0, 100.0, 255.0]], np.float32), [0, 100, 255]),
        (np.array([[0.0, 25700.0, 65535.0]], np.float32), [0, 100, 255]),
        (np.array([[-1.0, 0.0, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0, 25700, 65535]], np.int32), [0, 100, 255]),
        (np.array([[0, 100, 200]], np.int32), [0, 100, 200]),
    ],
)
def test_numbers_as_pixels_find_their_scale(values: npt.NDArray[np.generic], expected: list[int]) -> None:
    out = pixels.decode(pixels.normalise(saved(Image.fromarray(values), "TIFF")).data)
    assert out[0, :, 0].tolist() == expected


def test_one_bit_pages_are_black_and_white() -> None:
    page = Image.new("1", (9, 9), 1)
    page.putpixel((3, 4), 0)
    for kind, options in (
        ("PNG", {}),
        ("TIFF", {"compression": "group4"}),
        ("BMP", {}),
        ("PPM", {}),
    ):
        out = pixels.decode(pixels.normalise(saved(page, kind, **options)).data)
        assert out[4, 3].tolist() == [0, 0, 0], (kind, options)
        assert out[0, 0].tolist() == [255, 255, 255], (kind, options)


def test_cmyk_jpeg_keeps_its_colours() -> None:
    wanted = scene(64, 48)
    data = saved(Image.fromarray(wanted).convert("CMYK"), "JPEG", quality=95)
    upright = pixels.normalise(data)
    assert upright.format == "jpeg"
    assert unlike(pixels.decode(upright.data), wanted) < 6
    tiff = pixels.normalise(saved(Image.fromarray(wanted).convert("CMYK"), "TIFF"))
    assert tiff.format == "png"
    assert unlike(pixels.decode(tiff.data), wanted) < 2


def test_only_the_first_frame_or_page_counts() -> None:
    first, second = Image.fromarray(scene(40, 30)), Image.fromarray(255 - scene(40, 30))
    for kind, limit in (("GIF", 12), ("TIFF", 0.01), ("WEBP", 8), ("PNG", 0.01)):
        data = saved(first, kind, save_all=True, append_images=[second])
        assert unlike(pixels.decode(pixels.normalise(data).data), scene(40, 30)) < limit, kind


def test_loss_stays_loss_and_lossless_stays_lossless() -> None:
    picture = Image.fromarray(scene())
    formats = {
        "JPEG turned": pixels.normalise(saved(picture, "JPEG", exif=exif(6))).format,
        "WebP lossy": pixels.normalise(saved(picture, "WEBP", quality=80)).format,
        "WebP lossy, extended": pixels.normalise(saved(picture, "WEBP", quality=80, exif=exif(1))).format,
        "WebP lossless": pixels.normalise(saved(picture, "WEBP", lossless=True)).format,
        "WebP lossless animation": pixels.normalise(
            saved(picture, "WEBP", lossless=True, save_all=True, append_images=[Image.fromarray(scene(seed=9))])
        ).format,
        "TIFF of JPEG": pixels.normalise(saved(picture, "TIFF", compression="jpeg")).format,
        "TIFF": pixels.normalise(saved(picture, "TIFF", compression="tiff_lzw")).format,
        "BMP": pixels.normalise(saved(picture, "BMP")).format,
    }
    assert formats == {
        "JPEG turned": "jpeg",
        "WebP lossy": "jpeg",
        "WebP lossy, extended": "jpeg",
        "WebP lossless": "png",
        "WebP lossless animation": "png",
        "TIFF of JPEG": "jpeg",
        "TIFF": "png",
        "BMP": "png",
    }


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_heic_is_turned_once(orientation: int) -> None:
    import pillow_heif

    stored = scene(64, 48)
    heif = pillow_heif.from_pillow(Image.fromarray(stored))
    out = io.BytesIO()
    heif.save(out, quality=95, exif=exif(orientation))
    upright = pixels.normalise(out.getvalue())
    expected = as_seen(stored, orientation)
    assert upright.format == "jpeg"
    assert (upright.width, upright.height) == pixels.size_of_bytes(out.getvalue())
    assert unlike(pixels.decode(upright.data), expected) < 6
    assert not [mark for mark in MARKS if mark in upright.data]


def test_avif_reads() -> None:
    upright = pixels.normalise(saved(Image.fromarray(scene(64, 48)), "AVIF", quality=95))
    assert unlike(pixels.decode(upright.data), scene(64, 48)) < 6


def test_a_foreign_colour_profile_is_translated_and_srgb_is_left_alone() -> None:
    grey = np.full((16, 16, 3), (200, 60, 60), np.uint8)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = saved(Image.fromarray(grey), "JPEG", quality=95)
    kept = pixels.normalise(saved(Image.fromarray(grey), "JPEG", quality=95, icc_profile=srgb))
    assert kept.data == pixels.normalise(plain).data
    broken = pixels.normalise(saved(Image.fromarray(grey), "JPEG", quality=95, icc_profile=b"not a profile"))
    assert broken.data == kept.data
    swapped = swapped_profile(srgb)
    for kind in ("JPEG", "PNG", "TIFF"):
        out = pixels.decode(pixels.normalise(saved(Image.fromarray(grey), kind, icc_profile=swapped, quality=95)).data)
        assert unlike(out, np.full_like(grey, (60, 60, 200))) < 25, kind


def swapped_profile(srgb: bytes) -> bytes:
    """sRGB with its red and blue primaries exchanged, by exchanging the two tags' names."""
    count = struct.unpack(">I", srgb[128:132])[0]
    table = bytearray(srgb[132 : 132 + 12 * count])
    for at in range(0, len(table), 12):
        name = bytes(table[at : at + 4])
        table[at : at + 4] = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(name, name)
    return srgb[:132] + bytes(table) + srgb[132 + 12 * count :]


def test_thumbnail_is_small_upright_and_clean() -> None:
    data = saved(Image.fromarray(scene(1200, 400)), "JPEG", exif=exif(6), quality=95)
    upright = pixels.normalise(data)
    thumbnail = Image.open(io.BytesIO(upright.thumbnail))
    assert thumbnail.size == (85, 256)
    assert not thumbnail.getexif()
    wanted = np.array(Image.open(io.BytesIO(upright.data)).resize(thumbnail.size))
    assert unlike(np.array(thumbnail), wanted) < 6
    assert Image.open(io.BytesIO(pixels.normalise(saved(Image.fromarray(scene(30, 20)), "PNG")).thumbnail)).size == (
        30,
        20,
    )


def bomb() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


NOISE = np.random.default_rng(5).integers(0, 256, (200, 300, 3), dtype=np.uint8)
LARGE = Image.fromarray(NOISE).resize((1500, 1000))

BAD = {
    "empty": (b"", "is empty"),
    "text named .jpg": (b"Dear class, here are the numbers: 1 2 3\n" * 20, "is not a picture"),
    "html": (b"<html><body>404</body></html>", "is not a picture"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>', "is not a picture"),
    "only a start": (b"\xff\xd8", "not"),
    "zeros": (bytes(5000), "is not a picture"),
    "truncated JPEG": (saved(Image.fromarray(NOISE), "JPEG")[:9000], "damaged or cut off"),
    "JPEG without its end": (saved(Image.fromarray(NOISE), "JPEG")[:-2], "damaged or cut off"),
    "truncated turned JPEG": (saved(Image.fromarray(NOISE), "JPEG", exif=exif(6))[:9000], "damaged or cut off"),
    "truncated large JPEG": (saved(LARGE, "JPEG")[:-20_000], "damaged or cut off"),
    "truncated large progressive": (saved(LARGE, "JPEG", progressive=True)[:-20_000], "damaged or cut off"),
    "truncated progressive": (saved(Image.fromarray(NOISE), "JPEG", progressive=True)[:9000], "damaged or cut off"),
    "truncated PNG": (saved(Image.fromarray(NOISE), "PNG")[:9000], "damaged or cut off"),
    "truncated TIFF": (saved(Image.fromarray(NOISE), "TIFF")[:9000], "not"),
    "truncated BMP": (saved(Image.fromarray(NOISE), "BMP")[:9000], "damaged or cut off"),
    "truncated WebP": (saved(Image.fromarray(NOISE), "WEBP")[:9000], "not"),
    "truncated GIF": (saved(Image.fromarray(NOISE), "GIF")[:9000], "damaged or cut off"),
    "decompression bomb": (bomb(), "million pixels"),
    "fake HEIC": (b"\0\0\0\x18ftypheic" + bytes(200), "is not a picture"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_whole_picture_is_refused_in_one_sentence(case: str) -> None:
    data, part = BAD[case]
    with pytest.raises(BadInput) as refusal:
        pixels.normalise(data, name="page 7.jpg")
    message = refusal.value.message
    assert part in message
    assert message.startswith("page 7.jpg")
    assert message.count(".") == 2
    assert message.endswith(".")


@settings(deadline=None, max_examples=150)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP"]),
    changes=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=12),
    cut=st.integers(0, 4000),
)
def test_damaged_files_give_a_picture_or_a_refusal_and_nothing_else(
    kind: str, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(
        saved(Image.fromarray(scene()), kind, exif=exif(6)) if kind != "BMP" else saved(Image.fromarray(scene()), kind)
    )
    for at, value in changes:
        data[at % len(data)] = value
    try:
        upright = pixels.normalise(bytes(data[: cut + 1]))
    except BadInput:
        return
    assert pixels.decode(upright.data).shape == (upright.height, upright.width, 3)
    assert pixels.normalise(upright.data).data == upright.data


def test_decode_refuses_what_is_no_picture() -> None:
    with pytest.raises(BadInput):
        pixels.decode(b"nothing")
    with pytest.raises(BadInput):
        pixels.decode(saved(Image.fromarray(NOISE), "JPEG")[:9000])


def test_size_of_reads_headers_of_any_name(tmp_path: Path) -> None:
    path = tmp_path / "学生甲 é" / "page.JPG"
    path.parent.mkdir()
    path.write_bytes(saved(Image.fromarray(scene(50, 20)), "JPEG", exif=exif(8)))
    assert pixels.size_of(path) == (20, 50)
    with pytest.raises(BadInput, match="cannot be opened"):
        pixels.size_of(tmp_path / "missing.jpg")
    with pytest.raises(BadInput, match="cannot be opened"):
        pixels.size_of(tmp_path)


def test_fingerprints_stay_near_for_one_page_and_far_for_another() -> None:
    rng = np.random.default_rng(3)
    pages = []
    for _ in range(12):
        page = np.full((600, 800, 3), 245, np.uint8)
        for _ in range(9):
            x, y = rng.integers(20, 700), rng.integers(20, 500)
            page[y : y + rng.integers(20, 80), x : x + rng.integers(8, 60)] = rng.integers(0, 120)
        pages.append(Image.fromarray(page))
    originals = [pixels.normalise(saved(page, "PNG")).fingerprint for page in pages]
    again = [pixels.normalise(saved(page.resize((500, 375)), "JPEG", quality=60)).fingerprint for page in pages]
    same = [fingerprints.distance(a, b) for a, b in zip(originals, again, strict=True)]
    other = [fingerprints.distance(a, b) for i, a in enumerate(originals) for b in again[i + 1 :]]
    assert max(same) <= 6
    assert min(other) > 10
    assert all(-(1 << 63) <= value < 1 << 63 for value in originals)


def test_a_blank_page_has_a_fingerprint_whatever_its_paper() -> None:
    prints = {
        pixels.normalise(saved(Image.new("L", (300, 200), shade), "PNG")).fingerprint for shade in (255, 250, 128)
    }
    assert prints == {0}


@pytest.mark.shared
@pytest.mark.skipif(not PAGES.is_dir(), reason="needs ../shared/data")
def test_real_pages_come_out_upright_and_without_their_place() -> None:
    turned = 0
    for path in sorted(PAGES.iterdir()):
        data = path.read_bytes()
        upright = pixels.normalise(data, name=path.name)
        assert (upright.width, upright.height) == pixels.size_of(path)
        turned += Image.open(io.BytesIO(data)).size != (upright.width, upright.height)
        assert not [mark for mark in (b"Exif\0", b"ICC_PROFILE", b"http://ns.adobe.com") if mark in upright.data]
        assert not Image.open(io.BytesIO(upright.data)).getexif()
        assert pixels.decode(upright.data).shape == (upright.height, upright.width, 3)
    assert turned == 2


def test_the_header_of_clean_files_states_the_size_and_that_of_others_is_not_trusted() -> None:
    page = Image.fromarray(scene(90, 61))
    for kind in ("PNG", "JPEG"):
        assert containers.size_in_header(pixels.normalise(saved(page, kind)).data) == (90, 61)
    for data in (
        saved(page, "JPEG", exif=exif(6)),
        saved(page, "PNG", exif=exif(6)),
        b"",
        b"\xff\xd8",
        saved(page, "GIF"),
    ):
        assert containers.size_in_header(data) is None
