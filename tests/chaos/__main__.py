"""The exhaustive form: `python -m tests.chaos --seeds 200` kills at every moment, then by seed."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.chaos.bench import FORTY_TWO, Bench, open_benches
from tests.chaos.schedules import bad_day, live_through
from tests.chaos.sweep import Tally, every_kill, in_parallel, survey, sweep


def main() -> int:
    """Sweep and play the seeds; return 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="random bad days after the sweep")
    parser.add_argument("--first-seed", type=int, default=0, help="to repeat one: with --seeds 1")
    parser.add_argument("--benches", type=int, default=2, help="emulators at once, one a core")
    parser.add_argument(
        "--state", choices=("local", "s3"), default="local", help="the store's place"
    )
    parser.add_argument("--no-sweep", action="store_true", help="the seeds alone")
    given = parser.parse_args()
    state = {"store": given.state}
    with (
        tempfile.TemporaryDirectory() as folder,
        open_benches(Path(folder), given.benches, images=FORTY_TWO, state=state) as benches,
    ):
        moments = survey(benches[0])
        tally = Tally()
        if not given.no_sweep:
            kills = every_kill(moments)
            tally = sweep(kills, benches, told=lambda now: _progress("kill", now.size, len(kills)))
            sys.stdout.write(f"{tally.report()}\n")
        seeds = range(given.first_seed, given.first_seed + given.seeds)
        broken = _play(seeds, moments, benches)
    return int(bool(tally.failures or tally.missed_records or broken))


def _play(seeds: range, moments: dict[str, int], benches: list[Bench]) -> list[str]:
    """Live through the bad day of each seed and print what came of them."""
    broken: list[str] = []
    runs = 0
    days = in_parallel(
        lambda seed, bench: live_through(bad_day(seed, moments), bench), seeds, benches
    )
    for done, (seed, (ends, verdict)) in enumerate(zip(seeds, days, strict=True), start=1):
        runs += len(ends)
        broken += [f"seed {seed}: {fault}" for fault in verdict.faults]
        _progress("seed", done, len(seeds))
    size = f"seeds: {len(seeds)}, runs: {runs}, promises broken: {len(broken)}"
    sys.stdout.write("\n".join([size, *broken, ""]))
    return broken


def _progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{what} {done} of {total}" + ("\n" if done == total else ""))


if __name__ == "__main__":
    sys.exit(main())
