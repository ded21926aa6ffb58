"""Servers on Bedrock without a `url`: AWS's own endpoints, by their names. `test_in_a_network` runs it."""

import json

import answers
import bedrock_answers as says
import calls
import certificates
import network
import pytest
import trustme
from bedrock import Bedrock
from bedrock_servers import CLAUDE

EAST, WEST = (f"bedrock-runtime.us-{side}.amazonaws.com" for side in ("east-1", "west-2"))
TABLE = """
own:     {provider: bedrock, num_retries: 0}
west:    {provider: bedrock, region: us-west-2, num_retries: 0}
spread:  {provider: bedrock, region: [us-east-1, {region: us-west-2, weight: 3}], num_retries: 0}
nowhere: {provider: bedrock, region: xx-nowhere-9, num_retries: 0}
partly:  {provider: bedrock, region: [{region: xx-nowhere-9, weight: 1000}, us-west-2], num_retries: 0}
openai:  {url: "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1", auth: aws_sigv4, num_retries: 0}
settings: {virtual_keys: [{name: tests, key: "${TEST_KEY}"}]}
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    """Bedrock's endpoints in two regions, and the variables of a process that trusts their certificates."""
    network.bring_up(tmp_path_factory.mktemp("network"))
    authority = trustme.CA()
    for host in (EAST, WEST):
        network.name(host)
    server = Bedrock(certificates.server_context(authority, EAST, WEST), 443)
    yield server, certificates.trusting(authority, tmp_path_factory.mktemp("authority"))
    server.close()


@pytest.fixture
def bedrock(aws):
    aws[0].forget()
    yield aws[0]
    failures = aws[0].forget()
    assert not failures, failures


@pytest.fixture(scope="module")
def program(start, aws):
    server, trusting = aws
    return start(TABLE, AWS_REGION="us-east-1", **server.account.variables, **trusting)


def ask(program, server, **more):
    body = calls.chat(model=CLAUDE, **more)
    return calls.call(program.origin, "POST", f"/{server}/v1/chat/completions", body)


def place(request):
    """The host that was asked, and the region in the signature."""
    return request.header("host"), request.header("authorization").split("/")[2]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("server, at", [("own", (EAST, "us-east-1")), ("west", (WEST, "us-west-2"))])
def test_the_endpoint_of_a_region_is_asked(bedrock, program, server, at, stream):
    bedrock.script(says.message(says.text("Hello")))
    response = ask(program, server, stream=stream)
    assert response.status == 200 and b"Hello" in response.body
    assert place(bedrock.request()) == at


def test_several_regions_take_turns(bedrock, program):
    """With these weights, both are asked in all but one of a hundred thousand runs."""
    bedrock.always = says.message(says.text("Hello"))
    assert {ask(program, "spread").status for _ in range(45)} == {200}
    assert {place(bedrock.request()) for _ in range(45)} == {(EAST, "us-east-1"), (WEST, "us-west-2")}


def test_a_region_that_does_not_exist_is_an_error(bedrock, program):
    response = ask(program, "nowhere")
    assert (response.status, response.error["code"]) == (502, "upstream_unresolved")


def test_another_region_is_asked_in_place_of_one_that_does_not_answer(bedrock, program):
    bedrock.script(says.message(says.text("Hello")))
    assert ask(program, "partly").status == 200
    assert place(bedrock.request()) == (WEST, "us-west-2")


def test_the_region_and_the_service_of_an_openai_endpoint_are_those_of_its_host(bedrock, program):
    bedrock.script(lambda exchange: exchange.answer(200, answers.JSON, json.dumps(answers.completion("Hi")).encode()))
    assert ask(program, "openai").json["choices"][0]["message"]["content"] == "Hi"
    request = bedrock.request()
    assert request.target == "/openai/v1/chat/completions" and place(request) == (WEST, "us-west-2")
