"""How much a look at a page is worth: the more a model doubts its suggestions, the more."""

from collections.abc import Sequence

import numpy as np


def uncertainty(scores: Sequence[float]) -> float:
    """Expected number of wrong suggestions on a page, taking each score as the chance that it is right: the sum of 1 - score.

    A page without suggestions counts half a correction: it is blank, or the model is blind to it.
    """
    if not scores:
        return 0.5
    return float(np.sum(1.0 - np.clip(np.asarray(scores, dtype=np.float64), 0.0, 1.0)))
