"""How many golden questions each version passed, as a picture drawn here."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from knowledge.versions import Version
from web.charts import Scale

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 960, 220, 48, 20, 28, 12
LABELS = 8  # at most, under the line


def accuracy(history: Sequence[Version], title: str) -> Markup:
    """Shares of 0-100 % by version, oldest first; the scale begins where there is something."""
    passed = [each.golden["passed"] / each.golden["cases"] for each in history]
    answered = [each.golden["answered"] / each.golden["cases"] for each in history]
    low = max(int(min(*passed, *answered) * 10 - 0.5) / 10, 0)
    scale = _scale(len(history), low)
    marks = Markup("").join(_mark(low + step * (1 - low) / 4, scale) for step in range(5))
    lines = Markup("").join(
        Markup('<polyline class="line {}" points="{}"/>').format(name, scale.points(values))
        for values, name in ((passed, "passed"), (answered, "answered"))
    )
    dots = Markup("").join(
        Markup('<circle class="passed" cx="{}" cy="{}" r="4"><title>{}</title></circle>').format(
            *scale.point(number, value).split(","), f"{each.number}: {value:.1%} {each.note}"
        )
        for number, (each, value) in enumerate(zip(history, passed, strict=True))
    )
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, escape(title), marks + lines + dots + _numbers(history, scale))


def _scale(steps: int, low: float) -> Scale:
    """One alone stands in the middle."""
    wide = WIDTH - LEFT - RIGHT
    left = LEFT if steps > 1 else LEFT + wide / 2
    return Scale(steps, 1, low, left, TOP, wide, HEIGHT - TOP - BOTTOM)


def _mark(value: float, scale: Scale) -> Markup:
    y = scale.y(value)
    return Markup(
        '<line class="grid-line" x1="{}" x2="{}" y1="{:.2f}" y2="{:.2f}"/>'
        '<text x="{}" y="{:.2f}" text-anchor="end">{}</text>'
    ).format(LEFT, WIDTH - 8, y, y, LEFT - 8, y + 4, f"{value:.0%}")


def _numbers(history: Sequence[Version], scale: Scale) -> Markup:
    every = max(-(-len(history) // LABELS), 1)
    return Markup("").join(
        Markup('<text x="{:.2f}" y="{}" text-anchor="middle">{}</text>').format(
            scale.x(number), HEIGHT - 8, each.number
        )
        for number, each in enumerate(history)
        if number % every == 0
    )
