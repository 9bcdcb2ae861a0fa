"""Pictures of pages in grey: made, kept and compared with nothing but a browser and numpy.

Two machines draw the same page with other fonts and another Chromium; lines then break elsewhere and no pixel agrees.
What stays is where dark and light lie: pictures are compared as means over squares of 1/40 of their width.
"""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

Picture = npt.NDArray[np.uint8]
WIDTH = 640
_ACROSS = 40  # squares
_TO_GREY = """async ([png, width]) => {
  const image = new Image(); image.src = 'data:image/png;base64,' + png; await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width; canvas.height = Math.round(image.height * width / image.width);
  const context = canvas.getContext('2d'); context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let grey = ''; for (let i = 0; i < pixels.length; i += 4) {
    grey += String.fromCharCode(Math.round(0.2126 * pixels[i] + 0.7152 * pixels[i + 1] + 0.0722 * pixels[i + 2])); }
  return [canvas.height, btoa(grey)]; }"""


def grey(scratch: Page, png: bytes) -> Picture:
    """Return a PNG as grey values, `WIDTH` pixels wide, made smaller by `scratch`: a page without rules of its own."""
    height, values = scratch.evaluate(_TO_GREY, [base64.b64encode(png).decode(), WIDTH])
    return np.frombuffer(base64.b64decode(values), np.uint8).reshape(height, WIDTH)


def difference(one: Picture, other: Picture) -> float:
    """Return how far two pictures are apart, of 1: the mean difference of their squares where they differ most.

    That is the worst quarter of the squares: a table that is gone counts though all around it is as it was.
    """
    a, b = (_squares(picture) for picture in (one, other))
    rows = max(len(a), len(b))
    white = [np.pad(s, ((0, rows - len(s)), (0, 0)), constant_values=255) for s in (a, b)]
    apart = np.sort(np.abs(white[0] - white[1]), axis=None)[::-1]
    return float(apart[: len(apart) // 4].mean()) / 255


def _squares(picture: Picture) -> npt.NDArray[np.float64]:
    size = WIDTH // _ACROSS
    rows = picture.shape[0] // size
    return picture[: rows * size].reshape(rows, size, _ACROSS, size).mean(axis=(1, 3))


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
