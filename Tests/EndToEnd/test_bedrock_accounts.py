"""How Bedrock is reached: credentials, keys, regions, clocks, retries, fallbacks, and AWS's OpenAI endpoint."""

import datetime
import json

import answers
import bedrock_answers as says
import calls
import event_stream
import openai
import pytest
import sdks
from bedrock_servers import CLAUDE
from openai_requests import ASK

ALONE = """
bedrock: {provider: bedrock, url: "UP", region: us-east-1, num_retries: 0}
signed: {url: "UP/openai/v1", auth: aws_sigv4, region: us-east-1, service: bedrock, num_retries: 0}
settings: {virtual_keys: [{name: tests, key: "${TEST_KEY}"}]}
"""
both = pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])


def ask(sdk, stream=False, model=CLAUDE):
    """Ask; return the text."""
    got = sdk.chat.completions.create(model=model, messages=[ASK], stream=stream)
    if not stream:
        return got.choices[0].message.content
    return "".join(chunk.choices[0].delta.content or "" for chunk in got if chunk.choices)


def raw(proxy, server, model=CLAUDE, **more):
    return calls.call(proxy.origin, "POST", f"/{server}/v1/chat/completions", calls.chat(model=model, **more))


@both
def test_an_api_key_is_sent_in_place_of_a_signature(bedrock, bedrock_sdk, stream):
    bedrock.script(says.message(says.text("Hi")))
    assert ask(bedrock_sdk("keyed"), stream) == "Hi"
    request = bedrock.request()
    assert request.header("authorization") == f"Bearer {bedrock.account.api_key}"
    assert not [name for name in request.header_names if name.startswith("x-amz-")]


def test_a_wrong_api_key_is_the_owners_fault(bedrock, bedrock_proxy):
    response = raw(bedrock_proxy, "miskeyed")
    assert (response.status, response.error["code"]) == (502, "upstream_authentication")
    assert response.header("x-should-retry") == "false" and b"a-key-that-expired" not in response.body
    assert bedrock.refused() == "AccessDeniedException"
    assert "a-key-that-expired" not in bedrock_proxy.log


def test_a_region_that_is_not_the_endpoints_is_the_owners_fault(bedrock, bedrock_proxy):
    response = raw(bedrock_proxy, "abroad")
    assert (response.status, response.error["code"]) == (502, "upstream_authentication")
    assert bedrock.refused() == "InvalidSignatureException"
    assert "Set the server's region" in bedrock_proxy.log_with("valid region")


MISSING = {
    "all": {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""},
    "the secret": {"AWS_SECRET_ACCESS_KEY": ""},
}


@pytest.mark.parametrize("missing", MISSING)
def test_missing_credentials_are_an_error_that_says_so(bedrock, start, missing):
    variables = {**bedrock.account.variables, **MISSING[missing]}
    variables = {name: value for name, value in variables.items() if value}
    program = start(ALONE.replace("UP", bedrock.origin), **variables)
    response = raw(program, "bedrock")
    assert response.status >= 500 and response.error["message"], response.body
    assert bedrock.saw_nothing
    assert "AWS_" in program.log_with("AWS_") and bedrock.account.secret_key not in program.log


WRONG = {
    "the secret": ({"AWS_SECRET_ACCESS_KEY": "a-wrong-secret"}, "InvalidSignatureException"),
    "the token": ({"AWS_SESSION_TOKEN": "a-wrong-token"}, "UnrecognizedClientException"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_credentials_are_the_owners_fault(bedrock, start, wrong):
    changed, kind = WRONG[wrong]
    program = start(ALONE.replace("UP", bedrock.origin), **{**bedrock.account.variables, **changed})
    response = raw(program, "bedrock")
    assert (response.status, response.error["code"]) == (502, "upstream_authentication")
    assert bedrock.refused() == kind and kind in program.log_with(kind)
    assert bedrock.account.session_token not in program.log and "a-wrong-" not in program.log


@pytest.mark.parametrize("hours", [5, -5])
def test_a_clock_that_is_wrong_by_hours_is_the_owners_fault(bedrock, bedrock_proxy, hours):
    bedrock.account.ahead = datetime.timedelta(hours=hours)
    response = raw(bedrock_proxy, "patient")
    assert (response.status, response.error["code"]) == (502, "upstream_authentication")
    assert response.header("x-should-retry") == "false"
    while bedrock.refusals:
        assert bedrock.refused() == "InvalidSignatureException"
    assert "The clock of this machine is wrong" in bedrock_proxy.log_with("not yet" if hours < 0 else "is now earlier")
    bedrock.account.ahead = datetime.timedelta(0)
    bedrock.script(says.message(says.text("Hi")))
    assert raw(bedrock_proxy, "patient").status == 200


@both
def test_a_failure_is_retried_with_a_new_signature(bedrock, bedrock_proxy, stream):
    bedrock.script(says.failure("ThrottlingException"), says.message(says.text("Hi")))
    response = raw(bedrock_proxy, "patient", stream=stream)
    assert (response.status, response.header("x-proxy-attempts")) == (200, "2")
    first, second = bedrock.request(), bedrock.request()
    assert first.body == second.body and first.target == second.target


def test_an_exception_before_any_event_is_retried(bedrock, bedrock_proxy):
    bedrock.script(
        says.pieces(event_stream.exception("throttlingException", "Slow down.")), says.message(says.text("Hi"))
    )
    response = raw(bedrock_proxy, "patient", stream=True)
    assert (response.status, response.header("x-proxy-attempts")) == (200, "2")
    assert b"Slow down" not in response.body


def test_an_error_of_the_request_is_not_retried(bedrock, bedrock_proxy):
    bedrock.script(says.failure("ValidationException"))
    response = raw(bedrock_proxy, "patient")
    assert (response.status, response.header("x-proxy-attempts")) == (400, "1")


@both
def test_another_provider_answers_in_place_of_bedrock(upstream, bedrock, bedrock_sdk, stream):
    bedrock.script(says.failure("ServiceUnavailableException"))
    upstream.script(answers.stream("Hi") if stream else answers.plain(answers.completion("Hi")))
    assert ask(bedrock_sdk("falling"), stream) == "Hi"
    request = upstream.request()
    assert request.json["messages"] == [ASK] and request.header("authorization") == "Bearer token-of-openai"
    assert not [name for name in request.header_names if name.startswith("x-amz-")]


def test_another_provider_answers_what_bedrock_cannot(upstream, bedrock, bedrock_proxy):
    upstream.script(answers.plain(answers.completion("Hi")))
    response = raw(bedrock_proxy, "falling", logprobs=True)
    assert (response.status, response.header("x-proxy-server")) == (200, "openai")
    assert upstream.request().json["logprobs"] is True and bedrock.saw_nothing


@both
def test_bedrock_answers_in_place_of_another_provider(upstream, bedrock, bedrock_sdk, stream):
    upstream.script(answers.plain(answers.error(), 503))
    bedrock.script(says.message(says.text("Hi")))
    assert ask(bedrock_sdk("first"), stream, model="m") == "Hi"
    request = bedrock.request()
    assert CLAUDE.replace(":", "%3A") in request.target and "token-of-first" not in str(request.headers)


@both
def test_a_signed_request_to_an_openai_endpoint_passes_as_it_is(bedrock, bedrock_sdk, bedrock_proxy, stream):
    """The account checks the signature, of the body as it arrives."""
    words = answers.stream_bytes("Hi") if stream else json.dumps(answers.completion("Hi")).encode()
    kind = answers.SSE if stream else answers.JSON
    bedrock.script(*[lambda exchange: exchange.answer(200, kind, words)] * 2)
    assert ask(bedrock_sdk("signed"), stream, model="openai.gpt-oss-120b-1:0") == "Hi"
    request = bedrock.request()
    assert request.target == "/openai/v1/chat/completions"
    assert "/us-east-1/bedrock/aws4_request" in request.header("authorization")
    body = b'{ "model":"openai.gpt-oss-120b-1:0" , "messages": [], "stream": %s, "x": "\\u00fc" }'
    body %= b"true" if stream else b"false"
    response = calls.call(bedrock_proxy.origin, "POST", "/signed/v1/chat/completions", body)
    assert response.body == words
    sent = bedrock.request()
    assert calls.KEY not in str(sent.headers) and json.loads(sent.body)["x"] == "ü"


def test_an_openai_endpoint_that_refuses_the_signature_is_an_error(bedrock, start):
    variables = {**bedrock.account.variables, "AWS_SECRET_ACCESS_KEY": "a-wrong-secret"}
    program = start(ALONE.replace("UP", bedrock.origin), **variables)
    with sdks.client(openai.OpenAI, program.origin, "signed") as sdk:
        with pytest.raises(openai.APIStatusError) as caught:
            ask(sdk, model="openai.gpt-oss-120b-1:0")
    assert caught.value.status_code in (403, 502)
    assert bedrock.refused() == "InvalidSignatureException"
