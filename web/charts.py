"""Charts as SVG, made here: only marks, coloured by their classes. Their text is the page's own, so
that it keeps its size on every screen; beside each chart stands a table with the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from markupsafe import Markup

WIDTH, HEIGHT = 100, 40
GRID = Markup('<path class="chart-grid" d="M0 0H{w}M0 {half}H{w}M0 {h}H{w}"/>').format(
    w=WIDTH, h=HEIGHT, half=HEIGHT / 2
)


@dataclass(frozen=True)
class Scale:
    """Where values stand in a picture: so many equal steps to the right, `low` at the foot."""

    steps: int
    high: float
    low: float = 0
    left: float = 0
    top: float = 0
    width: float = WIDTH
    height: float = HEIGHT

    def x(self, number: int) -> float:
        return self.left + self.width * number / max(1, self.steps - 1)

    def y(self, value: float) -> float:
        return self.top + self.height * (self.high - value) / (self.high - self.low)

    def point(self, number: int, value: float) -> str:
        return f"{self.x(number):.2f},{self.y(value):.2f}"

    def points(self, values: Sequence[float]) -> str:
        return " ".join(self.point(number, value) for number, value in enumerate(values))


def line(values: Sequence[int], name: str, title: str, description: str) -> Markup:
    """One line over equal steps, from zero; `name` is the chart's id on the page."""
    points = Scale(len(values), ceiling(values)).points(values)
    label = Markup('aria-labelledby="{0}-title {0}-about"').format(name)
    about = Markup('<title id="{0}-title">{1}</title><desc id="{0}-about">{2}</desc>')
    drawn = Markup(
        '<polygon class="chart-area" points="0,{h} {points} {w},{h}"/>'
        '<polyline class="chart-line" points="{points}"/>'
    ).format(w=WIDTH, h=HEIGHT, points=points)
    return plot(label, about.format(name, title, description) + GRID + drawn)


def plot(label: Markup, inside: Markup) -> Markup:
    """As wide and high as its place on the page; `label` is the attribute that says what it is."""
    return Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img"'
        " {label}>{inside}</svg>"
    ).format(w=WIDTH, h=HEIGHT, label=label, inside=inside)


def bar(value: float, most: float) -> Markup:
    """The bar in a table's row, as long as its share of the longest; the row says the number."""
    share = 100 * value / most if most else 0
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar-rest" width="100" height="10"/>'
        '<rect class="bar-part" width="{share}" height="10"/></svg>'
    ).format(share=f"{share:.1f}")


def ceiling(values: Sequence[int]) -> int:
    """The next even number of a round size, so that the line in the middle is a number too."""
    most = max(values, default=0)
    if most <= 2:
        return 2
    size: int = 10 ** int(log10(most))
    return next(size * step for step in (2, 4, 6, 8, 10) if size * step >= most)


def shares(values: Sequence[int]) -> list[int]:
    """In whole percent, together 100: the largest remainders are rounded up."""
    total = sum(values)
    if not total:
        return [0] * len(values)
    exact = [100 * value / total for value in values]
    rounded = [int(each) for each in exact]
    by_rest = sorted(range(len(values)), key=lambda at: rounded[at] - exact[at])
    for at in by_rest[: 100 - sum(rounded)]:
        rounded[at] += 1
    return rounded
