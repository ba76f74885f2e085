"""The operator file's reader: right values, every problem by its line, and nothing that outside bytes can break."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from manometer.errors import InputError
from manometer.operator.money import POLICY_NAMES
from manometer.operator.quantity import UNITS, Money, example, read_quantity
from manometer.operator.reader import check_operator, parse_operator, read_operator
from manometer.operator.schema import operator_schema
from manometer.operator.settings import replaced
from manometer.operator.starters import STARTERS, starter
from manometer.policies import POLICIES

BAD = Path(__file__).parent / "bad"
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
ROWS = list(csv.DictReader((BAD / "expected.csv").read_text(encoding="utf-8").splitlines()))


class _Plain(yaml.SafeLoader):
    """Dates stay text, as an editor's schema sees them."""


_Plain.yaml_implicit_resolvers = {
    k: [r for r in v if not r[0].endswith("timestamp")]
    for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.mark.parametrize("row", ROWS, ids=[r["file"] for r in ROWS])
def test_a_bad_file_is_told_where_and_what_would_be_right(row):
    """The line, the path, and the words that help."""
    problems = check_operator(BAD / row["file"])
    found = [(str(p.line), p.path) for p in problems if row["needle"] in p.message]
    assert (row["line"], row["path"]) in found, [str(p) for p in problems]
    with pytest.raises(InputError):
        read_operator(BAD / row["file"])


def test_every_bad_file_is_expected_and_there_are_fifty():
    """No file without its row."""
    assert {r["file"] for r in ROWS} == {f.name for f in BAD.glob("*.yaml")}
    assert len(ROWS) >= 50


def test_all_problems_are_told_in_the_order_of_lines():
    """Five faults, five lines."""
    text = b"operator: A\nsites:\n  - name: x\n    overheat: 1\n    lease: 5\n    machines:\n      - {model: S21}\n"
    problems = parse_operator(text + b"treasury: {policy: hodl, cash: -1 USD}\n")[1]
    assert [(p.line, p.path) for p in problems] == [
        (4, "sites[0].overheat"),
        (5, "sites[0].lease"),
        (7, "sites[0].machines[0]"),
        (8, "treasury.cash"),
        (8, "treasury.policy"),
    ]


def test_values_are_canonical_and_remember_their_currency():
    """Guaranies become dollars at the file's rate."""
    operator = read_operator(next(f for f in EXAMPLES if "paraguay" in f.name))
    price = operator.sites[0].power.price_usd_per_mwh
    assert price == pytest.approx(280_000 / 7300)
    assert isinstance(price, Money)
    assert price.currency == "PYG"
    assert operator.sites[0].limit_mw == 60.0
    assert operator.treasury.share_frac == pytest.approx(0.8)
    assert operator.loans[0].amount_usd == 6e6


def test_a_file_of_100_mb_is_refused_without_being_read(tmp_path):
    """And so is what is no file at all."""
    big = tmp_path / "big.yaml"
    with big.open("wb") as stream:
        stream.truncate(100_000_000)
    began = time.monotonic()
    with pytest.raises(InputError, match="over 1 MB"):
        check_operator(big)
    assert time.monotonic() - began < 1.0
    with pytest.raises(InputError, match="not a file"):
        check_operator(tmp_path)
    with pytest.raises(InputError, match="not there"):
        check_operator(tmp_path / "none.yaml")


def test_too_many_values_are_refused():
    """Before any node of them is made."""
    assert "50,000" in parse_operator(b"operator: [" + b"1," * 60_000 + b"1]")[1][0].message


@pytest.mark.parametrize("kind", STARTERS)
def test_a_starter_is_right_and_commented(kind):
    """`fleet new` writes what `fleet check` takes."""
    text = starter(kind)
    operator, problems = parse_operator(text.encode())
    assert (problems, operator is not None) == ([], True)
    assert text.count("#") > 3


@pytest.mark.parametrize("file", EXAMPLES, ids=[f.stem for f in EXAMPLES])
def test_the_schema_takes_what_the_reader_takes(file):
    """And refuses a mistyped key."""
    schema = operator_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    data = yaml.load(file.read_text(encoding="utf-8"), _Plain)
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(data)) == []
    assert list(validator.iter_errors({**data, "tresury": {}}))


def test_a_setting_takes_the_place_of_a_value():
    """Lists by number, new keys where the schema has them."""
    raw = starter("site").encode()
    operator, problems = parse_operator(
        replaced(raw, {"sites.0.power.price": "40 USD/MWh", "treasury.policy": "hold", "tax.rate": "10 %"})
    )
    assert problems == []
    assert operator is not None
    assert (operator.sites[0].power.price_usd_per_mwh, operator.treasury.policy) == (40.0, "hold")
    assert operator.tax is not None
    with pytest.raises(InputError, match="1 entries"):
        replaced(raw, {"sites.7.name": "x"})


def test_the_policies_of_a_file_are_those_there_are():
    """Hedging sells to cover, with contracts beside it."""
    assert set(POLICY_NAMES) == {*POLICIES, "hedge"}


@pytest.mark.parametrize("suffix", UNITS)
def test_the_example_of_each_unit_is_read(suffix):
    """What a message tells people to write is right."""
    assert read_quantity(example(suffix), suffix) > 0


@settings(max_examples=4000, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_by_line(raw):
    """Nothing but problems comes of noise."""
    operator, problems = parse_operator(raw)
    assert operator is None
    assert problems
    assert all(p.line >= 1 and p.message for p in problems)


_TEXT = starter("listed")


@settings(max_examples=6000, deadline=None)
@given(st.integers(0, len(_TEXT)), st.integers(0, 40), st.text(max_size=12))
def test_a_damaged_file_is_read_or_refused_by_line(at, length, put):
    """A cut, a paste, a typing error."""
    operator, problems = parse_operator((_TEXT[:at] + put + _TEXT[at + length :]).encode("utf-8", "replace"))
    assert (operator is None) == bool(problems)
    assert all(p.line >= 1 and p.message and "\n" not in p.message for p in problems)


@settings(max_examples=2000, deadline=None)
@given(st.text(max_size=30) | st.floats() | st.integers() | st.none(), st.sampled_from(sorted(UNITS)))
def test_any_quantity_is_a_finite_number_or_an_input_error(value, suffix):
    """No other error, no infinity."""
    try:
        read = read_quantity(value, suffix)
    except InputError:
        return
    assert 0 <= read < float("inf")
