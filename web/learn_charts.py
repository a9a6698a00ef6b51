"""A trend small enough to stand in a line of text."""

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup

from web.charts import HEIGHT, WIDTH

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


def last_weeks(weeks: Sequence[tuple[date, int]], today: date) -> list[int]:
    """Of the last twelve Mondays, also those in which there was nothing."""
    counted = dict(weeks)
    monday = today - timedelta(days=today.weekday())
    return [counted.get(monday - timedelta(weeks=ago), 0) for ago in reversed(range(WEEKS))]
