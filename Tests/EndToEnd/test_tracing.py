"""The headers by which the owner can follow a request from the caller through Lambda to the provider."""

import answers
import pytest
from lambda_process import asynchronous, chat, running, table

W3C = {
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "tracestate": "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
}


def traced(headers):
    event = chat("traced", "a", stream=False)
    event["headers"] |= headers
    return event


@asynchronous
async def test_the_traces_of_the_caller_and_the_invocation_are_forwarded(upstream):
    async with running(table(traced=upstream)) as (api, _):
        for _ in range(2):
            upstream.script(answers.plain({}))
            invocation = api.invoke(traced({**W3C, "x-amzn-trace-id": "Root=the-callers"}))
            assert (await invocation.answer).status == 200
            request = upstream.request()
            assert {name: request.header(name) for name in W3C} == W3C
            assert request.header("x-amzn-trace-id") == invocation.trace


@pytest.mark.parametrize("trace", ["x" * 513, "Root=\xe9", "a\tb"])
@asynchronous
async def test_a_trace_that_does_not_fit_in_a_header_is_left_out(upstream, trace):
    async with running(table(traced=upstream)) as (api, _):
        upstream.script(answers.plain({}))
        assert (await api.ask(traced({}), trace=trace)).status == 200
        assert not upstream.request().header_names & {"x-amzn-trace-id", *W3C}
