"""Connections to providers: kept, lost while the process is frozen, resumed, made in advance."""

import os
import signal

import certificates
import lambda_process
import pytest
import records
import well
import wire
from lambda_process import asynchronous, chat, running
from many_upstreams import Upstream


async def is_answered(api, name):
    answer = await api.ask(chat("server", name))
    return answer.status == 200 and answer.body == well.stream_body(name)


@pytest.mark.parametrize("how", ["close", "reset"])
@asynchronous
async def test_a_connection_lost_while_the_process_is_frozen_is_replaced_without_an_error(how):
    upstream = await Upstream.started(well.healthy)
    async with running(lambda_process.table(server=(upstream, "num_retries: 0"))) as (api, process):
        assert await is_answered(api, "before")
        await api.polled()
        process.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.process.pid, os.WSTOPPED)
        (connection,) = upstream.open
        getattr(connection, how)()
        await upstream.left()
        invocation = api.invoke(chat("server", "after"))
        process.process.send_signal(signal.SIGCONT)
        answer = await invocation.answer
        assert (answer.status, answer.body) == (200, well.stream_body("after"))
        assert (upstream.connections, upstream.requests) == (2, 2)
        assert records.others(process.log) == []
    upstream.close()


@pytest.fixture
def trusted(authority, tmp_path):
    """A server's TLS, and the variables by which the process trusts it."""
    return certificates.server_context(authority), certificates.trusting(authority, tmp_path)


@asynchronous
async def test_a_second_connection_resumes_the_tls_session_of_the_first(trusted):
    def answer_and_close(request):
        body = well.stream_body(request.name)
        request.send(wire.head("HTTP/1.1 200 OK", [("Content-Type", "text/event-stream"), ("Connection", "close")]))
        request.send(body)
        request.connection.close()

    context, variables = trusted
    upstream = await Upstream.started(answer_and_close, context)
    async with running(lambda_process.table(server=upstream), **variables) as (api, _):
        assert await is_answered(api, "first")
        assert await is_answered(api, "second")
    assert upstream.resumed == [False, True]
    upstream.close()


@asynchronous
async def test_a_connection_is_made_before_the_first_poll(trusted):
    heads = []

    def note_and_answer(request):
        heads.append(request.head)
        request.send(well.whole(404, b"")) if request.head.startswith(b"HEAD ") else well.healthy(request)

    context, variables = trusted
    upstream = await Upstream.started(note_and_answer, context)
    servers = lambda_process.table(server=(upstream, "preconnect: true, token: secret"))
    async with running(servers, **variables) as (api, _):
        (head,) = heads  # The first poll is open now, and not answered yet.
        assert head.startswith(b"HEAD /v1 ") and b"authorization" not in head.lower() and b"secret" not in head
        assert await is_answered(api, "first")
        assert (upstream.connections, upstream.requests) == (1, 2)
    upstream.close()


@asynchronous
async def test_a_failed_preconnect_does_not_stop_the_program(closed_port):
    upstream = await Upstream.started(well.healthy)
    servers = {"server": upstream, "gone": (f"http://127.0.0.1:{closed_port}/v1", "preconnect: true")}
    async with running(lambda_process.table(**servers)) as (api, _):
        assert await is_answered(api, "first")
    upstream.close()
