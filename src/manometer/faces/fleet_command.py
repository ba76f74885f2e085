"""``manometer fleet``: check an operator file, run it, start one, compare two."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from ..errors import InputError
from ..units import parse_quantity
from .options import Number, Output, Reading, Table, check_number, opened
from .screen import flat, progress_bar, publish, screen_width, show, write_csv, write_json
from .simulate_command import ask_of, day_of, simulate, tell_of_compiling, whole

if TYPE_CHECKING:
    from ..readings.fleet import FleetView, Terms

__all__ = ["fleet_app", "run_file"]

Starter = Literal["home", "site", "listed"]
_File = Annotated[Path, Parameter(help="Operator file (YAML).", allow_leading_hyphen=False)]
_Set = Annotated[
    list[str] | None,
    Parameter(
        name="--set",
        metavar="KEY=VALUE",
        negative=(),
        help="Put a value in place of the file's, such as treasury.policy=hold; may be repeated.",
    ),
]
_From = Annotated[
    str | None, Parameter(name="--from", metavar="DATE", help="First day, else the file's start.")
]
_Months = Annotated[Number, Parameter(help="How long, 1 to 240; 12, or all of a --path.")]
_Price = Annotated[Number, Parameter(help="USD per BTC that stays; else that of the day before the start.")]
_Replay = Annotated[str | None, Parameter(metavar="DATE", help="Deal history again from this day.")]
_Shock = Annotated[Number, Parameter(help="Move every price by a fraction: -0.2 is a fall of 20 %.")]
_Path = Annotated[
    Path | None,
    Parameter(name="--path", metavar="FILE", help="CSV: date, price_usd, difficulty (low_usd, fees_btc)."),
]


def fleet_app() -> App:
    """Return the group of commands."""
    app = App(name="fleet", help="One operator: from hashes to retained bitcoin.", help_format="plaintext")
    app.default_parameter = Parameter(show_default=False)
    for function, name in (
        (check, "check"),
        (run, "run"),
        (simulate, "simulate"),
        (levers, "levers"),
        (compare, "compare"),
        (new, "new"),
    ):
        app.command(function, name=name)
    app.command(schema, name="schema")
    return app


def check(file: _File, /, *, output: Output = Output()) -> int:  # noqa: B008
    """Check an operator file: every problem with its line, its path and what would be right."""
    from ..operator.reader import check_operator

    problems = check_operator(file)
    if output.json:
        rows = [{"line": p.line, "path": p.path, "message": p.message} for p in problems]
        write_json({"ok": not problems, "problems": rows})
    elif problems:
        for p in problems:
            sys.stdout.write(f"{file}:{p}\n")
    else:
        sys.stdout.write(f"{file}: is right\n")
    return 2 if problems else 0


def schema() -> int:
    """Print the JSON Schema of the operator file, for editors."""
    from ..operator.schema import operator_schema

    sys.stdout.write(json.dumps(operator_schema(), indent=1) + "\n")
    return 0


def new(
    kind: Starter,
    /,
    *,
    out: Annotated[
        Path | None, Parameter(name=("--out", "-o"), help="Where to write it; else stdout.")
    ] = None,
) -> int:
    """Write a commented operator file to start from: home, site or listed."""
    from ..operator.starters import starter

    text = starter(kind)
    if out is None:
        sys.stdout.write(text)
        return 0
    try:
        with out.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise InputError(f"{out} is there already; give another name") from None
    except OSError as error:
        raise InputError(f"cannot write {out}: {error.strerror}") from None
    sys.stdout.write(f"written: {out}\n")
    return 0


def terms_of(
    start: str | None,
    months: str | None,
    price_usd: str | None,
    replay: str | None,
    shock: str | None,
    path: Path | None,
    step: str = "month",
    gross: bool = False,
) -> Terms:
    """Read what a run is asked for."""
    from ..readings.fleet import Terms

    return Terms(
        start=day_of(start, "from"),
        months=None if months is None else whole(months, "months", 12, low=1, high=240),
        price_usd=None
        if price_usd is None
        else parse_quantity(price_usd, "usd", name="price-usd", low=1, high=1e9),
        replay=day_of(replay, "replay"),
        shock_frac=None if shock is None else check_number(shock, "shock", low=-0.99, high=100),
        table=path,
        step=step,
        gross_of_credits=gross,
    )


def run_file(
    file: Path, settings: list[str] | None, terms: Terms, reading: Reading, output: Output
) -> FleetView:
    """Read a file and run it on the path that is asked for."""
    from ..readings.fleet import fleet_path, fleet_reading, read_with

    operator = read_with(file, settings or [])
    path = fleet_path(operator, terms, opened(output), reading.as_of_s())
    return fleet_reading(operator, path, terms, folder=file.parent)


def run(
    file: _File,
    /,
    *,
    start: _From = None,
    months: _Months = None,
    price_usd: _Price = None,
    replay: _Replay = None,
    shock: _Shock = None,
    path: _Path = None,
    step: Annotated[str, Parameter(help="month (default), week (the first 13) or day.")] = "month",
    settings: _Set = None,
    gross_of_credits: Annotated[
        bool, Parameter(name="--gross-of-credits", negative=(), help="Cost layers before power credits.")
    ] = False,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Run an operator: where each mined bitcoin went, what was kept, what was earned, and who paid.

    Without --replay or --path the price, difficulty and fees of the day
    before the start stay; the subsidy halves at its height.
    """
    terms = terms_of(start, months, price_usd, replay, shock, path, step, gross_of_credits)
    view = run_file(file, settings, terms, reading, output)
    rows = view.data.get(step + "s") or view.data["months"]
    from .fleet_page import fleet_page

    publish(
        view.data,
        lambda: fleet_page(view.data, screen_width(), quiet=output.quiet),
        json=output.json,
        csv=csv,
        rows=[flat(row) for row in rows],
    )
    return 0


def compare(
    first: _File,
    second: _File,
    /,
    *,
    start: _From = None,
    months: _Months = None,
    price_usd: _Price = None,
    replay: _Replay = None,
    shock: _Shock = None,
    path: _Path = None,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Run two operator files on one path and put them side by side."""
    from .compare_page import COMPARED, COMPARED_AT_HOME, compare_page

    terms = terms_of(start, months, price_usd, replay, shock, path)
    views = [run_file(f, None, terms, reading, output).data for f in (first, second)]
    if views[0]["first_day"] != views[1]["first_day"] or views[0]["price_usd"] != views[1]["price_usd"]:
        raise InputError(
            "the files start on different days: give --from or --replay, so that both meet the same path"
        )
    homes = [v["kind"] == "home" for v in views]
    if any(homes) and not all(homes):
        raise InputError("one of the files is a home: it has no lines in common with a business")
    rows: list[dict[str, Any]] = []
    for key, label, unit in COMPARED_AT_HOME if all(homes) else COMPARED:
        a, b = (_dig(v, key) for v in views)
        if all(homes) and a is None and b is None:
            continue
        rows.append({"key": key, "label": label, "unit": unit, "first": a, "second": b})
    publish(
        {"first": views[0], "second": views[1], "rows": rows},
        lambda: compare_page(views, rows),
        json=output.json,
        csv=csv,
        rows=rows,
    )
    return 0


def _dig(data: Any, key: str) -> Any:
    for part in key.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data


def levers(
    file: _File,
    /,
    *,
    start: _From = None,
    months: _Months = None,
    price_usd: _Price = None,
    replay: _Replay = None,
    shock: _Shock = None,
    path: _Path = None,
    settings: _Set = None,
    paths: Annotated[
        Number, Parameter(help="Rank on this many simulated paths, the same for all, and search for a plan.")
    ] = None,
    survival: Annotated[
        Number, Parameter(help="Least share of paths on which the plan meets every bill; 0.95 by default.")
    ] = None,
    seed: Annotated[Number, Parameter(help="Of the paths; 1 by default.")] = None,
    process: Annotated[
        str | None, Parameter(help="Price process of the paths; garch_fhs by default.")
    ] = None,
    drift: Annotated[Number, Parameter(help="Growth of the median price a year; 0 by default.")] = None,
    threads: Annotated[Number, Parameter(help="All cores by default.")] = None,
    cluster: Annotated[str | None, Parameter(metavar="ADDRESS", help="A dask scheduler, or local.")] = None,
    csv: Table = None,
    reading: Reading = Reading(),  # noqa: B008
    output: Output = Output(),  # noqa: B008
) -> int:
    """Rank what the operator can do by the bitcoin that each lever keeps.

    On one path; with --paths on many, each lever on the same ones, with
    standard errors and the plan that keeps the most and survives.
    """
    from ..readings.fleet import fleet_path, read_with

    operator = read_with(file, settings or [])
    simulated = paths is not None or survival is not None
    fixed = {"--price-usd": price_usd, "--replay": replay, "--shock": shock, "--path": path}
    drawn = {
        "--seed": seed,
        "--process": process,
        "--drift": drift,
        "--threads": threads,
        "--cluster": cluster,
    }
    if other := [k for k, v in (fixed if simulated else drawn).items() if v is not None]:
        if simulated:
            raise InputError(f"{other[0]} fixes one path, --paths draws many; keep one")
        raise InputError(f"{other[0]} is of simulated paths: say how many with --paths")
    with progress_bar("trying the levers", wanted=not (output.quiet or output.json)) as progress:
        if simulated:
            from ..readings.levers_simulated import levers_simulated

            ask = ask_of(paths, months, seed, process or "garch_fhs", drift, start, reading, threads, cluster)
            tell_of_compiling(output)
            target = (
                0.95 if survival is None else check_number(survival, "survival", low=0, high=1, above=True)
            )
            with opened(output)() as store:
                data = levers_simulated(
                    operator, store, ask, survival=target, folder=file.parent, progress=progress
                )
        else:
            from ..readings.levers import levers_reading

            terms = terms_of(start, months, price_usd, replay, shock, path)
            driver = fleet_path(operator, terms, opened(output), reading.as_of_s())
            data = levers_reading(operator, driver, folder=file.parent, progress=progress)
    if csv is not None:
        write_csv(csv, [flat(row) for row in data["levers"]], json=output.json)
    if output.json:
        write_json(data)
    elif csv is None or str(csv) != "-":
        if simulated:
            from .simulate_page import simulated_levers_page as page
        else:
            from .fleet_page import levers_page as page
        show(page(data, screen_width()))
    return 0
