"""Units: what people write becomes the canonical float, or one line that says what would be right."""

from __future__ import annotations

import doctest
import math
import os
import random

import pytest

from manometer import errors, units
from manometer.errors import InputError, unknown_name
from manometer.units import SUFFIXES, USD_PER_PHS_DAY_PER_USD_PER_MWH, fractional_year, parse_quantity

N_FUZZ = int(os.environ.get("MANOMETER_FUZZ", "10000"))


@pytest.mark.parametrize(
    ("text", "suffix", "value"),
    [
        ("55 USD/MWh", "usd_per_mwh", 55.0),
        ("5.5 c/kWh", "usd_per_mwh", 55.0),
        ("0.055 $/kWh", "usd_per_mwh", 55.0),
        ("32.5 J/TH", "j_per_th", 32.5),
        ("1,200.5", "usd", 1200.5),
        ("12 MUSD", "usd", 12e6),
        ("90 days", "days", 90.0),
        ("600 PH/s", "ehs", 0.6),
        (" 50usd/ph/day ", "usd_per_phs_day", 50.0),
        (42, "usd", 42.0),
    ],
)
def test_what_people_write(text: str | float, suffix: str, value: float) -> None:
    assert parse_quantity(text, suffix) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    "text", ["", "abc", "5 furlongs", "nan", "inf", "-5 USD", "1e999", "5 5 USD", "--3", "٣"]
)
def test_what_is_no_quantity_gets_one_line(text: str) -> None:
    with pytest.raises(InputError) as error:
        parse_quantity(text, "usd", name="price")
    assert str(error.value).startswith("price")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("bare", ["0.055", ".055", 0.055])
def test_a_power_price_per_kwh_without_its_unit_is_refused(bare: str | float) -> None:
    with pytest.raises(InputError) as error:
        parse_quantity(bare, "usd_per_mwh", name="power-price")
    assert str(error.value) == (
        "power-price: 0.055 has no unit and is too small for USD/MWh; write '0.055 USD/kWh' or '55 USD/MWh'"
    )
    assert parse_quantity("0.5 USD/MWh", "usd_per_mwh") == 0.5
    assert parse_quantity("0", "usd_per_mwh") == 0
    assert parse_quantity("1", "usd_per_mwh") == 1
    assert parse_quantity("0.055", "usd_per_phs_day") == 0.055


def test_any_text_is_a_number_in_range_or_one_line() -> None:
    rng = random.Random(4)
    alphabet = "0123456789.,_+-eE /$cuUsdDMWhkKJTHP\x00é٣\n\t'\"%"
    for _ in range(N_FUZZ):
        text = "".join(rng.choices(alphabet, k=rng.randrange(14)))
        said, value = "", 0.0
        try:
            value = parse_quantity(text, rng.choice(list(SUFFIXES)), high=1e9)
        except InputError as error:
            said = str(error)
        assert "\n" not in said
        assert math.isfinite(value)
        assert 0 <= value <= 1e9


def test_hashcost_factor_by_hand() -> None:
    """1000 TH x J/TH x 86,400 s / 3.6e9 J per MWh = 0.024, and not 24 (a mistake found in public pages)."""
    assert pytest.approx(0.024) == USD_PER_PHS_DAY_PER_USD_PER_MWH


def test_fractional_year_of_known_days() -> None:
    assert fractional_year(0) == 1970.0
    assert fractional_year(20_089) == pytest.approx(2025.0, abs=0.003)  # 2025-01-01


def test_an_unknown_name_lists_and_suggests() -> None:
    text = str(unknown_name("machine", "antminer s21 por", ["Antminer S21 Pro", "Whatsminer M60"]))
    assert "did you mean 'Antminer S21 Pro'" in text
    assert "Whatsminer M60" in text


def test_exit_codes_of_the_family() -> None:
    codes = {e.__name__: e.exit_code for e in (errors.InputError, errors.DataError, errors.ModelError)}
    assert codes == {"InputError": 2, "DataError": 3, "ModelError": 1}
    assert errors.SourceError.exit_code == 3
    assert errors.InternalError.exit_code == 1


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(units).failed == 0
