"""The process and its Runtime API: late responses, a failing API, and the signal before the end."""

import asyncio
import signal

import calls
import endings
import faults
import lambda_process
import pytest
import records
import strays
import well
import wire
from endings import ABANDON, CANCEL, EXIT, RESET_PAUSES, Ending
from lambda_process import asynchronous, chat, running
from many_upstreams import Upstream

QUIET = "num_retries: 0, keepalive_seconds: 0"


@pytest.mark.parametrize("slots", [1, 4])
@asynchronous
async def test_a_late_response_is_logged_and_the_next_request_is_served(slots):
    upstream = await Upstream.started(well.healthy)
    async with running(lambda_process.table(healthy=upstream), slots) as (api, process):
        pid = process.process.pid
        late = [api.invoke(chat("healthy", f"late-{number}"), status=410) for number in range(slots)]
        await asyncio.gather(*[invocation.answer for invocation in late])
        await api.polled(slots)
        assert (await api.ask(chat("healthy", "next"))).body == well.stream_body("next")
        assert process.process.poll() is None and process.process.pid == pid
        for invocation in late:
            record = await asyncio.to_thread(records.of_id, process, invocation.id)
            assert record["error.type"] == "proxy_undelivered" and "410" in record["error.message"]
    upstream.close()


@pytest.mark.parametrize("slots", [1, 4])
@asynchronous
async def test_if_the_runtime_api_is_gone_the_process_exits_with_one_sentence(slots):
    async with running(lambda_process.table(s="http://127.0.0.1:9/v1"), slots) as (api, process):
        api.close()
        log = await asyncio.to_thread(process.finished_log)
        assert process.process.returncode > 0
        assert log.count("\n") == 1 and "Runtime API" in log, log


@asynchronous
async def test_if_the_runtime_api_goes_away_during_a_stream_the_process_exits_too():
    upstream = await Upstream.started(faults.stall_midway)
    async with running(lambda_process.table(stalls=upstream), 2) as (api, process):
        await api.invoke(chat("stalls", "a")).until(well.first_event("a"))
        api.close()
        log = await asyncio.to_thread(process.finished_log)
        assert process.process.returncode > 0
        assert "Runtime API" in log.splitlines()[-1]
    upstream.close()


@asynchronous
async def test_the_process_registers_as_an_extension_to_get_the_signal():
    async with running(lambda_process.table(s="http://127.0.0.1:9/v1")) as (api, _):
        ((name, body),) = api.extensions
        assert name and calls.json.loads(body) == {"events": []}
        assert api.extension_polls == 1


@pytest.mark.parametrize("slots", [1, 4])
@asynchronous
async def test_a_signal_ends_an_idle_process(slots):
    async with running(lambda_process.table(s="http://127.0.0.1:9/v1"), slots) as (_, process):
        await ended(process)
        assert process.process.returncode == 0


async def ended(process):
    """Send the signal, and wait for the end: open requests would never end by themselves."""
    process.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.finished_log)


class EndsWhenTold:
    """A stream that has begun, and ends normally when `end` is called."""

    def __call__(self, request):
        self.request = request
        faults.begin(request)

    def end(self):
        self.request.send(wire.chunk(well.DONE) + wire.LAST_CHUNK)


@endings.repeated
@asynchronous
async def test_a_signal_gives_streams_a_moment_to_finish_and_then_tells_the_callers():
    behaviours = {"ends": EndsWhenTold(), "stalls": faults.stall_midway, "silent": faults.stall_before_head}
    upstreams = {name: await Upstream.started(behaviour) for name, behaviour in behaviours.items()}
    servers = {name: (upstream, QUIET) for name, upstream in upstreams.items()}
    async with running(lambda_process.table(**servers), 8) as (api, process):
        ends, stalls = api.invoke(chat("ends", "a")), api.invoke(chat("stalls", "b"))
        silent = [api.invoke(chat("silent", "c", stream)) for stream in (True, False)]
        await ends.until(well.first_event("a"))
        await stalls.until(well.first_event("b"))
        await upstreams["silent"].asked(2)

        # At once, because there is little time: the result is the same whichever of the two the process sees first.
        ending = Ending(api, process)
        process.process.send_signal(signal.SIGTERM)
        behaviours["ends"].end()
        await ending.whole(ends, well.first_event("a") + well.DONE)
        with ending.before(ABANDON):
            torn = await ending.answer(stalls)
            assert torn.kind == "response" and torn.failure["errorType"].startswith("Function.")
            assert torn.body.startswith(well.first_event("b")) and torn.code == "shutting_down"
            assert torn.body.count(b"\n\n") == 2
            for invocation in silent:
                answer = await ending.answer(invocation)
                assert (answer.kind, answer.status, answer.code) == ("response", 503, "shutting_down")
        await ending.log
        assert process.process.returncode == 0
    for upstream in upstreams.values():
        upstream.close()


@endings.repeated
@asynchronous
async def test_an_early_response_without_an_event_gets_the_error_event_too():
    upstream = await Upstream.started(faults.stall_before_head)
    servers = lambda_process.table(silent=(upstream, "num_retries: 0, keepalive_seconds: 0.1"))
    async with running(servers) as (api, process):
        invocation = api.invoke(chat("silent", "a"))
        await invocation.until(b": keepalive\n")
        ending = Ending(api, process)
        process.process.send_signal(signal.SIGTERM)
        with ending.before(ABANDON):
            answer = await ending.answer(invocation)
            assert (answer.status, answer.code) == (200, "shutting_down")
            assert answer.failure["errorType"].startswith("Function.")
            assert answer.body.replace(b": keepalive\n", b"").count(b"data: ") == 1
        await ending.log
        assert process.process.returncode == 0
    upstream.close()


@pytest.mark.parametrize("how", ["refuses", "resets", "forgets the id"])
@endings.repeated
@asynchronous
async def test_a_failed_poll_gives_open_requests_a_moment_or_tells_the_callers(how):
    behaviours = {"ends": EndsWhenTold(), "stalls": faults.stall_midway, "healthy": well.healthy}
    upstreams = {name: await Upstream.started(behaviour) for name, behaviour in behaviours.items()}
    servers = {name: (upstream, QUIET) for name, upstream in upstreams.items()}
    async with running(lambda_process.table(**servers), 4) as (api, process):
        ends, stalls = api.invoke(chat("ends", "a")), api.invoke(chat("stalls", "b"))
        await ends.until(well.first_event("a"))
        await stalls.until(well.first_event("b"))
        await api.polled(2)
        if how == "resets":  # Every poll from now on, so that retrying doesn't help.
            api.fails = lambda connection: connection.reset()
        elif how == "refuses":
            api.fails = lambda connection: connection.send(well.whole(500, b"{}"))
        else:
            api.fails = lambda connection: connection.send(well.whole(200, b"{}"))
        ending = Ending(api, process, pauses=RESET_PAUSES if how == "resets" else 0)
        api.fails(api.polls.popleft())
        behaviours["ends"].end()
        await ending.whole(ends, well.first_event("a") + well.DONE)
        with ending.before(ABANDON):
            torn = await ending.answer(stalls)
            assert torn.body.startswith(well.first_event("b")) and torn.code == "shutting_down"
            assert torn.failure["errorType"].startswith("Function.")
        log = await ending.log
        assert process.process.returncode == 1
        assert "Runtime API" in log.splitlines()[-1]
        with ending.before(EXIT):
            assert records.parsed(next(line for line in log.splitlines() if stalls.id in line))["error.type"]
        assert len(api.polls) == 0 or how == "resets"
    for upstream in upstreams.values():
        upstream.close()


@asynchronous
async def test_an_occasional_reset_of_a_poll_is_retried():
    upstream = await Upstream.started(well.healthy)
    async with running(lambda_process.table(healthy=upstream), 2) as (api, process):
        for number in range(6):
            await api.polled(2)
            api.polls.popleft().reset()
            await api.polled(2)
            for name in (f"one-{number}", f"other-{number}"):
                assert (await api.ask(chat("healthy", name))).body == well.stream_body(name)
        assert process.process.poll() is None
        assert records.others(process.log) == []
    upstream.close()


@endings.repeated
@asynchronous
async def test_a_signal_after_a_failed_poll_changes_nothing():
    upstream = await Upstream.started(faults.stall_midway)
    async with running(lambda_process.table(stalls=(upstream, QUIET)), 2) as (api, process):
        stalls = api.invoke(chat("stalls", "a"))
        await stalls.until(well.first_event("a"))
        await api.polled(1)
        failing = api.polls.popleft()
        ending = Ending(api, process)
        failing.send(well.whole(500, b"{}"))
        await strays.read(failing)
        process.process.send_signal(signal.SIGTERM)
        with ending.before(ABANDON):
            assert (await ending.answer(stalls)).code == "shutting_down"
        log = await ending.log
        assert process.process.returncode == 1
        assert "answered 500" in log.splitlines()[-1] and "MISUSE" not in log
    upstream.close()


@endings.repeated
@asynchronous
async def test_an_event_that_is_arriving_when_another_poll_fails_is_served():
    upstream = await Upstream.started(well.healthy)
    async with running(lambda_process.table(healthy=upstream), 2) as (api, process):
        slow, failing = api.polls.popleft(), api.polls.popleft()
        send, whole = slow.send, []
        slow.send = whole.append
        api.polls.append(slow)
        invocation = api.invoke(chat("healthy", "late"))
        slow.send = send
        send(whole[0][:-20])
        await strays.taken(slow)
        ending = Ending(api, process)
        failing.send(well.whole(500, b"{}"))
        await strays.read(failing)
        send(whole[0][-20:])
        with ending.before(CANCEL):
            assert (await ending.answer(invocation)).body == well.stream_body("late")
        await ending.log
        assert process.process.returncode == 1
    upstream.close()


@pytest.mark.parametrize("cause", ["signal", "poll"])
@endings.repeated
@asynchronous
async def test_a_response_that_nobody_reads_at_the_end_still_has_its_record(cause):
    flood = well.Flood(100)
    upstream = await Upstream.started(flood)
    async with running(lambda_process.table(flood=(upstream, QUIET)), 2) as (api, process):
        reader = api.invoke(chat("flood", "reader"), reads=False)
        await reader.begun
        await api.polled(1)
        ending = Ending(api, process)
        if cause == "signal":
            process.process.send_signal(signal.SIGTERM)
        else:
            api.polls.popleft().send(well.whole(500, b"{}"))
        log = await ending.log
        assert process.process.returncode == (0 if cause == "signal" else 1)
        with ending.before(EXIT):
            record = records.parsed(next(line for line in log.splitlines() if reader.id in line))
            assert record["error.type"] == "proxy_shutting_down"
    upstream.close()
