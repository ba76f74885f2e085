"""The retarget rule and the header checks against Bitcoin Core's own kernel.

What is checked: `pbk` (Bitcoin Core's libbitcoinkernel) has no call that evaluates a retarget, so it is asked
to accept or refuse headers. On signet's parameters (mainnet's rule with an easier limit) a first epoch with
real proof of work ends on one of 37 spans: the clamps, the span of no change, 28 random ones. For each, the
kernel accepts the header of block 2,016 that carries the bits of our `retarget`, and refuses the one whose
bits are off by one though its work is done. Every epoch starts at the limit, so what is *not* checked here
is the rule from other starting bits: that is what the epochs of mainnet are for.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from manometer.chain import (
    parse_headers,
    retarget,
    target_from_bits,
    verify_headers,
)
from manometer.errors import InputError

pbk = pytest.importorskip("pbk")

LIMIT_BITS = 0x1E0377AE
LIMIT = target_from_bits(LIMIT_BITS)
GENESIS_TIME_S = 1598918400
GENESIS_MERKLE_ROOT = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
GENESIS_HASH = "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6"


def header(previous: bytes, time_s: int, bits: int, nonce: int, root: bytes = bytes(32)) -> bytes:
    version = 0x20000000 if previous != bytes(32) else 1
    return struct.pack("<i", version) + previous + root + struct.pack("<III", time_s, bits, nonce)


def hash_of(raw: bytes) -> bytes:
    wire: bytes = parse_headers(raw).hashes[0].tobytes()
    return wire


@pytest.fixture(scope="module")
def made(published: Path) -> Any:
    return json.loads((published / "signet_params_headers.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def epoch(made: Any) -> list[bytes]:
    """Genesis and 2,014 blocks after it."""
    root = bytes.fromhex(GENESIS_MERKLE_ROOT)[::-1]
    chain = [header(bytes(32), GENESIS_TIME_S, LIMIT_BITS, 52613770, root)]
    for height, nonce in enumerate(
        np.frombuffer(base64.b64decode(made["nonces_u32_le_base64"]), "<u4"), start=1
    ):
        chain.append(header(hash_of(chain[-1]), GENESIS_TIME_S + height, LIMIT_BITS, int(nonce)))
    return chain


@pytest.fixture(scope="module")
def kernel(epoch: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    manager = pbk.load_chainman(tmp_path_factory.mktemp("kernel"), pbk.ChainType.SIGNET)
    for raw in epoch[1:]:
        assert accepts(manager, raw)
    assert manager.best_entry.height == 2014
    yield manager
    del manager


def accepts(manager: Any, raw: bytes) -> bool:
    try:
        state = manager.process_block_header(pbk.BlockHeader(raw))
    except pbk.ProcessBlockHeaderException:
        return False
    return bool(state.validation_mode == pbk.ValidationMode.VALID)


def test_kernel_agrees_on_every_span(
    kernel: Any, made: Any, epoch: list[bytes], record_property: Callable[[str, object], None]
) -> None:
    assert len(made["cases"]) == 37
    for span, nonce, right, right_nonce, wrong, wrong_nonce in made["cases"]:
        last = header(hash_of(epoch[-1]), GENESIS_TIME_S + span, LIMIT_BITS, nonce)
        good = header(hash_of(last), GENESIS_TIME_S + span + 600, right, right_nonce)
        bad = header(hash_of(last), GENESIS_TIME_S + span + 600, wrong, wrong_nonce)
        ours = retarget(
            LIMIT_BITS,
            first_time_s=GENESIS_TIME_S,
            last_time_s=GENESIS_TIME_S + span,
            pow_limit_target=LIMIT,
        )
        assert accepts(kernel, last)
        assert not accepts(kernel, bad)
        assert accepts(kernel, good)
        assert ours == right, span
    record_property("counted", f"{len(made['cases'])} spans on which Bitcoin Core's kernel agrees")


def test_our_header_checks_agree_with_the_kernel(made: Any, epoch: list[bytes]) -> None:
    for span, nonce, right, right_nonce, wrong, wrong_nonce in made["cases"][::6]:
        last = header(hash_of(epoch[-1]), GENESIS_TIME_S + span, LIMIT_BITS, nonce)
        good = header(hash_of(last), GENESIS_TIME_S + span + 600, right, right_nonce)
        bad = header(hash_of(last), GENESIS_TIME_S + span + 600, wrong, wrong_nonce)
        verify_headers(parse_headers(b"".join([*epoch, last, good])), pow_limit_target=LIMIT)
        verify_headers(parse_headers(b"".join([*epoch, last, bad])), check_bits=False, pow_limit_target=LIMIT)
        with pytest.raises(InputError, match=r"height 2016 \(offset 161280\): bits .* retarget gives"):
            verify_headers(parse_headers(b"".join([*epoch, last, bad])), pow_limit_target=LIMIT)


def test_kernel_and_we_name_the_same_hashes(kernel: Any, epoch: list[bytes]) -> None:
    headers = parse_headers(b"".join(epoch))
    assert headers.hash_hex(0) == GENESIS_HASH
    entry = kernel.best_entry
    for height in (1, 1000, 2014):
        assert str(entry.get_ancestor(height).block_hash) == headers.hash_hex(height)


def test_header_checks_name_the_header(epoch: list[bytes]) -> None:
    def check(raw: list[bytes], **options: Any) -> None:
        verify_headers(parse_headers(b"".join(raw)), pow_limit_target=LIMIT, **options)

    check(epoch[5:50], start_height=5, previous_hash=hash_of(epoch[4]))
    with pytest.raises(InputError, match=r"height 5 \(offset 0\): does not point to the previous hash"):
        check(epoch[5:50], start_height=5, previous_hash=bytes(32))
    with pytest.raises(InputError, match=r"height 7 \(offset 560\): does not point to the header before"):
        check([*epoch[:7], *epoch[8:20]])
    with pytest.raises(InputError, match=r"height 19 \(offset 1520\): hash [0-9a-f]{64} is above"):
        check([*epoch[:19], epoch[19][:-4] + bytes(4)])
    with pytest.raises(InputError, match=r"height 0 \(offset 0\): .* easier than the network allows"):
        verify_headers(parse_headers(b"".join(epoch[:9])))
    with pytest.raises(InputError, match=r"height 1 \(offset 80\): bits: .* negative target"):
        check([epoch[0], header(hash_of(epoch[0]), 1, 0x1D80FFFF, 0)])
    check([], start_height=0)


def test_bits_may_change_at_boundaries_only(made: Any, epoch: list[bytes]) -> None:
    span, nonce, right, right_nonce, *_ = made["cases"][0]
    last = header(hash_of(epoch[-1]), GENESIS_TIME_S + span, LIMIT_BITS, nonce)
    good = header(hash_of(last), GENESIS_TIME_S + span + 600, right, right_nonce)
    tail = parse_headers(b"".join([*epoch[-9:], last, good]))
    assert right != LIMIT_BITS
    verify_headers(tail, start_height=2006, pow_limit_target=LIMIT)
    with pytest.raises(InputError, match=r"height 2017 \(offset 800\): bits change inside"):
        verify_headers(tail, start_height=2007, pow_limit_target=LIMIT)
