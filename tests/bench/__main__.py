"""Benchmarks of the way in, the warehouse and the gate: `python -m bench --sizes 500000,8000000 --output DIR`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bench import figures, gate, intake, nights, province, releases, scheduler, sick_sources
from bench.measure import Times, machine, peak_mb, write
from cchc.warehouse import embedded

Ratio = tuple[str, float, str]  # what, measured, goal


def main() -> int:
    """Make the warehouses, measure them in turns, print the table and write it; returns the exit code."""
    asked = _arguments()
    times = Times()
    try:
        ratios, facts = _warehouses(asked, times) if asked.sizes else ([], {})
        if asked.intake:
            ratios += _intake(asked, times)
        if asked.release:
            ratios += _release(asked, times)
        if asked.gate:
            judged, facts = _gate(asked, times, facts)
            ratios += judged
        if asked.sick_sources:
            ratios += sick_sources.measure(asked.data, times, _say)
        if asked.scheduler:
            sources, rounds = asked.scheduler
            scheduler.nights(sources, rounds, times, _say)
            ratios.append(
                ("seconds that the scheduler adds a source", scheduler.overhead(sources, times), "≤ 1")
            )
        print(write(asked.output, times, ratios, facts))
    finally:
        embedded.stop(asked.data / "postgres")
    return 0


def _warehouses(asked: argparse.Namespace, times: Times) -> tuple[list[Ratio], dict[str, Any]]:
    """Measure the night and the month; returns ratios and facts."""
    known = province.catalogue()
    engines = {}
    try:
        for size in asked.sizes:
            engines[size] = province.warehouse(asked.data, size, _say)
        for number in range(1, asked.rounds + 1):
            for size, engine in engines.items():
                _say(f"round {number}, {size:,} dossiers")
                nights.night(engine, size, times)
                figures.month(engine, known, size, times)
        peak = peak_mb()
        for size, engine in engines.items():
            times.add("first making of all marts", size, province.built_in(engine))
            _say(f"{size:,} dossiers: counting the records again")
            figures.recount(engine, known, size, times)
        _say(f"{min(asked.sizes):,} dossiers: making all marts anew")
        nights.rebuild(engines[min(asked.sizes)], min(asked.sizes), times)
        facts = {
            **machine(engines[min(asked.sizes)]),
            "rounds": asked.rounds,
            "peak Python memory MB": round(peak),
        }
        return _ratios(times, asked.sizes, peak), facts
    finally:
        for engine in engines.values():
            engine.dispose()


def _intake(asked: argparse.Namespace, times: Times) -> list[Ratio]:
    """Measure pull, door, landing and staging; returns ratios."""
    records, sources = asked.intake
    peak = intake.measure(asked.data, records, sources, asked.rounds, times, _say)
    _say(f"one source of {records:,} dossiers")
    alone = intake.one_source(asked.data, records, times)
    ours = times.median(intake.OURS, records)
    ratios = [
        (
            "pull to staging ÷ raw binary COPY of the staged rows",
            ours / times.median(intake.COPY, records),
            "–",
        ),
        ("peak memory of a pulling process, MB", peak, "< 300"),
        ("the same with one source, MB", alone, "< 300"),
    ]
    if (intake.DLT, records) in times:
        whole = times.median(intake.WHOLE, records)
        ratios += [
            ("pull to staging ÷ raw binary COPY of all columns", ours / whole, "≤ 4 of 500,000"),
            ("dlt, default ÷ pull to staging", times.median(intake.DLT, records) / ours, "≥ 20 of 500,000"),
        ]
    return ratios


def _release(asked: argparse.Namespace, times: Times) -> list[Ratio]:
    """Measure a whole release; returns ratios."""
    engine = province.warehouse(asked.data, asked.release, _say)
    try:
        known = province.catalogue()
        ratios = releases.publish(engine, known, asked.data, asked.release, asked.rounds, times, _say)
        return [*ratios, ("peak Python memory of publishing, MB", peak_mb(), "< 600")]
    finally:
        engine.dispose()


def _gate(
    asked: argparse.Namespace, times: Times, facts: dict[str, Any]
) -> tuple[list[Ratio], dict[str, Any]]:
    """Measure the gate, last: Great Expectations needs more memory than all of the rest; returns ratios and facts."""
    core, rows = asked.gate
    engine = gate.warehouse(asked.data, core, _say)
    try:
        _say(f"the gate: {rows:,} staged rows, {core:,} dossiers")
        gate.night(engine, province.catalogue(), core, rows, asked.rounds, times)
        peak = peak_mb()
        said = f"of {rows:,} rows beside {core:,} dossiers"
        by_hand = times.median(gate.BY_HAND, core)
        ratios = [
            (f"{operation} ÷ by hand, {said}", times.median(operation, core) / by_hand, goal)
            for operation, goal in ((gate.GATE, "≤ 3 of 1,000,000"), (gate.DOCUMENTED, "–"))
        ]
        ratios.append((f"peak Python memory of the gate, MB, {said}", peak, "< 600"))
        return ratios, {**machine(engine), "rounds": asked.rounds, **facts}
    finally:
        engine.dispose()


def _ratios(times: Times, sizes: list[int], peak: float) -> list[Ratio]:
    """Return what was asked, what was measured and the goal."""
    small, large = min(sizes), max(sizes)

    def over(above: str, below: str, size: int) -> float:
        return times.median(above, size) / times.median(below, size)

    def grown(operation: str) -> float:
        return times.median(operation, large) / times.median(operation, small)

    found = [("peak Python memory, MB", peak, "< 300")]
    if large > small:
        found += [
            (f"refresh, {large:,} ÷ {small:,}", grown(nights.REFRESH), "≤ 1.5"),
            (f"merge, {large:,} ÷ {small:,}", grown(nights.MERGE), "≤ 1.3"),
        ]
    found.append((f"rebuild ÷ refresh, {small:,}", over(nights.REBUILD, nights.REFRESH, small), "–"))
    for size in sizes:
        first = "first making of all marts"
        found += [
            (f"first making ÷ refresh, {size:,}", over(first, nights.REFRESH, size), "≥ 20 at full size"),
            (f"merge ÷ bare ON CONFLICT, {size:,}", over(nights.MERGE, nights.BARE, size), "≤ 1.5"),
            (
                f"index 766, one version ÷ by hand, {size:,}",
                over(figures.SET_ONE, figures.SET_BY_HAND, size),
                "≤ 2",
            ),
            (
                f"index 766, both versions ÷ by hand, {size:,}",
                over(figures.SET, figures.SET_BY_HAND, size),
                "≤ 2",
            ),
            (
                f"form II.06a, province ÷ by hand, {size:,}",
                over(figures.FORM, figures.FORM_BY_HAND, size),
                "≤ 2",
            ),
            (
                f"from the dossiers ÷ index 766, both versions, {size:,}",
                over(figures.RECOUNT, figures.SET, size),
                "≥ 20",
            ),
        ]
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--sizes", type=_numbers, default=[50_000, 200_000], help="dossiers; '': no warehouse"
    )
    parser.add_argument(
        "--gate",
        type=_numbers,
        default=[200_000, 200_000],
        help="dossiers in the warehouse, rows staged; '': no gate",
    )
    parser.add_argument(
        "--sick-sources", action="store_true", help="200 sources, 5 %% of them slow or hanging (a minute)"
    )
    parser.add_argument(
        "--intake", type=_numbers, default=[50_000, 10], help="dossiers pulled, sources; '': not measured"
    )
    parser.add_argument("--release", type=int, default=50_000, help="dossiers of a whole release; 0: none")
    parser.add_argument(
        "--scheduler", type=_numbers, default=[], help="sources, nights under the real scheduler (minutes)"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--data", type=Path, required=True, help="where the warehouses are kept for the next run"
    )
    parser.add_argument(
        "--output", type=Path, required=True, help="where bench.json and bench.md are written"
    )
    return parser.parse_args()


def _numbers(said: str) -> list[int]:
    return [int(number) for number in said.split(",") if number]


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
