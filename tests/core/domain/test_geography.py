"""ZIP centroids are those that the Census published, and no others."""

from __future__ import annotations

from importlib.resources import files

import pytest

from networx.domain.geography import centroid


@pytest.mark.parametrize(
    ("zip5", "latitude", "longitude"),
    [("60601", 41.885155, -87.621512), ("10001", 40.75065, -73.997293), ("00601", 18.180555, -66.749961)],
)
def test_a_published_zip_stands_where_the_census_says(zip5: str, latitude: float, longitude: float) -> None:
    assert centroid(zip5) == (latitude, longitude)


@pytest.mark.parametrize("zip5", ["00000", "99999", "601", "60601-1234", ""])
def test_a_zip_that_is_not_published_is_unknown(zip5: str) -> None:
    assert centroid(zip5) is None


def test_the_source_of_the_data_is_named_beside_it() -> None:
    notice = (files("networx.domain") / "data" / "NOTICE").read_text()
    assert "zcta_centroids.csv.gz" in notice
    assert "United States Census Bureau" in notice
