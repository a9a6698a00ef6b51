"""The app's two icons, drawn from one mark: a speech bubble that holds a bill."""

import math
import struct
import zlib
from collections.abc import Callable

Point = tuple[float, float]
Distance = Callable[[float, float], float]
"""Signed distance to a shape's edge at x, y; negative inside. The mark lives in 96 x 96."""

COLOR_SIZE = 192
OUTLINE_SIZE = 32
_TAIL: tuple[Point, ...] = ((22.0, 66.0), (22.0, 90.0), (48.0, 68.0))
_LINES: tuple[tuple[float, float, float], ...] = ((28, 66, 32), (28, 52, 51.2))
_SUM: Point = (66.0, 51.2)


def color_icon(accent: str) -> bytes:
    """192 x 192 PNG: the mark in white on the accent colour (#rrggbb), in the middle half."""
    red, green, blue = (int(accent[index : index + 2], 16) for index in (1, 3, 5))
    scale, margin = COLOR_SIZE / 2 / 96, COLOR_SIZE / 4

    def pixel(x: float, y: float) -> bytes:
        mark_x, mark_y = (x - margin) / scale, (y - margin) / scale
        white = _cover(_bubble(mark_x, mark_y), scale)
        white *= 1 - _cover(_bill(mark_x, mark_y) - 4, scale)
        return bytes(round(part + (255 - part) * white) for part in (red, green, blue)) + b"\xff"

    return _png(COLOR_SIZE, pixel)


def outline_icon() -> bytes:
    """32 x 32 PNG: the mark as white strokes on nothing."""
    scale, stroke = 30 / 96, 2.0

    def pixel(x: float, y: float) -> bytes:
        mark_x, mark_y = (x - 1) / scale, (y - 1) / scale
        edge = abs(_bubble(mark_x, mark_y) + stroke / 2 / scale) - stroke / 2 / scale
        alpha = max(_cover(edge, scale), _cover(_bill(mark_x, mark_y) - 3, scale))
        return b"\xff\xff\xff" + bytes([round(255 * alpha)])

    return _png(OUTLINE_SIZE, pixel)


def _bubble(x: float, y: float) -> float:
    return min(_rounded_box(x, y, (48, 40), (42, 34), 14), _polygon(x, y, _TAIL))


def _bill(x: float, y: float) -> float:
    """Two lines of a bill and its sum, as strokes without width."""
    lines = (_segment(x, y, left, right, height) for left, right, height in _LINES)
    return min(*lines, math.hypot(x - _SUM[0], y - _SUM[1]) - 1.5)


def _cover(distance: float, scale: float) -> float:
    """How much of a pixel lies inside."""
    return min(1.0, max(0.0, 0.5 - distance * scale))


def _rounded_box(x: float, y: float, middle: Point, half: Point, radius: float) -> float:
    across = abs(x - middle[0]) - half[0] + radius
    down = abs(y - middle[1]) - half[1] + radius
    return math.hypot(max(across, 0), max(down, 0)) + min(max(across, down), 0) - radius


def _segment(x: float, y: float, left: float, right: float, height: float) -> float:
    return math.hypot(x - min(max(x, left), right), y - height)


def _polygon(x: float, y: float, corners: tuple[Point, ...]) -> float:
    nearest, inside = math.inf, False
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        dx, dy = bx - ax, by - ay
        along = min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
        nearest = min(nearest, math.hypot(x - ax - along * dx, y - ay - along * dy))
        if (ay > y) != (by > y) and x < ax + (y - ay) / dy * dx:
            inside = not inside
    return -nearest if inside else nearest


def _png(size: int, pixel: Callable[[float, float], bytes]) -> bytes:
    """8 bits each of red, green, blue and alpha; pixel is asked for the middle of each."""
    rows = (
        b"\0" + b"".join(pixel(column + 0.5, row + 0.5) for column in range(size))
        for row in range(size)
    )
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
