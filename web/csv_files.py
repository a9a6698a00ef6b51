"""Tables as CSV files that a spreadsheet opens without running anything that a customer wrote."""

import csv
import io
from collections.abc import Iterable, Sequence

from knowledge.interchange.cells import to_cell

BOM = "\ufeff"
"""Without it, Excel reads Chinese as something else."""


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Every cell in quotes; one that a spreadsheet would take for a formula begins with '."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([to_cell(str(cell)) for cell in row] for row in rows)
    return out.getvalue()
