"""Events that were changed at random get exactly one answer each, in the form of a door, from one process."""

import json
import os
import random

import answers
import direct
import doors
import events
import functions
import pytest
from mutations import Mutations
from test_event_corpus import DOOR_OF

COUNT = 10 * int(os.environ.get("FUZZ_ROUNDS", 40))
TABLE = """
openai: {{url: "{up}/v1", num_retries: 0}}
speech: {{url: "{up}/v1", endpoints: ["audio/*"]}}
page: {{url: "{up}/root", reverse_proxy: true}}
settings:
  trust_gateway: true
  direct_invocation: true
  virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]
"""
CORPUS = {name: events.load(name) for name in events.NAMES}


def fits(read, answer):
    try:
        read(answer)
    except (AssertionError, KeyError, ValueError, AttributeError):
        return False
    return True


def ping(answer):
    assert not answer.is_streamed and json.loads(answer.raw) == {"status": "ok"}


def thrown(answer):
    assert answer.kind == "error" and answer.failure["errorType"] in direct.TYPES and answer.failure["errorMessage"]
    assert answer.headers["lambda-runtime-function-error-type"] == answer.failure["errorType"]


FORMS = [*[door.response for door in doors.DOORS], ping, thrown, direct.result]


@pytest.mark.timeout(600 + COUNT)
@pytest.mark.parametrize("transfer", ["buffer", "stream"])
def test_changed_events_get_one_answer_each(upstream, transfer):
    seed = int(os.environ.get("FUZZ_SEED", random.randrange(1 << 32)))
    print(f"FUZZ_SEED={seed}")
    choices = random.Random(seed)
    mutations = Mutations(choices, [*CORPUS.values()])
    upstream.always = answers.plain({})
    variables = {"PROXY_REST_TRANSFER": transfer, "PROXY_FUNCTION_URL": "none"}
    with functions.serving(TABLE.format(up=upstream.origin), **variables) as function:
        for _ in range(COUNT):
            name = choices.choice(events.NAMES)
            raw, is_same_door = mutations.mutated(CORPUS[name])
            answer = function.ask(raw)
            own = [form(name, transfer)] if is_same_door else FORMS
            assert any(fits(form, answer) for form in own), (name, raw[:3000], answer.kind, answer.raw[:1000])
        function.serves_on()


def form(name, transfer):
    """How the answer to this event must look."""
    if name in events.PINGS:
        return ping
    if name in events.WITHOUT_DOOR:
        return thrown
    if name in events.DIRECT:
        return lambda answer: (thrown if answer.kind == "error" else direct.result)(answer)
    if name in events.REST_APIS and transfer == "stream":
        return doors.STREAMING_REST_API.response
    return DOOR_OF[name].response
