"""Block headers in bulk: 80 bytes each, parsed to arrays, hashed, and checked as a chain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ._integers import as_int
from .difficulty import POW_LIMIT_TARGET, retarget, target_from_bits
from .heights import BLOCKS_PER_EPOCH

__all__ = ["HEADER_BYTES", "HEADER_DTYPE", "Headers", "parse_headers", "verify_headers"]

HEADER_BYTES = 80
_Fail = Callable[[int, str], InputError]
#: The wire layout of one header; hashes are in wire order (little-endian numbers).
HEADER_DTYPE = np.dtype(
    [
        ("version", "<i4"),
        ("previous", "u1", (32,)),
        ("merkle_root", "u1", (32,)),
        ("time_s", "<u4"),
        ("bits", "<u4"),
        ("nonce", "<u4"),
    ]
)


@dataclass(frozen=True, eq=False)
class Headers:
    """Parsed headers, in the order of the input.

    Attributes
    ----------
    fields : structured ndarray, shape (n,)
        The headers as `HEADER_DTYPE`, read-only.
    hashes : uint8 ndarray, shape (n, 32)
        Double SHA-256 of each header, in wire order, read-only.
    """

    fields: npt.NDArray[np.void]
    hashes: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.fields)

    @property
    def version(self) -> npt.NDArray[np.int32]:
        """Version of each header, shape (n,)."""
        return self.fields["version"]

    @property
    def time_s(self) -> npt.NDArray[np.uint32]:
        """Header time [s, UTC], shape (n,)."""
        return self.fields["time_s"]

    @property
    def bits(self) -> npt.NDArray[np.uint32]:
        """Compact target, shape (n,)."""
        return self.fields["bits"]

    @property
    def nonce(self) -> npt.NDArray[np.uint32]:
        """Nonce, shape (n,)."""
        return self.fields["nonce"]

    def hash_hex(self, index: int) -> str:
        """Return the hash of one header as people write it: hexadecimal, most significant byte first."""
        wire: bytes = self.hashes[index].tobytes()
        return wire[::-1].hex()


def parse_headers(data: bytes) -> Headers:
    """Parse concatenated 80-byte block headers.

    Parameters
    ----------
    data : bytes-like
        Zero or more whole headers in wire format, with nothing between them.

    Returns
    -------
    Headers
        Fields and hashes as arrays. Nothing is checked but the length: see `verify_headers`.

    Raises
    ------
    InputError
        `data` is no bytes, or ends inside a header.

    Examples
    --------
    >>> genesis = bytes.fromhex(
    ...     "01000000" + "00" * 32 + "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a"
    ...     "29ab5f49ffff001d1dac2b7c")
    >>> parse_headers(genesis).hash_hex(0)
    '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f'
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise InputError(f"data: must be bytes, not {type(data).__name__}")
    raw = bytes(data)
    n, rest = divmod(len(raw), HEADER_BYTES)
    if rest:
        offset = n * HEADER_BYTES
        raise InputError(
            f"data: {len(raw)} bytes end inside a header ({rest} of {HEADER_BYTES} bytes at offset {offset})"
        )
    starts = range(0, len(raw), HEADER_BYTES)
    digests = b"".join(sha256(sha256(raw[i : i + HEADER_BYTES]).digest()).digest() for i in starts)
    return Headers(
        fields=np.frombuffer(raw, dtype=HEADER_DTYPE),
        hashes=np.frombuffer(digests, dtype=np.uint8).reshape(n, 32),
    )


def verify_headers(
    headers: Headers,
    *,
    start_height: int = 0,
    previous_hash: bytes | None = None,
    check_bits: bool = True,
    pow_limit_target: int = POW_LIMIT_TARGET,
) -> None:
    """Check that headers form a chain whose every link has done its work; return nothing if they do.

    Parameters
    ----------
    headers : Headers
        From `parse_headers`.
    start_height : int
        Height of the first header.
    previous_hash : bytes, optional
        Hash (32 bytes, wire order) that the first header must point to; unchecked if absent.
    check_bits : bool
        Also check the difficulty rule: bits change at epoch boundaries only, and there they are what
        `retarget` gives, wherever the whole epoch before is among the headers.
    pow_limit_target : int
        Easiest target of the network; mainnet's by default.

    Raises
    ------
    InputError
        Names the height and byte offset of the first header that fails the first of these checks: link,
        target, proof of work, bits.

    Notes
    -----
    Not checked: times (median of eleven, future), versions, merkle roots, and networks whose rule lets
    blocks of minimum difficulty in (`check_bits=False` for those).

    References
    ----------
    Bitcoin Core, pow.cpp, ``CheckProofOfWork`` and ``GetNextWorkRequired``.
    """
    start = as_int("start_height", start_height, 0, 2**31 - 1)
    n = len(headers)
    if previous_hash is not None and len(previous_hash) != 32:
        raise InputError(f"previous_hash: must be 32 bytes, not {len(previous_hash)}")
    if n == 0:
        return

    def fail(index: int, problem: str) -> InputError:
        return InputError(f"header at height {start + index} (offset {index * HEADER_BYTES}): {problem}")

    previous = headers.fields["previous"]
    if previous_hash is not None and previous[0].tobytes() != bytes(previous_hash):
        raise fail(0, "does not point to the previous hash that was given")
    broken = np.flatnonzero((previous[1:] != headers.hashes[:-1]).any(axis=1))
    if broken.size:
        raise fail(int(broken[0]) + 1, "does not point to the header before it")
    _verify_work(headers, pow_limit_target, fail)
    if check_bits:
        _verify_bits(headers, start, pow_limit_target, fail)


def _verify_work(headers: Headers, limit: int, fail: _Fail) -> None:
    words = headers.hashes.view("<u8")[:, ::-1]  # most significant word first
    distinct, first, group = np.unique(headers.bits, return_index=True, return_inverse=True)
    targets = np.empty((len(distinct), 4), dtype=np.uint64)
    for k in np.argsort(first):
        try:
            target = target_from_bits(int(distinct[k]))
        except InputError as error:
            raise fail(int(first[k]), str(error)) from None
        if target > limit:
            raise fail(int(first[k]), f"bits 0x{int(distinct[k]):08x} are easier than the network allows")
        targets[k] = [target >> shift & (2**64 - 1) for shift in (192, 128, 64, 0)]
    wanted = targets[group]
    above = np.zeros(len(headers), dtype=bool)
    equal = np.ones(len(headers), dtype=bool)
    for column in range(4):
        above |= equal & (words[:, column] > wanted[:, column])
        equal &= words[:, column] == wanted[:, column]
    failed = np.flatnonzero(above)
    if failed.size:
        index = int(failed[0])
        raise fail(
            index, f"hash {headers.hash_hex(index)} is above the target of 0x{int(headers.bits[index]):08x}"
        )


def _verify_bits(headers: Headers, start: int, limit: int, fail: _Fail) -> None:
    bits, times = headers.bits, headers.time_s
    changed = np.flatnonzero(bits[1:] != bits[:-1]) + 1
    inside = changed[(start + changed) % BLOCKS_PER_EPOCH != 0]
    first_boundary = -start % BLOCKS_PER_EPOCH
    for boundary in range(first_boundary + BLOCKS_PER_EPOCH, len(headers), BLOCKS_PER_EPOCH):
        if inside.size and inside[0] < boundary:
            break
        begin, end = boundary - BLOCKS_PER_EPOCH, boundary - 1
        wanted = retarget(
            int(bits[end]),
            first_time_s=int(times[begin]),
            last_time_s=int(times[end]),
            pow_limit_target=limit,
        )
        if int(bits[boundary]) != wanted:
            raise fail(boundary, f"bits 0x{int(bits[boundary]):08x} where the retarget gives 0x{wanted:08x}")
    if inside.size:
        raise fail(int(inside[0]), "bits change inside a difficulty epoch")
