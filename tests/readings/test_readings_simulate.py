"""One operator on many paths: laws that hold path by path, and figures that no cut of the work may change."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import manometer
from manometer.errors import InputError, ModelError
from manometer.operator.operator import Operator
from manometer.operator.reader import read_operator
from manometer.operator.site import Site
from manometer.readings import levers_simulated as module
from manometer.readings.lever_changes import LEVERS
from manometer.readings.levers_simulated import levers_simulated
from manometer.readings.simulate import Ask, Interrupted, SimulationView, simulate
from manometer.results import mean_of

FILE = Path(__file__).parents[1] / "faces" / "small_listed.yaml"
ASK = Ask(paths=24, months=3, seed=5, threads=2)


@pytest.fixture(scope="module")
def operator() -> Operator:
    return read_operator(FILE)


@pytest.fixture(scope="module")
def view(operator, packaged) -> SimulationView:
    return simulate(operator, packaged, ASK)


def _same(data: dict) -> dict:
    how = ("wall_s", "prepare_s", "threads", "cluster", "stream")
    return {k: v for k, v in data.items() if k not in how}


@pytest.mark.parametrize(("threads", "chunk"), [(1, 1), (2, 7), (2, 24), (4, 1000)])
def test_no_cut_changes_a_bit(operator, packaged, view, threads, chunk):
    """Threads and chunks give the same figures to the last bit."""
    again = simulate(operator, packaged, replace(ASK, threads=threads, chunk=chunk))
    assert _same(again.data) == _same(view.data)


def test_more_paths_begin_with_the_same_ones(operator, packaged, view):
    """A path is its seed and its number: a short run begins a longer one; another seed is another run."""
    few = simulate(operator, packaged, replace(ASK, paths=5))
    for name in ("mined_sat", "own_btc", "first_day.margin_call"):
        assert (few.paths.column(name) == view.paths.column(name)[:5]).all()
    other = simulate(operator, packaged, replace(ASK, paths=5, seed=6))
    assert (other.paths.end_price_usd() != few.paths.end_price_usd()).all()


def test_a_stream_holds_what_memory_holds(operator, packaged, view, tmp_path):
    """Figures out of Parquet are those out of memory; the files can be read by themselves."""
    pl = pytest.importorskip("polars")
    streamed = simulate(operator, packaged, replace(ASK, stream=tmp_path / "run", chunk=10))
    assert _same(streamed.data) == _same(view.data)
    frame = pl.read_parquet(tmp_path / "run" / "paths-*.parquet").sort("path")
    assert frame["path"].to_list() == list(range(24))
    assert (frame["mined_sat"].to_numpy() == view.paths.column("mined_sat")).all()


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same(operator, packaged, view):
    """An embedded cluster of two processes."""
    pytest.importorskip("distributed")
    assert _same(simulate(operator, packaged, replace(ASK, cluster="local")).data) == _same(view.data)


def test_the_statement_holds_on_every_path(view):
    """Coins are conserved on each path, and the waterfall of means adds up to what was mined."""
    f = view.paths
    opening = f.btc("owned") - (f.btc("mined") + f.btc("bought") + f.btc("received"))
    opening += f.btc("sold") + f.btc("paid_out") + f.btc("seized") + f.btc("lost")
    assert np.allclose(opening, 16.0, atol=1e-9), "12 free and 4 posted on the eve"
    w = view.data["waterfall_btc"]
    out = sum(x["mean"] for x in w["sold_for"].values())
    out += sum(w[k]["mean"] for k in ("retained", "kept_as_cash", "seized", "paid_out"))
    assert out == pytest.approx(w["mined"]["mean"], rel=1e-12)
    last = view.data["fan"][-1]["retained_btc"]
    assert last["p50"] == view.data["retained_btc"]["p50"], "the fan ends where the table does"


def test_chances_hang_together(view):
    """The runway's tail, the survival curve and the chance of a shortfall are three views of one count."""
    d = view.data
    assert d["survival"][-1]["probability"] == d["survival_probability"]
    assert d["survival_probability"] + d["shortfall_probability"] == pytest.approx(1.0)
    assert d["runway_days"]["beyond_horizon_probability"] == d["survival_probability"]
    assert set(d["breach_probability"]) == {"liquidity"}
    beats = d["mining_beats_buying_probability"]["same_dates"]
    assert beats == np.mean(view.paths.btc("mined") > view.paths.spot()["same_dates"])


def test_a_stopped_run_goes_on(operator, packaged, view, monkeypatch):
    """Stopped after a chunk, it says how to go on; going on runs the rest, gives the same and tidies up."""
    from manometer.readings import simulate as reading

    real = reading.run_on_threads

    def stopped(work, todo, keep, *, threads):
        first = next(iter(todo))
        keep(first[0], work(*first))
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "run_on_threads", stopped)
    with pytest.raises(Interrupted, match=r"16 of 24 paths; they are kept in .*--resume"):
        simulate(operator, packaged, ASK)
    ran = []

    def counted(work, todo, keep, *, threads):
        todo = list(todo)
        ran.extend(todo)
        real(work, todo, keep, threads=threads)

    monkeypatch.setattr(reading, "run_on_threads", counted)
    with pytest.raises(InputError, match="no stopped run"):
        simulate(operator, packaged, replace(ASK, seed=6, resume=True))
    done = simulate(operator, packaged, replace(ASK, resume=True))
    assert ran == [(16, 8)]
    assert _same(done.data) == _same(view.data)
    with pytest.raises(InputError, match="no stopped run"):
        simulate(operator, packaged, replace(ASK, resume=True))


def test_nothing_later_than_the_eve_is_used(operator, packaged, view):
    """An as-of after the file's start changes nothing; one before it starts earlier, and says so."""
    later = simulate(operator, packaged, replace(ASK, paths=5), as_of="2024-06-30")
    assert (later.paths.column("mined_sat") == view.paths.column("mined_sat")[:5]).all()
    before = simulate(operator, packaged, replace(ASK, paths=2), as_of="2023-06-30")
    assert before.data["first_day"] == "2023-07-01"
    assert before.data["fitted_to"] == "2023-06-30"
    assert any("starts on 2023-07-01" in line for line in before.data["assumed"])


def test_wrong_asks(operator, packaged):
    """Each is named; an operator larger than the network is infeasible."""
    for wrong, said in (
        ({"paths": 0}, "paths"), ({"threads": 0}, "threads"), ({"chunk": 0}, "chunk"), ({"seed": -1}, "seed"),
        ({"process": "guess"}, "process"), ({"months": 0}, "months"),
        ({"drift_frac_per_year": -2.0}, "drift"),
        ({"path": 3}, "path"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=said):
            simulate(operator, packaged, **{"paths": 2, "months": 1, **wrong})
    with pytest.raises(InputError, match="not both"):
        simulate(operator, packaged, ASK, paths=3)
    site: Site = operator.sites[0]
    huge = replace(site, machines=(replace(site.machines[0], count=50_000_000),))
    with pytest.raises(ModelError, match="times the network's"):
        simulate(replace(operator, sites=(huge,)), packaged, ASK)


def test_a_billion_paths_ask_first(operator, packaged):
    """The estimate names memory, time and the way on, before anything large is made."""
    with pytest.raises(InputError, match=r"1,000,000,000 paths take about .* hours .* GiB .*--stream.*--yes"):
        simulate(operator, packaged, paths=10**9, months=1)


def test_the_front_door(packaged_path, monkeypatch, operator, view):
    """`manometer.simulate` opens the default store by itself."""
    monkeypatch.setenv("MANOMETER_STORE", str(packaged_path))
    assert _same(manometer.simulate(operator, ask=ASK).data) == _same(view.data)


CHEAP = ("sell all that is mined", "renegotiate power", "equity")


@pytest.fixture(scope="module")
def ranked(operator, packaged) -> dict:
    return levers_simulated(
        operator, packaged, replace(ASK, paths=12), survival=0.9, levers={k: LEVERS[k] for k in CHEAP}
    )


def test_levers_are_paired(operator, packaged, ranked):
    """A lever's row is the mean of the differences path by path, on the paths of the run itself."""
    row = next(r for r in ranked["levers"] if r["name"] == "renegotiate power")
    table = module._Table(operator, module.drivers_for(operator, ASK, packaged), ASK, None)
    cheaper = table.pull("renegotiate power", LEVERS["renegotiate power"], operator).operator
    a, b = (simulate(o, packaged, replace(ASK, paths=12)).paths for o in (cheaper, operator))
    paired = mean_of(a.retained() - b.retained())
    assert (row["retained_btc_delta"], row["se"]) == (paired.value, paired.se)
    alone = np.hypot(mean_of(a.retained()).se, mean_of(b.retained()).se)
    assert row["se"] < alone, "common random numbers must help"
    still = next(r for r in ranked["levers"] if r["name"] == "keep running")
    assert (still["net_btc_delta"], still["se"], still["survival_delta"]) == (0.0, 0.0, 0.0)


def test_shares_under_what_they_hold_are_never_first(ranked, operator, packaged):
    """The file's share sells at a tenth of its coins: it ranks under keep running, and no plan holds it."""
    names = [r["name"] for r in ranked["levers"]]
    row = ranked["levers"][names.index("equity")]
    assert row["below_net_asset_value"]
    assert names.index("equity") >= names.index("keep running")
    assert row["btc_per_share_delta_frac"] < 0
    assert "equity" not in {s["name"] for s in ranked["plan"]}
    dear = replace(operator, equity=replace(operator.equity, price_usd_per_share=50.0))
    again = levers_simulated(dear, packaged, replace(ASK, paths=4), levers={"equity": LEVERS["equity"]})
    row = next(r for r in again["levers"] if r["name"] == "equity")
    assert not row["below_net_asset_value"]
    assert row["btc_per_share_delta_frac"] > 0, "shares sold dear give today's owners coins"


def test_a_plan_is_judged_on_paths_it_never_saw(ranked, operator, packaged, monkeypatch):
    """The search sees paths 0 to n, the estimate n to 2n; cheaper power is in any plan."""
    assert "renegotiate power" in {s["name"] for s in ranked["plan"]}
    r = ranked["plan_result"]
    assert (r["search_paths"], r["fresh_paths"]) == (12, 12)
    seen = []
    real = module._Table.tried

    def tried(self, operator, n_paths, shift=0):
        seen.append((n_paths, shift))
        return real(self, operator, n_paths, shift)

    monkeypatch.setattr(module._Table, "tried", tried)
    levers_simulated(operator, packaged, replace(ASK, paths=4, months=1), levers={"equity": LEVERS["equity"]})
    assert seen == [(4, 0), (4, 4), (4, 4)]
    with pytest.raises(InputError, match="survival"):
        levers_simulated(operator, packaged, ASK, survival=0.0)


def test_a_forward_is_no_gift(operator, packaged, view):
    """It is struck 3 % under the mean hashprice of the paths, so on average it costs its holder that."""
    table = module._Table(operator, module.drivers_for(operator, ASK, packaged), ASK, None)
    expected = module._expected(view.paths, table.drivers)
    assert expected == tuple(r["hashprice_usd_per_phs_day"]["mean"] for r in view.data["fan"])
    table = replace(table, expected=expected)
    for month in (0, 2):
        lever = table.pull("hedge hashprice", LEVERS["hedge hashprice"], operator, month)
        contract = lever.operator.hedges[-1]
        assert contract.hashprice_usd_per_phs_day == pytest.approx(0.97 * np.mean(expected[month:]))
        assert contract.starts.month == 1 + month


def test_a_home_has_one_path(packaged):
    """Its owner pays: net bitcoin of a treasury is not its measure."""
    home = read_operator(Path(__file__).parents[2] / "examples" / "bitaxe_at_home.yaml")
    with pytest.raises(InputError, match="one path"):
        levers_simulated(home, packaged, ASK)
