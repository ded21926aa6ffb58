"""Serve many invocations, a tenth of them with faults; check that each is answered and that memory doesn't grow.

The Runtime API and the providers are simulated here, on loopback. The program is $PROXY_PROGRAM.
$SOAK_INVOCATIONS (100000) are served, $SOAK_CONCURRENCY (32) at once.
"""

import asyncio
import collections
import os
import random
import socket
import sys
import time

import lambda_process
from many_upstreams import Upstream
from soak_mix import FAULTY, HEALTHY, LAMBDA, SERVERS, check

INVOCATIONS = int(os.environ.get("SOAK_INVOCATIONS", 100_000))
CONCURRENCY = int(os.environ.get("SOAK_CONCURRENCY", 32))
WARM = min(1000, INVOCATIONS // 2)
PATIENCE = 30  # Seconds without a response.
FAULTY_SHARE = 0.1
REST = 0.1  # Seconds for which a response isn't read.
MEGABYTE = 1024 * 1024
GROWTH = 1.1
KEPT = 2 * MEGABYTE  # Freed memory that the program keeps: Sources/bootstrap/Process.swift.


class Wrong(Exception):
    """A failed check, as a sentence."""


class Soak:
    def __init__(self, api, process):
        self.api = api
        self.process = process
        self.random = random.Random(1)
        self.begun = self.done = 0
        self.counts = collections.Counter()
        self.warm = None

    async def run(self):
        """Serve all invocations, and watch the progress."""
        began = time.monotonic()
        workers = [asyncio.ensure_future(self.work()) for _ in range(CONCURRENCY)]
        watching = asyncio.ensure_future(self.watch(began))
        try:
            done, _ = await asyncio.wait([asyncio.gather(*workers), watching], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            watching.cancel()
            for worker in workers:
                worker.cancel()
        await self.api.polled(CONCURRENCY)
        return time.monotonic() - began

    async def work(self):
        while self.begun < INVOCATIONS:
            self.begun += 1
            is_faulty = self.random.random() < FAULTY_SHARE
            cell = self.random.choice(FAULTY if is_faulty else HEALTHY)
            await self.one(cell, f"invocation-{self.begun}")
            self.done += 1
            if self.done == WARM:
                self.warm = self.process.resident_bytes, self.process.descriptors

    async def one(self, cell, name):
        event = lambda_process.chat(cell.fault, name, cell.stream)
        invocation = self.api.invoke(event, **LAMBDA.get(cell.fault, {}))
        if not invocation.reads:
            await invocation.begun
            await asyncio.sleep(REST)
            invocation.resume()
        try:
            shape = check(cell, name, await invocation.answer)
        except AssertionError as error:
            raise Wrong(f"{name} ({cell}) got a wrong response: {error}") from error
        self.counts[f"{cell.fault}: {shape}"] += 1

    async def watch(self, began):
        """Print the progress every second, and raise if there is none."""
        before, moved = 0, time.monotonic()
        while True:
            await asyncio.sleep(1)
            now = time.monotonic()
            if self.process.process.poll() is not None:
                raise Wrong(f"the program ended with status {self.process.process.returncode}: {self.tail}")
            if self.done > before:
                before, moved = self.done, now
            elif now - moved > PATIENCE:
                raise Wrong(f"no response for {PATIENCE} s; open invocations: {sorted(self.api.open)}: {self.tail}")
            resident = self.process.resident_bytes / MEGABYTE
            print(
                f"{self.done:>8} of {INVOCATIONS}  {self.done / (now - began):>6.0f}/s  {resident:.1f} MB", flush=True
            )

    @property
    def tail(self):
        return "".join(self.process.lines[-5:])

    def judge(self, seconds):
        """Print the summary, and raise the first failed check."""
        resident, descriptors = self.warm
        at_end = self.process.resident_bytes, self.process.descriptors
        for kind, count in sorted(self.counts.items()):
            print(f"{count:>8}  {kind}")
        print(
            f"{self.done} invocations in {seconds:.1f} s, {self.done / seconds:.0f}/s. "
            f"Resident: {resident / MEGABYTE:.1f} MB after {WARM}, {at_end[0] / MEGABYTE:.1f} MB at the end. "
            f"Descriptors: {descriptors}, then {at_end[1]}."
        )
        if self.api.faults:
            raise Wrong(f"the Runtime API would have refused {len(self.api.faults)} calls: {self.api.faults[0]}")
        if at_end[0] > GROWTH * resident + KEPT:
            raise Wrong(f"memory grew by more than {GROWTH - 1:.0%} and the {KEPT // MEGABYTE} MB that may be kept")
        # Each slot may have opened one or two kept connections after the first thousand invocations.
        if at_end[1] > descriptors + 2 * CONCURRENCY:
            raise Wrong(f"{at_end[1] - descriptors} more descriptors are open than after {WARM} invocations")


async def main():
    upstreams = {name: await Upstream.started(behaviour) for name, (behaviour, _) in SERVERS.items() if behaviour}
    with socket.socket() as holder:  # The port is taken, but nothing listens on it.
        holder.bind(("127.0.0.1", 0))
        places = {**upstreams, "refused": f"http://127.0.0.1:{holder.getsockname()[1]}/v1"}
        servers = {name: (places[name], options) for name, (_, options) in SERVERS.items()}
        async with lambda_process.running(lambda_process.table(**servers), CONCURRENCY) as (api, process):
            soak = Soak(api, process)
            soak.judge(await soak.run())
    for upstream in upstreams.values():
        upstream.close()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except Wrong as wrong:
        sys.exit(f"soak: {wrong}")
