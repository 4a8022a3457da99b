"""Rates fitted to shipments as a result object: every band with its figures, range and errors, and what was left out.

Nothing is priced by it: a person accepts rows of the sheet FittedRates, which is its workbook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from networx.domain.fitted_bands import Band, FittedBand, RateFit, band_figures
from networx.domain.phrases import counted
from networx.domain.plan import RECOMPUTED, Certificate, ResultStatus
from networx.domain.rate_parameters import RateParameters, written_breaks
from networx.errors import Problem, RefusedInput
from networx.results.fitted_workbook import band_words
from networx.results.kpis import SCHEMA, plain

TYPE = "rates"


def require_fitted(fit: RateFit) -> None:
    """Raises RefusedInput where nothing could be fitted, with what stands in the way."""
    if not fit.fitted:
        why = [*left_out_words(fit), *map(band_words, fit.bands)]
        raise RefusedInput([Problem(f"Nothing can be fitted to these shipments. {' '.join(why)}", "no_rows")])


def rates_result(
    fit: RateFit,
    asked: RateParameters,
    certificate: Certificate,
    *,
    identity: Mapping[str, Any],
    warnings: Sequence[str],
    stated: Sequence[str],
    network: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The result as plain JSON values. `stated` are the parameters that were given; `network` says whose circuity."""
    fitted = fit.fitted
    left_out = sum(fit.left_out.values())
    result = {
        "schema": SCHEMA,
        "type": TYPE,
        **identity,
        "status": ResultStatus.OPTIMAL.value,
        # Each band has figures of its own, and the certificate shows that none have a smaller loss.
        "objective": None,
        "bound": None,
        "gap": None,
        "bound_source": RECOMPUTED,
        "engine": "Huber regression",
        "seconds": fit.seconds,
        "partial": False,
        "certificate": plain(certificate.as_dict()),
        "infeasibility": None,
        "parameters": _parameters(asked, stated),
        "kpis": {
            "shipments": fit.shipments + left_out,
            "shipments_fitted": fit.fitted_to,
            "shipments_left_out": left_out,
            "bands": len(fit.bands),
            "bands_fitted": len(fitted),
        },
        "bands": [{**band_figures(band), "note": band_words(band)} for band in fitted],
        "not_fitted": [
            {**band_figures(band), "note": band_words(band)} for band in fit.bands if not isinstance(band, FittedBand)
        ],
        "left_out": dict(fit.left_out),
        "network": None if network is None else dict(network),
        "notes": [*left_out_words(fit), *circuity_words(asked), *warnings],
    }
    return result | {"headline": headline(fit)}


def bands_of(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The bands that a result states, fitted or not, in no order, without their notes."""
    return [
        {name: value for name, value in band.items() if name != "note"}
        for band in (*result["bands"], *result["not_fitted"])
    ]


def headline(fit: RateFit) -> str:
    """What came of it in a sentence."""
    fitted = fit.fitted
    modes = len({band.mode for band in fitted})
    return (
        f"{counted(len(fitted), 'row')} of FittedRates for {counted(modes, 'mode')}, fitted to {fit.fitted_to:,} of "
        f"{counted(fit.shipments + sum(fit.left_out.values()), 'shipment')}. They price nothing until a person "
        "accepts them."
    )


def left_out_words(fit: RateFit) -> list[str]:
    """A sentence for each reason that shipments were left out for."""
    return [f"Left out: {counted(count, 'shipment')}, {reason}." for reason, count in fit.left_out.items()]


def circuity_words(asked: RateParameters) -> list[str]:
    """Where miles come from that no shipment states."""
    if asked.circuity is None:
        return []
    return [f"Miles that no shipment states are great-circle miles x circuity {asked.circuity:g}."]


def sheet_notes(fit: RateFit, asked: RateParameters, filename: str) -> list[str]:
    """The lines above the bands on the sheet Notes of the workbook."""
    first = f"Fitted by networx to {counted(fit.fitted_to, 'shipment')} of {filename}."
    return [first, *left_out_words(fit), *circuity_words(asked)]


def in_order(bands: Sequence[Band], modes: Sequence[str]) -> tuple[Band, ...]:
    """By mode and weight, as they are fitted."""
    return tuple(sorted(bands, key=lambda band: (modes.index(band.mode), band.weight_from)))


def _parameters(asked: RateParameters, stated: Sequence[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for spec in fields(asked):
        value = getattr(asked, spec.name)
        if value is not None:
            shown[spec.name] = {
                "value": written_breaks(value) if isinstance(value, tuple) else value,
                "unit": spec.metadata["unit"],
                "source": "given" if spec.name in stated else "engineering default",
            }
    return shown
