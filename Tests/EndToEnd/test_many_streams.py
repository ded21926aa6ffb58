"""One process with many slots: a thousand streams, and a few that are slow, dead or very long."""

import asyncio

import answers
import calls
import faults
import lambda_process
import well
import wire
from lambda_emulator import event
from lambda_process import asynchronous, chat, running
from many_upstreams import SSE, Upstream

MANY = 1000
PARTS = 20
MEGABYTE = 1024 * 1024
# For a debug build: the program with a thousand open polls, and what each stream may add, a fifth more than it does.
IDLE, PER_STREAM = 20 * MEGABYTE, 112 * 1024


class Chorus:
    """Waits for all requests, then answers them in turn, one part at a time."""

    def __init__(self, count):
        self.count = count
        self.requests = []
        self.halfway = asyncio.Event()
        self.go_on = asyncio.Event()

    def __call__(self, request):
        self.requests.append(request)
        if len(self.requests) == self.count:
            self.singing = asyncio.ensure_future(self.sing(self.requests))
            self.requests = []

    async def sing(self, requests):
        for request in requests:
            request.send(SSE)
        for part in range(PARTS):
            for request in requests:
                request.send(wire.chunk(answers.event(answers.delta(f"{request.name}.{part}"))))
            if part == PARTS // 2:
                self.halfway.set()
                await self.go_on.wait()
            await asyncio.sleep(0)
        for request in requests:
            request.send(wire.chunk(well.DONE) + wire.LAST_CHUNK)

    def song(self, name):
        return b"".join(answers.event(answers.delta(f"{name}.{part}")) for part in range(PARTS)) + well.DONE


async def sung(api, process, chorus, round):
    """Run all streams; return the memory that they need halfway."""
    chorus.halfway.clear()
    chorus.go_on.clear()
    names = [f"singer-{round}-{number}" for number in range(MANY)]
    invocations = [api.invoke(chat("chorus", name)) for name in names]
    await chorus.halfway.wait()
    # All of them are open when the memory is read.
    await asyncio.gather(*[invocation.until(f"{name}.{PARTS // 2}".encode())
                           for invocation, name in zip(invocations, names, strict=True)])  # fmt: skip
    resident = process.resident_bytes
    chorus.go_on.set()
    for invocation, name in zip(invocations, names, strict=True):
        answer = await invocation.answer
        assert (answer.kind, answer.failure, answer.body) == ("response", None, chorus.song(name))
    await api.polled(MANY)
    return resident


@asynchronous
async def test_a_thousand_streams_in_one_process_are_never_mixed_up_and_free_everything():
    lambda_process.allow_descriptors(4 * MANY)
    chorus = Chorus(MANY)
    upstream = await Upstream.started(chorus)
    async with running(lambda_process.table(chorus=upstream), MANY) as (api, process):
        at_start = process.descriptors
        resident = await sung(api, process, chorus, 1)
        after_one = process.descriptors
        resident = max(resident, await sung(api, process, chorus, 2))
        print(f"{resident / MEGABYTE:.0f} MB, {at_start}, {after_one}, {process.descriptors} descriptors")
        assert resident < IDLE + MANY * PER_STREAM
        # At most one kept connection to the upstream stays for each stream, and a second round adds none.
        assert after_one <= at_start + MANY + 8
        assert process.descriptors <= after_one + 8
    upstream.close()


@asynchronous
async def test_a_slow_reader_a_dead_upstream_and_a_very_long_response_delay_nobody():
    slow, long = well.Flood(100), well.Flood(200 * MEGABYTE // len(well.BLOCK))
    behaviours = {"healthy": well.healthy, "dead": faults.stall_before_head, "slow": slow, "long": long}
    upstreams = {name: await Upstream.started(behaviour) for name, behaviour in behaviours.items()}
    servers = {**upstreams, "dead": (upstreams["dead"], "timeout: 1.5, num_retries: 0, keepalive_seconds: 0")}
    async with running(lambda_process.table(**servers), 8) as (api, process):
        reader = api.invoke(chat("slow", "reader"), reads=False, keeps_body=False)
        dead = api.invoke(chat("dead", "dead"))
        length = api.invoke(chat("long", "length"), keeps_body=False)
        most = quick = 0
        while not (dead.answer.done() and length.answer.done()):
            answer = await api.ask(chat("healthy", f"quick-{quick}"))
            assert answer.body == well.stream_body(f"quick-{quick}")
            quick += 1
            most = max(most, process.resident_bytes)
        print(f"{quick} quick answers, {most / MEGABYTE:.0f} MB")
        assert quick > 10
        assert length.size > long.size and length.answer.result().failure is None
        assert (dead.answer.result().status, dead.answer.result().code) == (504, "upstream_timeout")
        assert not reader.answer.done() and reader.size < MEGABYTE  # It has read only what came at once.
        reader.resume()
        assert (await reader.answer).failure is None and reader.size > slow.size
        assert most < IDLE + 20 * MEGABYTE
    for upstream in upstreams.values():
        upstream.close()


@asynchronous
async def test_a_stream_keeps_almost_nothing_of_its_prompt():
    count, size = 16, 5 * MEGABYTE
    chorus = Chorus(count)
    upstream = await Upstream.started(chorus)
    servers = lambda_process.table(chorus=(upstream, "keepalive_seconds: 0"))
    async with running(servers, count) as (api, process):
        idle = process.resident_bytes
        names = [f"singer-{number}" for number in range(count)]
        invocations = []
        for name in names:  # One after the other, so that they don't all need their temporary memory at once.
            body = calls.chat(stream=True, name=name, prompt="x" * size)
            invocations.append(api.invoke(event("POST", "/chorus/v1/chat/completions", body)))
            await upstream.asked(len(invocations))
        await asyncio.gather(*[invocation.until(f"{name}.{PARTS // 2}".encode())
                               for invocation, name in zip(invocations, names, strict=True)])  # fmt: skip
        kept = process.resident_bytes - idle
        print(f"{kept / count / MEGABYTE:.2f} MB a stream")
        chorus.go_on.set()
        for invocation, name in zip(invocations, names, strict=True):
            assert (await invocation.answer).body == chorus.song(name)
        assert kept <= 0.1 * count * size
    upstream.close()
