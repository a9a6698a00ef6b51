"""A trend small enough to stand in a line of text."""

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup

from web.charts import GRID, HEIGHT, WIDTH, Scale, plot

WEEKS = 12


def sparkline(values: Sequence[int], title: str) -> Markup:
    """Bars from zero, the newest at the right; `title` says it in words."""
    top = max([*values, 1])
    step = WIDTH / len(values)
    bars = Markup("").join(
        Markup('<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"/>').format(
            x=number * step,
            y=HEIGHT - max(HEIGHT * value / top, 1.5),
            w=step * 0.7,
            h=max(HEIGHT * value / top, 1.5),
        )
        for number, value in enumerate(values)
    )
    return Markup(
        '<svg class="spark" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img"'
        ' aria-label="{title}">{bars}</svg>'
    ).format(w=WIDTH, h=HEIGHT, title=title, bars=bars)


def line(values: Sequence[float | None], top: float, title: str) -> Markup:
    """Over equal steps, from zero, with a gap where there is no value; one alone is a dot."""
    scale = Scale(len(values), top)
    runs: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(scale.point(number, value))
    lines = (" ".join(run if len(run) > 1 else run * 2) for run in runs if run)
    drawn = Markup("").join(
        Markup('<polyline class="chart-line" points="{0}"/>').format(points) for points in lines
    )
    return plot(Markup('aria-label="{}"').format(title), GRID + drawn)


def last_weeks(weeks: Sequence[tuple[date, int]], today: date) -> list[int]:
    """Of the last twelve Mondays, also those in which there was nothing."""
    counted = dict(weeks)
    monday = today - timedelta(days=today.weekday())
    return [counted.get(monday - timedelta(weeks=ago), 0) for ago in reversed(range(WEEKS))]
