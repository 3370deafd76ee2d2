"""Bins, maps and their values: the numbers that follow from a geometry, and that values and maps are inverse."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import ROOT

from akitaflow.dataset.targets import TargetSteps
from akitaflow.errors import InputError
from akitaflow.geometry import Geometry


@st.composite
def geometries(draw):
    crop_bins, offset = draw(st.integers(0, 5)), draw(st.integers(0, 4))
    window_bins = 2 * crop_bins + offset + draw(st.integers(1, 20))
    return Geometry.from_bins(draw(st.sampled_from([1, 16, 2048])), window_bins, crop_bins, offset)


def values_of(geometry):
    return np.random.default_rng(geometry.n_values).normal(size=geometry.n_values)


@given(geometries())
def test_values_and_maps_are_inverse(geometry):
    values = values_of(geometry)
    square = geometry.to_map(values)
    assert square.shape == (geometry.map_bins, geometry.map_bins)
    assert np.array_equal(geometry.upper_triangle(square), values)
    assert np.array_equal(square, square.T, equal_nan=True)
    assert np.array_equal(geometry.to_map(geometry.upper_triangle(square)), square, equal_nan=True)
    near = np.abs(np.subtract.outer(*[np.arange(geometry.map_bins)] * 2)) < geometry.diagonal_offset
    assert np.array_equal(np.isnan(square), near)
    assert (geometry.to_map(values, fill=7.0)[near] == 7).all()


@given(geometries())
def test_flipping_reverses_both_axes_and_is_its_own_inverse(geometry):
    values, flip = values_of(geometry), geometry.flip_index()
    assert np.array_equal(geometry.to_map(values[flip]), geometry.to_map(values)[::-1, ::-1], equal_nan=True)
    assert np.array_equal(values[flip][flip], values)


@given(geometries())
def test_pixels_are_the_bins_of_each_value(geometry):
    rows, columns = geometry.pixels
    values = values_of(geometry)
    assert np.array_equal(geometry.to_map(values)[rows, columns], values)
    window = np.full((geometry.window_bins,) * 2, np.nan)
    window[geometry.inner, geometry.inner] = geometry.to_map(values)
    assert np.array_equal(window[geometry.window_pixels], values)
    assert len(rows) == geometry.n_values and (columns - rows).min() == geometry.diagonal_offset


@given(geometries())
def test_targets_have_the_same_numbers(geometry):
    bins = (geometry.bin_size, geometry.window_bins, geometry.crop_bins, geometry.diagonal_offset)
    steps = TargetSteps(*bins)
    assert (steps.map_bins, steps.n_values) == (geometry.map_bins, geometry.n_values)


def test_the_published_numbers():
    geometry = Geometry()
    assert (geometry.window_bins, geometry.crop_bins, geometry.map_bins, geometry.n_values) == (512, 32, 448, 99_681)
    config = {"bin_size": 2048, "window": 2**20, "crop": 65536, "diagonal_offset": 2, "pools": [2] * 11}
    assert Geometry.from_config(config) == Geometry(pools=(2,) * 11)
    assert geometry.derived == {"window_bins": 512, "crop_bins": 32, "map_bins": 448, "n_values": 99_681}


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"window": 1000}, "window 1000 bp is not a whole number of bins of 2048 bp"),
        ({"crop": 100}, "crop 100 bp is not a whole number of bins"),
        ({"crop": 2**19}, "leaves no pixel at diagonal 2"),
        ({"diagonal_offset": 448}, "leaves no pixel at diagonal 448"),
    ],
)
def test_numbers_that_leave_no_map_are_refused(numbers, message):
    with pytest.raises(InputError, match=message):
        Geometry(**numbers)


def test_another_number_of_values_is_refused():
    with pytest.raises(ValueError, match=r"\(5,\) values for 3 pixels"):
        Geometry.from_bins(16, 4, 0, 2).to_map(np.zeros(5))


def test_it_needs_no_tensorflow():
    check = "import sys, akitaflow.geometry; assert 'tensorflow' not in sys.modules and 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True, cwd=ROOT)
