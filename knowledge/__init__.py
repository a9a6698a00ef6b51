"""What the assistant knows, and how it finds it; usable without web, bot or database."""

import os

# Read by numpy's BLAS when it is loaded: its threads spin against each other on small matrices and
# make a question three times as dear.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
