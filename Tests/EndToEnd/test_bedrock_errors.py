"""What OpenAI's SDK makes of Bedrock's errors, and what the owner's log says."""

import bedrock_answers as says
import calls
import embedding_models
import event_stream
import openai
import pytest
import records
from bedrock_servers import CLAUDE
from openai_requests import ASK

ACCOUNT = "123456789012"
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/proxy-role/proxy"
DENIED = (
    f"User: {ROLE} is not authorized to perform: bedrock:InvokeModel on resource: "
    "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0 because no identity-based "
    "policy allows the bedrock:InvokeModel action"
)
BUSY = "Too many tokens, please wait before trying again."
UNKNOWN = {"Output": {"__type": "com.amazon.coral.service#UnknownOperationException"}, "Version": "1.0"}
SERVER = openai.InternalServerError


def fails(kind, words="No.", status=None):
    return says.failure(kind, words, status)


# What Bedrock answers; what the SDK raises, with its status and code. The words are a part of the message.
TABLE = {
    "validation": (fails("ValidationException", "Too hot: temperature."), openai.BadRequestError, 400, None, "Too hot"),
    "too long": (
        fails("ValidationException", "Input is too long for requested model."), openai.BadRequestError, 400,
        "context_length_exceeded", "too long",
    ),
    "no such model": (
        fails("ValidationException", "The provided model identifier is invalid."), openai.NotFoundError, 404,
        "model_not_found", "model",
    ),
    "an old model": (
        fails("ResourceNotFoundException", "This model version has reached the end of its life."),
        openai.NotFoundError, 404, "model_not_found", "end of its life",
    ),
    "denied": (fails("AccessDeniedException", DENIED), openai.PermissionDeniedError, 403, None, "owner"),
    "throttled": (fails("ThrottlingException", BUSY), openai.RateLimitError, 429, "rate_limit_exceeded", "Too many"),
    "throttled with 400": (
        fails("ValidationException", BUSY), openai.RateLimitError, 429, "rate_limit_exceeded", "Too many",
    ),
    "throttled with 200": (
        says.plain({"message": BUSY}), openai.RateLimitError, 429, "rate_limit_exceeded", "Too many",
    ),
    "throttled in another format": (
        says.plain({"Output": {"__type": "com.amazon.coral.availability#ThrottlingException"}, "Version": "1.0"}),
        openai.RateLimitError, 429, "rate_limit_exceeded", "",
    ),
    "no more quota": (
        fails("ServiceQuotaExceededException", "Quota."), openai.RateLimitError, 429, "insufficient_quota", "Quota",
    ),
    "not ready": (fails("ModelNotReadyException", "Not ready."), SERVER, 503, "model_not_ready", "ready"),
    "slow": (fails("ModelTimeoutException", "It took too long."), SERVER, 504, None, "too long"),
    "a broken model": (fails("ModelErrorException", "The model broke."), SERVER, 502, None, "broke"),
    "internal": (fails("InternalServerException", "Internal."), SERVER, 500, None, "Internal"),
    "unavailable": (fails("ServiceUnavailableException", "Later."), SERVER, 503, "overloaded", "Later"),
    "expired": (fails("ExpiredTokenException", "expired"), SERVER, 502, "upstream_authentication", "credentials"),
    "a wrong signature": (
        fails("InvalidSignatureException", f"The Canonical String is {ACCOUNT}"), SERVER, 502,
        "upstream_authentication", "credentials",
    ),
    "an unknown operation with 200": (says.plain(UNKNOWN), SERVER, 502, None, ""),
    "nothing with 200": (says.plain({}), SERVER, 502, None, ""),
}  # fmt: skip


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("case", TABLE)
def test_an_error_of_bedrock_is_one_of_openai(bedrock, bedrock_sdk, bedrock_proxy, case, stream):
    script, error, status, code, words = TABLE[case]
    bedrock.script(script)
    with pytest.raises(error) as caught:
        bedrock_sdk().chat.completions.create(model=CLAUDE, messages=[ASK], stream=stream)
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert set(caught.value.body) == {"message", "type", "param", "code"} and words in caught.value.message
    assert ACCOUNT not in caught.value.response.text and "arn:" not in caught.value.response.text
    record = records.of_id(bedrock_proxy, caught.value.response.headers["x-proxy-request-id"])
    assert (record["http.response.status_code"], record["attempts"]) == (status, 1) and record["error.type"]
    assert is_served(bedrock, bedrock_proxy)


def is_served(bedrock, proxy):
    bedrock.script(says.message(says.text("Next.")))
    response = calls.call(proxy.origin, "POST", "/bedrock/v1/chat/completions", calls.chat(model=CLAUDE))
    return response.json["choices"][0]["message"]["content"] == "Next."


def test_the_owner_reads_in_the_log_who_was_denied_what(bedrock, bedrock_sdk, bedrock_proxy):
    bedrock.script(says.failure("AccessDeniedException", DENIED))
    with pytest.raises(openai.PermissionDeniedError) as caught:
        bedrock_sdk().chat.completions.create(model=CLAUDE, messages=[ASK])
    found = caught.value.response.headers["x-proxy-request-id"]
    log = bedrock_proxy.log_where(lambda log: any(found in line and ROLE in line for line in log.splitlines()), ROLE)
    assert "Add the permission" in log


def test_no_prompt_of_an_error_is_logged(bedrock, bedrock_sdk, bedrock_proxy):
    bedrock.script(says.failure("ValidationException", "The prompt 'my-secret-prompt' is refused."))
    with pytest.raises(openai.BadRequestError, match="my-secret-prompt") as caught:
        bedrock_sdk().chat.completions.create(model=CLAUDE, messages=[ASK])
    records.of_id(bedrock_proxy, caught.value.response.headers["x-proxy-request-id"])
    assert "my-secret-prompt" not in bedrock_proxy.log


@pytest.mark.parametrize(
    "kind, error, status",
    [
        ("throttlingException", openai.RateLimitError, 429),
        ("validationException", openai.BadRequestError, 400),
        ("internalServerException", openai.InternalServerError, 500),
        ("modelStreamErrorException", openai.InternalServerError, 502),
        ("serviceUnavailableException", openai.InternalServerError, 503),
    ],
)
def test_an_exception_before_any_event_has_its_status(bedrock, bedrock_sdk, kind, error, status):
    bedrock.script(says.pieces(event_stream.exception(kind, "It failed.")))
    with pytest.raises(error, match="It failed") as caught:
        bedrock_sdk().chat.completions.create(model=CLAUDE, messages=[ASK], stream=True)
    assert caught.value.status_code == status


@pytest.mark.parametrize(
    "frame, code",
    [
        (event_stream.exception("throttlingException", BUSY), "rate_limit_exceeded"),
        (event_stream.exception("modelStreamErrorException", BUSY, originalStatusCode=500), None),
        (event_stream.error("internal", BUSY), "rate_limit_exceeded"),
        (event_stream.event("throttlingException", {"message": BUSY}), "rate_limit_exceeded"),
    ],
    ids=["exception", "of the model", "error", "event"],
)
def test_an_exception_in_the_middle_ends_a_stream_with_an_error(bedrock, bedrock_sdk, bedrock_proxy, frame, code):
    bedrock.script(says.pieces(*says.events(says.text("Hello"))[:2], frame))
    got = []
    with pytest.raises(openai.APIError, match="Too many tokens") as caught:
        for chunk in bedrock_sdk().chat.completions.create(model=CLAUDE, messages=[ASK], stream=True):
            got.append(chunk.choices[0].delta.content or "")
    assert ("".join(got), caught.value.code) == ("Hello", code)
    assert is_served(bedrock, bedrock_proxy)


def test_an_error_of_an_embedding_model_is_one_of_openai(bedrock, bedrock_sdk):
    bedrock.always = embedding_models.answer
    with pytest.raises(openai.APIStatusError) as caught:
        bedrock_sdk().embeddings.create(model="amazon.titan-embed-text-v2:0", input="a", dimensions=7)
    assert caught.value.status_code == 400
    bedrock.always = says.failure("ThrottlingException", BUSY)
    with pytest.raises(openai.RateLimitError):
        bedrock_sdk().embeddings.create(model="amazon.titan-embed-text-v2:0", input=["a", "b"])
