"""Consensus arithmetic in exact integers: subsidy, targets, retarget, headers."""

from .difficulty import (
    HASHES_PER_DIFFICULTY,
    POW_LIMIT_TARGET,
    TARGET_TIMESPAN_S,
    bits_from_target,
    difficulty_from_bits,
    expected_hashes,
    hashes_per_difficulty,
    retarget,
    target_from_bits,
    work_from_bits,
)
from .headers import HEADER_BYTES, HEADER_DTYPE, Headers, parse_headers, verify_headers
from .heights import (
    BLOCKS_PER_EPOCH,
    BLOCKS_PER_HALVING,
    blocks_into_epoch,
    epoch_of,
    epoch_start,
    halving_height,
    subsidy_sat,
)

__all__ = [
    "BLOCKS_PER_EPOCH",
    "BLOCKS_PER_HALVING",
    "HASHES_PER_DIFFICULTY",
    "HEADER_BYTES",
    "HEADER_DTYPE",
    "POW_LIMIT_TARGET",
    "TARGET_TIMESPAN_S",
    "Headers",
    "bits_from_target",
    "blocks_into_epoch",
    "difficulty_from_bits",
    "epoch_of",
    "epoch_start",
    "expected_hashes",
    "halving_height",
    "hashes_per_difficulty",
    "parse_headers",
    "retarget",
    "subsidy_sat",
    "target_from_bits",
    "verify_headers",
    "work_from_bits",
]
