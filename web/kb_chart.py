"""How many golden questions each version passed, as a picture drawn here."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from knowledge.versions import Version

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 960, 220, 48, 28, 12
LABELS = 8  # at most, under the line


def accuracy(history: Sequence[Version], title: str) -> Markup:
    """Shares of 0-100 % by version, oldest first; the scale begins where there is something."""
    passed = [each.golden["passed"] / each.golden["cases"] for each in history]
    answered = [each.golden["answered"] / each.golden["cases"] for each in history]
    low = max(int(min(*passed, *answered) * 10 - 0.5) / 10, 0)
    marks = Markup("").join(_mark(low + step * (1 - low) / 4, low) for step in range(5))
    lines = Markup("").join(
        _line(values, low, name) for values, name in ((passed, "passed"), (answered, "answered"))
    )
    dots = Markup("").join(
        Markup('<circle class="passed" cx="{}" cy="{}" r="4"><title>{}</title></circle>').format(
            *_place(number, len(history), value, low), f"{each.number}: {value:.1%} {each.note}"
        )
        for number, (each, value) in enumerate(zip(history, passed, strict=True))
    )
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, escape(title), marks + lines + dots + _numbers(history))


def _place(number: int, count: int, value: float, low: float) -> tuple[float, float]:
    wide = WIDTH - LEFT - 20
    x = LEFT + (wide * number / (count - 1) if count > 1 else wide / 2)
    high = HEIGHT - TOP - BOTTOM
    return round(x, 1), round(TOP + high * (1 - (value - low) / (1 - low or 1)), 1)


def _line(values: Sequence[float], low: float, name: str) -> Markup:
    points = (_place(number, len(values), value, low) for number, value in enumerate(values))
    path = " ".join(f"{x},{y}" for x, y in points)
    return Markup('<polyline class="line {}" points="{}"/>').format(name, path)


def _mark(value: float, low: float) -> Markup:
    _, y = _place(0, 2, value, low)
    return Markup(
        '<line class="grid-line" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text x="{}" y="{}" text-anchor="end">{}</text>'
    ).format(LEFT, WIDTH - 8, y, y, LEFT - 8, y + 4, f"{value:.0%}")


def _numbers(history: Sequence[Version]) -> Markup:
    every = max(-(-len(history) // LABELS), 1)
    return Markup("").join(
        Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(
            _place(number, len(history), 1, 0)[0], HEIGHT - 8, each.number
        )
        for number, each in enumerate(history)
        if number % every == 0
    )
