"""Calls over HTTP: the emulator's server against moto's own with the same engine behind."""

import sys
from collections.abc import Iterator

from benchmarks.figures import NEARLY_LINEAR, Figure, Form, Goal, Subject, at_least, growth
from benchmarks.measuring import compare, ratio_figure, wall_seconds
from benchmarks.server_calls import FLASK, Call, Server, calls, make, motos_server, our_server
from benchmarks.server_calls import prepare as prepared

ROUNDS = 3
MOTOS_CALLS = 320
OUR_CALLS = 1_600
"""More, since the system counts a process's CPU time in hundredths of a second."""
THREADS = (1, 16)
GOALS: dict[str, Goal] = {"DescribeProjects": at_least(10)}
SIZES = (2_000, 4_000, 8_000)


def cpu_milliseconds(server: Server, call: Call, *, times: int, threads: int) -> float:
    """Return what a call costs its server."""
    before = server.cpu_seconds
    make(call, server.url, times=times, threads=threads)
    return 1000 * (server.cpu_seconds - before) / times


def measure(form: Form) -> Iterator[Figure]:
    """Compare what each call costs the servers, in turn."""
    if not FLASK.exists():
        print("control_calls: `make .bench/.installed` makes moto's server", file=sys.stderr)
        return
    with our_server() as ours, motos_server() as motos:
        both = {server.url: calls(prepared(server.url)) for server in (ours, motos)}
        for our_call, motos_call in zip(both[ours.url], both[motos.url], strict=True):
            for threads in THREADS:
                yield _compared(ours, motos, (our_call, motos_call), threads)
        for threads in THREADS:
            yield _rates(ours, motos, (both[ours.url][0], both[motos.url][0]), threads)
        yield from _ours_alone(ours, both[ours.url])


def _compared(ours: Server, motos: Server, pair: tuple[Call, Call], threads: int) -> Figure:
    our_call, motos_call = pair
    found = compare(
        lambda: cpu_milliseconds(motos, motos_call, times=MOTOS_CALLS, threads=threads),
        lambda: cpu_milliseconds(ours, our_call, times=OUR_CALLS, threads=threads),
        rounds=ROUNDS,
    )
    what = f"server's CPU, moto's against ours, {our_call.name}, {threads} threads"
    return ratio_figure(what, found, "ms", GOALS.get(our_call.name))


def _rates(ours: Server, motos: Server, pair: tuple[Call, Call], threads: int) -> Figure:
    def rate(server: Server, call: Call, times: int) -> float:
        return times / wall_seconds(lambda: make(call, server.url, times=times, threads=threads))

    our_call, motos_call = pair
    found = compare(
        lambda: rate(ours, our_call, OUR_CALLS),
        lambda: rate(motos, motos_call, MOTOS_CALLS),
        rounds=ROUNDS,
    )
    what = f"calls a second, ours against moto's, {our_call.name}, {threads} threads"
    return ratio_figure(what, found, "calls/s", GOALS[our_call.name])


def _ours_alone(ours: Server, our_calls: tuple[Call, ...]) -> Iterator[Figure]:
    describe = our_calls[0]
    costs = [size * cpu_milliseconds(ours, describe, times=size, threads=1) for size in SIZES]
    yield growth("our server's CPU by DescribeProjects made", SIZES, costs, NEARLY_LINEAR)


SUBJECT = Subject("control_calls", measure)
