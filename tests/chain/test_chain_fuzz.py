"""Arbitrary bytes give headers or an InputError, never anything else."""

from __future__ import annotations

import os
import random

import pytest

from manometer.chain import parse_headers, verify_headers
from manometer.errors import InputError

GENESIS = bytes.fromhex(
    "01000000" + "00" * 32 + "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a"
    "29ab5f49ffff001d1dac2b7c"
)


def some_bytes(rng: random.Random) -> bytes:
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(rng.randrange(400))
    if kind == 1:
        return rng.randbytes(80 * rng.randrange(5))
    raw = bytearray(GENESIS * rng.randrange(1, 4))
    if kind == 2:
        for _ in range(rng.randrange(1, 6)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
    else:
        cut = rng.randrange(len(raw))
        raw = raw[:cut] + rng.randbytes(rng.randrange(8)) + raw[cut + rng.randrange(8) :]
    return bytes(raw)


def test_parse_headers_survives_anything() -> None:
    rng = random.Random(2016)
    n = int(os.environ.get("MANOMETER_FUZZ", "10000"))
    parsed = verified = multi_line = 0
    for _ in range(n):
        data = some_bytes(rng)
        try:
            headers = parse_headers(data)
            parsed += 1
            assert headers.fields.tobytes() == data
            verify_headers(headers, start_height=rng.choice((0, 1, 2015)))
            verified += 1
        except InputError as error:
            multi_line += "\n" in str(error)
    assert not multi_line
    assert n < 1000 or 0 < verified < parsed < n


@pytest.mark.parametrize("data", [None, "00", 80, [0] * 80, b"\0" * 79])
def test_what_is_no_header_bytes_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="data:"):
        parse_headers(data)


def test_views_and_nothing_are_fine() -> None:
    assert len(parse_headers(b"")) == 0
    verify_headers(parse_headers(memoryview(GENESIS)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="read-only"):
        parse_headers(bytearray(GENESIS)).fields["nonce"][0] = 1  # type: ignore[arg-type]
