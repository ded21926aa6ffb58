"""Thousands of headers, from either side."""

import answers
import calls
import lambda_process
import pytest
import records
import well
from lambda_emulator import event
from lambda_process import asynchronous, chat, running
from many_upstreams import Upstream


@pytest.mark.parametrize("headers", [{f"x-{number}": "" for number in range(70_000)}, {"x": "x" * 1_000_000}])
@asynchronous
async def test_an_event_with_too_many_headers_is_refused_and_the_next_is_served(headers):
    upstream = await Upstream.started(well.healthy)
    async with running(lambda_process.table(healthy=upstream)) as (api, process):
        large = event("POST", f"/healthy/v1/{calls.KEY}")
        large["headers"].update(headers)
        answer = await api.ask(large)
        assert (answer.status, answer.code) == (431, "headers_too_large")
        none = await api.ask({"headers": headers})
        assert none.failure["errorType"] == "Function.InvalidEvent"
        assert (await api.ask(chat("healthy", "next"))).body == well.stream_body("next")
        assert process.process.poll() is None
    upstream.close()
    paths = [record.get("url.path") for record in map(records.parsed, process.lines) if record]
    assert paths == ["/healthy/v1/[redacted]", None, None]


def test_a_response_with_thousands_of_headers_arrives_with_the_first_ones(upstream, call):
    headers = [(f"x-ratelimit-{number}", str(number)) for number in range(2500)]
    upstream.script(answers.plain({}, headers=[*headers, ("Retry-After", "7")]))
    response = call("POST", "/scripted/v1/chat/completions", b'{"model":"m"}')
    assert (response.status, response.body) == (200, b"{}")
    assert (response.header("x-ratelimit-0"), response.header("retry-after")) == ("0", "7")
