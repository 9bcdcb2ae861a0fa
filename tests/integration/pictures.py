"""Pictures of pages in grey: made, kept and compared with nothing but a browser and numpy.

Two machines draw the same page with other fonts and another Chromium; lines then break elsewhere and no pixel agrees.
What stays is where dark and light lie: pictures are compared as means over squares of 1/20 of their width.
"""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

Picture = npt.NDArray[np.uint8]
_Means = npt.NDArray[np.float64]
WIDTH = 640
_SIDE = WIDTH // 20  # of a square
_TO_GREY = """async ([picture, width]) => {
  const image = new Image(); image.src = 'data:image;base64,' + picture; await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width; canvas.height = Math.round(image.height * width / image.width);
  const context = canvas.getContext('2d'); context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let grey = ''; for (let i = 0; i < pixels.length; i += 4) {
    grey += String.fromCharCode(Math.round(0.2126 * pixels[i] + 0.7152 * pixels[i + 1] + 0.0722 * pixels[i + 2])); }
  return [canvas.height, btoa(grey)]; }"""


def grey(scratch: Page, image: bytes) -> Picture:
    """Return an image file as grey values, `WIDTH` pixels wide; `scratch` reads it: a page without rules of its own."""
    height, values = scratch.evaluate(_TO_GREY, [base64.b64encode(image).decode(), WIDTH])
    return np.frombuffer(base64.b64decode(values), np.uint8).reshape(height, WIDTH)


def difference(one: Picture, other: Picture) -> float:
    """Return how far two pictures are apart: 0 for the same, near 1 for two that have nothing in common.

    That is 1 less the contrast and structure of SSIM (Wang, Bovik, Sheikh, Simoncelli 2004, formula 13 without
    luminance) over the squares of both, smoothed over 3 by 3, as far down as both go. Measured on pages of the
    portal: another font or size up to 0.07, a font wider by a fifth 0.19, another page 0.15 to 0.5, a page full of
    content without its styles from 0.47.
    """
    rows = min(len(one), len(other)) // _SIDE
    a, b = (_smooth(_squares(picture)[:rows]).ravel() for picture in (one, other))
    (of_a, both), (_, of_b) = np.cov(a, b)
    steady = (0.03 * 255) ** 2  # so that next to nothing on a page is next to no difference
    return 1 - float((2 * both + steady) / (of_a + of_b + steady))


def _squares(picture: Picture) -> _Means:
    rows = len(picture) // _SIDE
    means: _Means = picture[: rows * _SIDE].reshape(rows, _SIDE, -1, _SIDE).mean(axis=(1, 3))
    return means


def _smooth(squares: _Means) -> _Means:
    around = np.lib.stride_tricks.sliding_window_view(np.pad(squares, 1, mode="edge"), (3, 3))
    means: _Means = around.mean(axis=(2, 3))
    return means


def write(picture: Picture, path: Path) -> None:
    """Write a grey PNG of 16 shades: small, and enough to look at."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = picture.shape
    shades = np.round(picture / 17).astype(np.uint8)
    lines = shades[:, 0::2] << 4 | shades[:, 1::2]  # two pixels a byte
    raw = b"".join(b"\0" + line.tobytes() for line in lines)
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([4, 0, 0, 0, 0])
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*parts, strict=True))))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
