"""Charts as SVG, made here: only marks, coloured by their classes. Their text is the page's own, so
that it keeps its size on every screen; beside each chart stands a table with the same numbers."""

from collections.abc import Sequence
from math import log10

from markupsafe import Markup

WIDTH, HEIGHT = 100, 40


def line(values: Sequence[int], name: str, title: str, description: str) -> Markup:
    """One line over equal steps, from zero; `name` is the chart's id on the page."""
    top = ceiling(values)
    step = WIDTH / max(1, len(values) - 1)
    points = [
        f"{number * step:.2f},{HEIGHT - value / top * HEIGHT:.2f}"
        for number, value in enumerate(values)
    ]
    drawn = " ".join(points)
    return Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img"'
        ' aria-labelledby="{name}-title {name}-about"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-about">{about}</desc>'
        '<path class="chart-grid" d="M0 0H{w}M0 {half}H{w}M0 {h}H{w}"/>'
        '<polygon class="chart-area" points="0,{h} {points} {w},{h}"/>'
        '<polyline class="chart-line" points="{points}"/></svg>'
    ).format(
        w=WIDTH, h=HEIGHT, half=HEIGHT / 2, name=name, title=title, about=description, points=drawn
    )


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
