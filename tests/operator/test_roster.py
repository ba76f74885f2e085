"""The roster: the packaged table is whole, and a table of one's own is told what is wrong with it."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

import manometer.operator as room
from manometer.errors import InputError
from manometer.operator.episodes import EPISODES, read_episode
from manometer.operator.roster import COLUMNS, GRADES, read_roster, roster_of_eve

PACKAGED = Path(room.__file__).with_name("roster.csv")
DATES = ("2018-10-31", "2022-05-31", "2022-10-31", "2024-03-31", "2025-08-22")
GOOD = "date,kind,name,ehs,share_of_rest_frac,posted_btc,coin_loan_usd,coin_lender,equity_usd\n"
ROWS = (
    "2025-01-01,lender,bank,,,,,,1e9",
    "2025-01-01,listed,A,10,,100,1e6,bank,",
    "2025-01-01,rest,B,,1,,,,",
)


def table(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "mine.csv"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("on", DATES)
def test_the_packaged_table_has_a_roster(on: str) -> None:
    roster = roster_of_eve(date.fromisoformat(on) + timedelta(days=1))
    assert roster.on.isoformat() == on
    assert sum(m.share_of_rest_frac for m in roster.members) == pytest.approx(1.0)
    assert all(m.source for m in roster.members)
    for m in roster.members:
        assert all(m.grade(c) in GRADES for c in COLUMNS)
    assert 0 <= roster.assumed_debt_frac <= 1


def test_what_is_filed_is_what_was_filed() -> None:
    # CleanSpark 10-Q 2025-06-30 and MARA 10-Q 2022 (published_events).
    clsk = next(m for m in read_roster(date(2025, 8, 23)).members if m.name == "CLSK")
    assert (clsk.cash_usd, clsk.free_btc, clsk.term_debt_usd) == (34_553_000, 10_075, 643_913_000)
    assert clsk.grade("cash_usd") == "filed"
    assert clsk.grade("overhead_usd_per_month") == "assumed"
    mara = next(m for m in roster_of_eve(date(2022, 11, 1)).members if m.name == "MARA")
    assert mara.posted_btc == 7_821
    assert mara.posted_btc + mara.free_btc == 11_440
    assert mara.coin_loan_usd / mara.posted_btc / 16_212.50 == pytest.approx(0.789, abs=5e-4)


def test_a_roster_is_read_from_the_day_it_was_known() -> None:
    # MARA's 10-Q of November tells of October: on the first of November nobody had it.
    assert read_roster(date(2022, 11, 1)).on == date(2022, 5, 31)
    assert read_roster(date(2022, 11, 10)).on == date(2022, 10, 31)
    assert roster_of_eve(date(2022, 11, 1)).on == date(2022, 10, 31)
    with pytest.raises(InputError, match="no population was known on 2018-01-01; its days are 2018-10-31"):
        read_roster(date(2018, 1, 1))
    with pytest.raises(InputError, match="no population before 2018-01-01"):
        roster_of_eve(date(2018, 1, 1))


def test_the_packaged_columns_are_all_of_them() -> None:
    with PACKAGED.open(encoding="utf-8", newline="") as f:
        assert tuple(next(csv.reader(f))) == COLUMNS


def test_a_table_of_ones_own_is_read(tmp_path: Path) -> None:
    roster = read_roster(date(2025, 2, 1), table(tmp_path, GOOD + "\n".join(ROWS)))
    assert [m.name for m in roster.members] == ["A", "B"]
    assert roster.debt_usd == 1e6
    assert roster.assumed_debt_frac == 1.0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("A,10,,100", "A,ten,,100", r":3: ehs 'ten' must be a number from 0 to 1e\+06"),
        ("A,10,,100", "A,,,100", ":3: A is listed and has no hashrate; give ehs"),
        ("A,10,,100", "A,10,,", "owes 1,000,000 USD against coins but posts none"),
        ("1e6,bank", "1e6,bonk", "A owes 1,000,000 USD: unknown lender 'bonk'"),
        ("rest,B,,1", "rest,B,,0.5", "shared out to 0.5; the share_of_rest_frac of rows of kind rest must add up to 1"),
        ("rest,B", "rest,A", ":4: A stands twice"),
        ("listed,A", "company,A", ":3: unknown kind 'company'"),
        ("2025-01-01,listed", "01/01/2025,listed", ":3: date '01/01/2025' must be a day such as"),
        ("date,kind", "dote,kind", ":1: unknown column 'dote'"),
        ("kind,name,ehs", "kind,ehs,ehs", ":1: the column name is missing"),
        ("10,,100,1e6,bank,", "10,,100,1e6,bank,,", ":3: has 10 cells where the header has 9"),
        ("A,10,,100", "A,nan,,100", ":3: ehs 'nan' must be a number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = (GOOD + "\n".join(ROWS)).replace(old, new, 1)
    with pytest.raises(InputError, match=says) as raised:
        read_roster(date(2025, 2, 1), table(tmp_path, text))
    assert "mine.csv" in str(raised.value)


def test_what_is_known_before_it_is_so_is_refused(tmp_path: Path) -> None:
    header = GOOD.strip() + ",known\n"
    rows = [r + "," for r in ROWS]
    rows[2] += "2024-12-31"
    with pytest.raises(InputError, match=":4: known 2024-12-31 is before its date"):
        read_roster(date(2025, 2, 1), table(tmp_path, header + "\n".join(rows)))


def test_levels_that_fall_are_refused(tmp_path: Path) -> None:
    header = GOOD.strip() + ",call_frac,restore_frac\n"
    rows = [r + ",," for r in ROWS]
    rows[1] = ROWS[1] + ",0.6,0.7"
    with pytest.raises(InputError, match="must not fall in this order"):
        read_roster(date(2025, 2, 1), table(tmp_path, header + "\n".join(rows)))


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"a\0b", b'date,kind,name\n"'])
def test_what_is_no_table_is_refused(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(raw)
    with pytest.raises(InputError, match=r"mine\.csv"):
        read_roster(date(2025, 2, 1), file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_roster(date(2025, 2, 1), tmp_path / "none.csv")


@pytest.mark.parametrize("name", EPISODES)
def test_each_episode_has_a_roster_of_its_eve(name: str) -> None:
    e = read_episode(name)
    assert (e.first - roster_of_eve(e.first).on).days == 1
    assert e.balance_sheets == bool(e.published)


def test_an_unknown_episode_lists_those_there_are() -> None:
    with pytest.raises(InputError, match="2022-06"):
        read_episode("2022-07")


@pytest.mark.shared
def test_what_is_published_is_what_the_data_say(shared_data: Path) -> None:
    with (shared_data / "published_events.csv").open(encoding="utf-8", newline="") as f:
        events = list(csv.DictReader(f))
    sold = sum(float(e["btc"]) for e in events if e["company"] == "Bitfarms" and e["event"] == "coins sold")
    by_name = {(p.name, p.what): p.value for n in EPISODES for p in read_episode(n).published}
    assert by_name["BITF", "sold_btc"] == sold
    mara = next(e for e in events if e["company"] == "MARA")
    assert by_name["MARA", "posted_btc"] == float(mara["btc"])
    listed = next(e for e in events if e["company"] == "listed miners")
    assert by_name["listed", "sold_btc"] == float(listed["btc"])
