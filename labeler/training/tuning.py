"""Settings for going on from weights that know digits already, on the few pages of one class. Standard library only.

Left to itself ultralytics warms up and gathers 64 pages a step, so that a class's thirty pages hardly move the weights; but steps that are
too bold spoil them first, and a training of a few steps ends there. Measured with the shipped weights on one thread, corrections per 100
digits on pages that were not trained on, before and after (`tests/benchmarks/bench_fine_tune.py`): see the README.

* 5e-4, a step a batch: helps after fifty steps, but after sixteen the model was worse than before.
* 2e-4 without mosaic: as good after fifty steps, better after eight, and forgets least of what other pages look like.
* Turning pages by up to 5 degrees, as from scratch, taught it looser boxes within twelve steps, since the upright box around a turned one
  is larger: 45.6 corrections per 100 digits instead of 11.2 on pages of the sample project that it had not seen, 12.2 before the training.
* Freezing the backbone helps less and forgets no less. Averaging with the start weights, a slow start, averaging over steps and
  rehearsing drawn pages each trade what is learnt for what is kept, or change nothing that can be told.
"""

from typing import Any

LEARNING_RATE = 2e-4

VARIETIES: dict[str, dict[str, float]] = {
    "usual": {},
    "gentle": {"scale": 0.2, "translate": 0.05, "hsv_h": 0.005, "hsv_s": 0.3, "hsv_v": 0.2},
    "strong": {"scale": 0.7, "translate": 0.2, "hsv_s": 0.8, "hsv_v": 0.6},
    "none": {"degrees": 0.0, "scale": 0.0, "translate": 0.0, "hsv_h": 0.0, "hsv_s": 0.0, "hsv_v": 0.0, "mosaic": 0.0},
}
"""How far pages are scaled, moved and recoloured while it trains, as overrides: gentle for neat scans, strong for photos. None turns or
shears them further: see `fine_tuning`."""


def fine_tuning(batch: int) -> dict[str, Any]:
    """Overrides for a training with batches of `batch` pages that starts from fitting weights."""
    return {
        "optimizer": "AdamW", "lr0": LEARNING_RATE, "warmup_epochs": 0.0, "nbs": batch, "cos_lr": True, "mosaic": 0.0,
        "degrees": 0.0,
    }  # fmt: skip
