"""The scripted Bedrock is honest: AWS's own client accepts what it answers, and it refuses what AWS would refuse."""

import base64
import datetime
import json

import bedrock_answers as says
import boto3
import botocore.config
import calls
import embedding_models
import event_stream
import pytest
from bedrock_servers import CLAUDE
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.eventstream import ChecksumMismatch, InvalidPayloadLength
from botocore.exceptions import ClientError, EventStreamError

pytestmark = pytest.mark.debug_only
ARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"
HI = [{"role": "user", "content": [{"text": "Hi"}]}]
PIXEL = b"GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1\0;"
BLOCKS = [says.thought("Let me think."), says.text("Hello, wörld"), says.tool("t1", "weather", {"city": "Zürich"})]


@pytest.fixture
def client(bedrock):
    account = bedrock.account
    return boto3.client(
        "bedrock-runtime", endpoint_url=bedrock.origin, region_name="us-east-1",
        aws_access_key_id=account.access_key, aws_secret_access_key=account.secret_key,
        aws_session_token=account.session_token, config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )  # fmt: skip


@pytest.mark.parametrize("model", [CLAUDE, ARN])
def test_awss_client_reads_a_plain_answer(bedrock, client, model):
    bedrock.script(says.message(*BLOCKS))
    image = {"image": {"format": "gif", "source": {"bytes": PIXEL}}}
    got = client.converse(
        modelId=model, system=[{"text": "Be brief."}], messages=[{"role": "user", "content": [image, {"text": "?"}]}]
    )
    assert got["output"]["message"] == {"role": "assistant", "content": BLOCKS}
    assert (got["stopReason"], got["usage"]) == ("tool_use", says.USAGE)
    sent = bedrock.request().json["messages"][0]["content"][0]["image"]["source"]["bytes"]
    assert base64.b64decode(sent) == PIXEL


def test_awss_client_reads_a_stream(bedrock, client):
    bedrock.script(says.message(*BLOCKS))
    events = list(client.converse_stream(modelId=CLAUDE, messages=HI)["stream"])
    names = [name for event in events for name in event]
    assert names[0] == "messageStart" and names[-2:] == ["messageStop", "metadata"]
    deltas = [event["contentBlockDelta"] for event in events if "contentBlockDelta" in event]
    thoughts = [delta["delta"]["reasoningContent"] for delta in deltas if delta["contentBlockIndex"] == 0]
    assert thoughts[-1] == {"signature": says.SIGNATURE}
    assert "".join(thought.get("text", "") for thought in thoughts) == "Let me think."
    assert "".join(delta["delta"]["text"] for delta in deltas if delta["contentBlockIndex"] == 1) == "Hello, wörld"
    inputs = [delta["delta"]["toolUse"]["input"] for delta in deltas if delta["contentBlockIndex"] == 2]
    assert inputs[0] == "" and json.loads("".join(inputs)) == {"city": "Zürich"}
    starts = [event["contentBlockStart"] for event in events if "contentBlockStart" in event]
    assert starts == [{"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "t1", "name": "weather"}}}]


@pytest.mark.parametrize("before", [0, 2])
@pytest.mark.parametrize(
    "frame, code",
    [
        (event_stream.exception("throttlingException", "Too many tokens"), "throttlingException"),
        (event_stream.error("internal", "It broke"), "internal"),
    ],
)
def test_awss_client_raises_an_exception_in_a_stream(bedrock, client, frame, code, before):
    bedrock.script(says.pieces(*says.events(*BLOCKS)[:before], frame))
    stream = iter(client.converse_stream(modelId=CLAUDE, messages=HI)["stream"])
    for _ in range(before):
        next(stream)
    with pytest.raises(EventStreamError) as caught:
        next(stream)
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("kind", says.STATUSES)
def test_awss_client_raises_an_error_by_its_name(bedrock, client, kind):
    bedrock.script(says.failure(kind, "Why."))
    with pytest.raises(ClientError) as caught:
        client.converse(modelId=CLAUDE, messages=HI)
    error = caught.value.response
    assert (error["Error"]["Code"], error["Error"]["Message"]) == (kind, "Why.")
    assert error["ResponseMetadata"]["HTTPStatusCode"] == says.STATUSES[kind]


def test_awss_client_finds_what_is_wrong_with_a_stream():
    frame = says.events(says.text("Hi"))[0]
    for wrong, error in [
        (event_stream.with_wrong_crc(frame), ChecksumMismatch),
        (event_stream.with_wrong_crc(frame, of_prelude=True), ChecksumMismatch),
        (event_stream.with_length(frame, 0x7FFFFFFF), InvalidPayloadLength),
    ]:
        with pytest.raises(error):
            event_stream.decoded(wrong)
    with pytest.raises(AssertionError):
        event_stream.decoded(frame[:-1])


def test_the_smallest_message_is_that_of_botocores_tests():
    assert event_stream.message(b"", b"").hex() == "000000100000000005c248eb7d98c8ff"


def test_every_type_of_header_is_decoded():
    kinds = {kind: bytes(length) for kind, length in event_stream.FIXED.items()} | {6: b"ab", 7: "c"}
    headers = b"".join(event_stream.header(f"h{kind}", value, kind) for kind, value in kinds.items())
    ((found, payload),) = event_stream.decoded(event_stream.message(headers, b"{}"))
    assert len(found) == len(kinds) and found["h0"] is True and found["h6"] == b"ab" and found["h7"] == "c"


def test_an_api_key_is_accepted_in_place_of_a_signature(bedrock, monkeypatch):
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", bedrock.account.api_key)
    client = boto3.client("bedrock-runtime", endpoint_url=bedrock.origin, region_name="us-east-1")
    bedrock.script(says.message(says.text("Hi")))
    client.converse(modelId=CLAUDE, messages=HI)
    assert bedrock.request().header("authorization") == f"Bearer {bedrock.account.api_key}"
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "another key")
    client = boto3.client("bedrock-runtime", endpoint_url=bedrock.origin, region_name="us-east-1")
    with pytest.raises(client.exceptions.AccessDeniedException):
        client.converse(modelId=CLAUDE, messages=HI)
    assert bedrock.refused() == "AccessDeniedException"


BODY = json.dumps({"messages": HI}).encode()
PATH = "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse"


def signed(bedrock, signer=SigV4Auth, region="us-east-1", service="bedrock", more=None, **differences):
    """The headers of a request that botocore has signed, with these differences in the credentials."""
    account = vars(bedrock.account) | differences
    keys = Credentials(account["access_key"], account["secret_key"], account["session_token"])
    headers = {"Content-Type": "application/json", **(more or {})}
    made = AWSRequest("POST", bedrock.origin + PATH, data=BODY, headers=headers)
    signer(keys, service, region).add_auth(made)
    return dict(made.headers.items())


def send(bedrock, headers, path=PATH, body=BODY):
    return calls.call(bedrock.origin, "POST", path, body, key=None, headers=headers)


def without(headers, name):
    return {key: value for key, value in headers.items() if key != name}


def test_a_request_that_botocore_signed_is_accepted(bedrock):
    bedrock.script(says.message(says.text("Hi")))
    assert send(bedrock, signed(bedrock)).status == 200


WRONG = {
    "a bit of the body": (lambda b: send(b, signed(b), body=BODY.replace(b"Hi", b"hi")), "InvalidSignature"),
    "another path": (lambda b: send(b, signed(b), PATH.replace("4-5", "4-6")), "InvalidSignature"),
    "the path encoded once": (lambda b: send(b, signed(b, S3SigV4Auth)), "InvalidSignature"),
    "no token": (lambda b: send(b, signed(b, session_token=None)), "UnrecognizedClient"),
    "a token that is not sent": (
        lambda b: send(b, without(signed(b), "X-Amz-Security-Token")), "UnrecognizedClient",
    ),
    "another secret": (lambda b: send(b, signed(b, secret_key="other")), "InvalidSignature"),
    "another key": (lambda b: send(b, signed(b, access_key="AKIAOTHER")), "UnrecognizedClient"),
    "another region": (lambda b: send(b, signed(b, region="mars-1")), "InvalidSignature"),
    "another service": (lambda b: send(b, signed(b, service="bedrock-runtime")), "InvalidSignature"),
    "a signed header that did not come": (
        lambda b: send(b, without(signed(b, more={"Accept": ""}), "Accept")), "InvalidSignature",
    ),
    "no signature": (lambda b: send(b, without(signed(b), "Authorization")), "MissingAuthenticationToken"),
    "half a signature": (
        lambda b: send(b, {**signed(b), "Authorization": "AWS4-HMAC-SHA256 Credential=a"}), "IncompleteSignature",
    ),
    "another hash of the body": (
        lambda b: send(b, signed(b, more={"X-Amz-Content-SHA256": "0" * 64})), "InvalidSignature",
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_request_with_something_wrong_is_refused(bedrock, wrong):
    ask, kind = WRONG[wrong]
    response = ask(bedrock)
    assert response.status == 403 and response.json["message"]
    assert response.header("x-amzn-errortype").split(":")[0] == bedrock.refused() == f"{kind}Exception"


@pytest.mark.parametrize("minutes, kind", [(6, "expired"), (-6, "not yet current")])
def test_a_signature_of_another_time_is_refused(bedrock, minutes, kind):
    bedrock.account.ahead = datetime.timedelta(minutes=minutes)
    response = send(bedrock, signed(bedrock))
    assert (response.status, bedrock.refused()) == (403, "InvalidSignatureException")
    assert kind in response.json["message"]


EMBEDDING = {
    "amazon.titan-embed-text-v2:0": {"inputText": "a", "dimensions": 256, "normalize": True},
    "amazon.titan-embed-text-v1": {"inputText": "a"},
    "cohere.embed-english-v3": {"texts": ["a", "b"], "input_type": "search_document"},
    "cohere.embed-v4:0": {
        "texts": ["a"], "input_type": "search_query", "output_dimension": 512, "embedding_types": ["float"],
    },
    "amazon.nova-2-multimodal-embeddings-v1:0": {
        "schemaVersion": "nova-multimodal-embed-v1", "taskType": "SINGLE_EMBEDDING",
        "singleEmbeddingParams": {"embeddingPurpose": "GENERIC_INDEX", "text": {"truncationMode": "END", "value": "a"}},
    },
}  # fmt: skip


@pytest.mark.parametrize("model", EMBEDDING)
def test_embedding_models_answer_in_their_own_formats(bedrock, client, model):
    bedrock.always = embedding_models.answer
    got = json.loads(client.invoke_model(modelId=model, body=json.dumps(EMBEDDING[model]))["body"].read())
    vectors = [got["embedding"]] if "embedding" in got else got["embeddings"]
    vectors = vectors["float"] if isinstance(vectors, dict) else vectors
    vectors = [entry["embedding"] if isinstance(entry, dict) else entry for entry in vectors]
    size = embedding_models.dimensions(model, EMBEDDING[model])
    assert vectors == [embedding_models.vector(text, size) for text in embedding_models.texts(EMBEDDING[model])]
    with pytest.raises(client.exceptions.ValidationException):
        client.invoke_model(modelId=model, body=json.dumps({**EMBEDDING[model], "more": 1}))
    assert bedrock.refused() == "ValidationException"
