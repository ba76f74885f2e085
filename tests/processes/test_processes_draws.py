"""Random numbers by address, and the mathematics under them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from manometer.errors import InputError
from manometer.processes.draws import STREAMS, normals, uniforms
from manometer.processes.elementary import exp_array, log_array
from manometer.processes.exact import exp, log, philox

# Random123 (Salmon et al., SC11), file kat_vectors, philox4x32 with 10 rounds: counter, key, result.
KNOWN = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_philox_gives_the_published_vectors(counter, key, result):
    assert [int(x) for x in philox(*map(np.uint64, counter + key))] == result


def test_exp_and_log_are_right_to_two_units_in_the_last_place():
    x = np.random.default_rng(3).uniform(-60, 60, 20_000)
    e = np.array([exp(v) for v in x])
    assert np.max(np.abs(e - np.exp(x)) / np.spacing(np.exp(x))) <= 2
    y = np.array([log(v) for v in e])
    assert np.max(np.abs(y - np.log(e)) / np.spacing(np.abs(np.log(e)))) <= 2
    assert exp(-800.0) == 0.0
    assert math.isinf(exp(800.0))


def test_arrays_have_the_same_bits_as_the_compiled_series():
    rng = np.random.default_rng(8)
    x = np.concatenate([rng.uniform(-20, 20, 5000), np.linspace(-715, 715, 3001), [0.0]])
    y = np.concatenate([np.exp(rng.uniform(-600, 600, 5000)), np.linspace(0.5, 2.0, 3001)])
    assert np.array_equal([exp(v) for v in x], exp_array(x))
    assert np.array_equal([log(v) for v in y], log_array(y))


def test_a_draw_depends_on_its_address_alone():
    whole = normals(11, "price", 0, 40, 90)
    assert np.array_equal(whole[:, 13:20], normals(11, "price", 13, 7, 90))
    assert np.array_equal(whole[:, :, :30], normals(11, "price", 0, 40, 30))
    assert not np.array_equal(whole, normals(12, "price", 0, 40, 90))
    assert not np.array_equal(whole, normals(11, "low", 0, 40, 90))


def test_streams_have_a_number_each():
    assert len(set(STREAMS.values())) == len(STREAMS)


def test_uniforms_and_normals_have_their_moments():
    u, z = uniforms(5, "jump", 0, 2000, 500), normals(5, "price", 0, 2000, 500)
    n = u.size
    assert 0 < u.min() <= u.max() < 1
    assert abs(u.mean() - 0.5) < 4 * np.sqrt(1 / 12 / n)
    assert abs(u.var() - 1 / 12) < 4 * np.sqrt(1 / 180 / n)
    for power, mean, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs((z**power).mean() - mean) < 4 * np.sqrt(variance / n)
    assert abs((z[0] * z[1]).mean()) < 4 * np.sqrt(2 / n)
    assert abs((z[0, :, 1:] * z[0, :, :-1]).mean()) < 4 * np.sqrt(2 / n)
    assert abs((z[0, 1:] * z[0, :-1]).mean()) < 4 * np.sqrt(2 / n)


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, True])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(InputError, match="seed"):
        uniforms(seed, "price", 0, 1, 1)
