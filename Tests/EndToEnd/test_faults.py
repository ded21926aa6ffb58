"""Each fault of a provider: what the caller sees, what Lambda sees, and that the next request is served.

The table is in `fault_table`. Beside each fault, where one process serves many, a healthy stream arrives untouched.
"""

import concurrent.futures
import json
import time

import calls
import certificates
import faults
import openai
import pytest
import trustme
import well
from fault_cells import CUT, EVENT, WHOLE, Cell
from fault_table import ALONE, BEDROCK_SERVERS, CELLS, SERVERS
from lambda_process import table
from loop_thread import LoopThread
from many_upstreams import Upstream
from sdks import client

SLOTS = 8


@pytest.fixture(scope="module")
def upstreams():
    """An upstream for each server of the table."""
    context = certificates.server_context(trustme.CA())
    behaviours = {name: behaviour for name, (behaviour, _) in SERVERS.items() if behaviour}
    behaviours |= {"healthy": well.healthy, "paced": None}
    with LoopThread() as thread:
        started = {
            name: thread.run(Upstream.started(behaviour, context if name == "bad_tls" else None))
            for name, behaviour in behaviours.items()
        }
        yield started
        for upstream in started.values():
            thread.call(upstream.close)


@pytest.fixture(scope="module")
def servers(upstreams, closed_port):
    places = {**upstreams, "refused": f"http://127.0.0.1:{closed_port}/v1", "unresolvable": "http://nowhere.invalid/v1"}
    places |= {name: upstreams[name].origin for name in BEDROCK_SERVERS}
    named = {name: (places[name], options) for name, (_, options) in SERVERS.items()}
    return table(**named, healthy=places["healthy"], paced=places["paced"])


@pytest.fixture(scope="module")
def authorities(tmp_path_factory):
    """One authority, as the image has a file for each. Reading all of a system's would take longer than a fault may."""
    return certificates.trusting(trustme.CA(), tmp_path_factory.mktemp("authorities"))


@pytest.fixture(scope="module")
def one_slot(start, servers, authorities):
    return start(servers, **authorities)


@pytest.fixture(scope="module")
def many_slots(start, servers, authorities):
    """A proxy that has been called through the SDK, which loads most of its code at the first calls."""
    proxy = start(servers, "--managed-instance", "--concurrency", SLOTS, **authorities)
    with client(openai.OpenAI, proxy.origin, "healthy") as sdk:
        for stream in (True, False):
            sdk_sees(sdk, Cell("healthy", stream), "first")
    return proxy


def path(server):
    return f"/{server}/v1/chat/completions"


def says(name):
    """Messages with a name in them, for the providers that get nothing else from the request."""
    return [{"role": "user", "content": name}]


def ask(origin, cell, name):
    """Call and return response, body, whether the body was cut off, and the seconds it took."""
    began = time.monotonic()
    body, is_cut = b"", False
    request = calls.chat(stream=cell.stream, name=name, messages=says(name))
    with calls.opened(origin, "POST", path(cell.fault), request) as (response, pieces):
        try:
            for piece in pieces:
                body += piece
        except (calls.wire.Disconnected, ConnectionError):
            is_cut = True
    response.body = body
    return response, is_cut, time.monotonic() - began


def check(cell, name, response, is_cut, seconds):
    """What one caller sees."""
    shape = cell.check(name, response.status, response.body, is_cut)
    assert shape != EVENT or cell.fault != "drip" or faults.DRIP in response.body
    assert cell.waits <= seconds
    assert response.header("x-proxy-attempts") == str(cell.attempts)
    assert response.header("x-proxy-server") == cell.fault
    if cell.attempts > 1 and shape == WHOLE:
        assert response.header("x-should-retry") == "false"


def sdk_sees(sdk, cell, name):
    """What OpenAI's SDK makes of it: the right exception, or the complete response."""
    options = {"model": "m", "messages": says(name), "stream": cell.stream, "extra_body": {"name": name}}
    if cell.raises:
        with pytest.raises(tuple(getattr(openai, name) for name in cell.raises)) as caught:
            list(sdk.chat.completions.create(**options))
        if cell.code and caught.type is not openai.APIConnectionError:
            assert caught.value.code == cell.code
    elif cell.stream:
        contents = [chunk.choices[0].delta.content for chunk in sdk.chat.completions.create(**options)]
        assert next(filter(None, contents)) == f"{name}.0"
    else:
        assert sdk.chat.completions.create(**options).choices[0].message.content == name


def check_log(cell, before, proxy, count):
    """What the Runtime API was told about so many responses."""
    begin = f"function-url: POST {path(cell.fault)}:"
    trailers, cut = (count if shape in cell.shapes else 0 for shape in (EVENT, CUT))

    def told(log):
        return [line for line in log[len(before) :].splitlines() if line.startswith(begin)]

    lines = told(proxy.log_where(lambda log: len(told(log)) >= trailers + cut, begin))
    assert sum("in its trailers: Function.UpstreamFailed" in line for line in lines) == trailers, lines
    assert sum("Runtime.TruncatedResponse" in line for line in lines) == cut, lines
    assert len(lines) == trailers + cut, lines


def is_served(proxy):
    response = calls.call(proxy.origin, "POST", path("healthy"), calls.chat(stream=True, name="next"))
    return response.body == well.stream_body("next")


@pytest.mark.parametrize("cell", CELLS + ALONE, ids=str)
def test_each_fault_alone(one_slot, upstreams, cell):
    assert is_served(one_slot)
    for number in range(cell.before):
        ask(one_slot.origin, cell, f"{cell}-before-{number}")
    children, log = one_slot.children, one_slot.log
    seen = upstreams[cell.fault].requests if cell.fault in upstreams else 0
    check(cell, f"{cell}-alone", *ask(one_slot.origin, cell, f"{cell}-alone"))
    if cell.fault in upstreams:
        assert upstreams[cell.fault].requests - seen == cell.requests
    assert is_served(one_slot)
    assert one_slot.children == children
    check_log(cell, log, one_slot, 1)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_fault_many_times_beside_a_healthy_stream(one_slot, many_slots, upstreams, cell):
    """The control is the same stream at the same time, through a process without faults."""
    assert is_served(many_slots)
    upstreams["paced"].behaviour = behaviour = well.Paced()
    children, log = many_slots.children, many_slots.log
    seen = upstreams[cell.fault].requests if cell.fault in upstreams else 0
    names = [f"{cell}-{number}" for number in range(SLOTS - 2)]
    beside, control = Reader(), Reader()
    # So that loading the SDK doesn't delay the streams' readers, which are threads of the same process.
    with (
        client(openai.OpenAI, many_slots.origin, cell.fault) as sdk,
        concurrent.futures.ThreadPoolExecutor(SLOTS + 1) as pool,
    ):
        reading = [pool.submit(beside.read, many_slots.origin), pool.submit(control.read, one_slot.origin)]
        calling = [pool.submit(ask, many_slots.origin, cell, name) for name in names]
        through_sdk = pool.submit(sdk_sees, sdk, cell, f"{cell}-sdk")
        try:
            results = [call.result() for call in calling]
            through_sdk.result()
            came, came_to_control = beside.count, control.count
        finally:
            behaviour.is_stopped = True
        for stream in reading:
            stream.result()
    for name, result in zip(names, results, strict=True):
        check(cell, name, *result)
    if cell.fault in upstreams:
        assert upstreams[cell.fault].requests - seen == cell.requests * (SLOTS - 1)
    # A stream that was delayed until the others timed out has almost nothing by then.
    print(f"{came} events beside the fault, {came_to_control} without it")
    assert not cell.waits or came > came_to_control / 10
    assert is_served(many_slots)
    assert many_slots.children == children and len(children) == 1
    check_log(cell, log, many_slots, SLOTS - 1)


class Reader:
    """Reads the paced stream to its normal end; `count` is how many of its events have arrived."""

    count = 0

    def read(self, origin):
        rest = b""
        with calls.opened(origin, "POST", path("paced"), calls.chat(stream=True, name="beside")) as (_, pieces):
            for piece in pieces:
                *events, rest = (rest + piece).split(b"\n\n")
                for text in events:
                    if text + b"\n\n" == well.DONE:
                        return
                    content = json.loads(text.removeprefix(b"data: "))["choices"][0]["delta"]["content"]
                    assert content == f"beside {self.count}"
                    self.count += 1
        raise AssertionError("the healthy stream has no end")
