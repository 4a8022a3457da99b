"""The side of the confined child: fits rates to shipments, one band after another.

request["shipments"] is the file of what there is to fit to and how (`write_shipments`).

{"progress": {...}}     as domain.plan.Progress
{"band": {...}}         one mode and weight band, fitted or not
{"seconds": ...}        the last: processor time
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from networx.domain.fitted_bands import band_figures
from networx.domain.plan import Progress
from networx.domain.rate_parameters import RateParameters
from networx.models.rates import Observed, fit_rates
from networx.work.handed_over import hand_over, take_over

FITTING = "fitting"


def write_shipments(path: Path, seen: Observed, asked: RateParameters) -> None:
    """The parent's side: leave them where the child finds them. Only the parent may write this file."""
    hand_over(path, (seen, asked))


def run(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Fit. Raises nothing for data: a band that cannot be fitted says why."""
    seen, asked = take_over(request["shipments"])
    send({"progress": Progress(FITTING, 0.0).as_dict()})
    began, done = time.process_time(), 0
    for band in fit_rates(seen, asked.weight_breaks, asked.fewest_shipments):
        done += band.shipments
        send({"band": band_figures(band)})
        send({"progress": Progress(f"{FITTING} {band.mode}", 100.0 * done / len(seen)).as_dict()})
    send({"seconds": time.process_time() - began})
