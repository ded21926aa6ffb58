"""`function-url --door`: events and answers of API Gateway and of a load balancer, with a runtime that isn't the proxy.

Powertools for AWS and Mangum judge the events: both were written against AWS, by others.
"""

import base64
import json
import pathlib
import socket
import sys

import calls
import programs
import pytest
import wire
from aws_lambda_powertools.utilities.data_classes import ALBEvent, APIGatewayProxyEvent, APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.parser import models

NULS = bytes(8)
KEY = "0123456789abcdefghij"
TEMPLATE = """
Globals:
  Function:
    FunctionUrlConfig:
      Cors: {AllowOrigins: ["https://a.example"], AllowMethods: [GET], ExposeHeaders: [x-b]}
"""
TITLES = {"function-url": "Function URL", "http-api": "HTTP API", "alb": "Load balancer"}
DOORS = {
    "function-url": [],
    "rest": [],
    "rest-buffered": ["--binary-media-type", "application/octet-stream"],
    "http-api": [],
    "alb": [],
    "alb-lists": ["--multi-value-headers"],
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Start a door, once for the same options."""
    runtime = tmp_path_factory.mktemp("runtime") / "bootstrap"
    script = pathlib.Path(__file__).with_name("echo_runtime.py")
    runtime.write_text(f"#!{sys.executable}\nimport runpy\nrunpy.run_path({str(script)!r}, run_name='__main__')\n")
    runtime.chmod(0o755)
    started = {}

    def run(name, *options, files=None, **variables):
        identity = (name, *options)
        if identity not in started:
            kind = name.removesuffix("-lists")
            started[identity] = programs.LocalDoor(
                runtime, "--door", kind, "--concurrency", 1, *DOORS[name], *options,
                title=TITLES.get(kind, "REST API"), files={"template.yaml": TEMPLATE, **(files or {})}, **variables,
            )  # fmt: skip
        return started[identity]

    yield run
    for program in started.values():
        program.stop()


def document(status=200, **members):
    return json.dumps({"statusCode": status, **members}).encode()


def prelude(body=b"", /, **members):
    return json.dumps(members).encode() + NULS + body


def asking(answer, mode="buffered", **headers):
    """The headers of a request for this answer."""
    encoded = base64.b64encode(answer).decode()
    return {"x-answer": encoded, "x-mode": mode, **{name.replace("_", "-"): value for name, value in headers.items()}}


def event_of(program, method, path, body=b"", **options):
    response = calls.call(program.origin, method, path, body, **options)
    assert response.status == 200, response.body
    return response.json["event"]


# The events.


STRICT = {
    "function-url": models.LambdaFunctionUrlModel,
    "rest": models.APIGatewayProxyEventModel,
    "rest-buffered": models.APIGatewayProxyEventModel,
    "http-api": models.APIGatewayProxyEventV2Model,
    "alb": models.AlbModel,
}


@pytest.mark.parametrize("request_line", [("GET", "/"), ("POST", "/v1/chat?a=1&a=%202&b")], ids=str)
@pytest.mark.parametrize("name", STRICT)
def test_powertools_accepts_the_event(run, name, request_line):
    body = b"{}" if request_line[0] == "POST" else b""
    event = event_of(run(name), *request_line, body, headers={"Cookie": "c=1"})
    STRICT[name].model_validate(event)
    a = {"alb": "%202", "rest": " 2", "rest-buffered": " 2"}.get(name, "1, 2")
    assert (event.get("queryStringParameters") or {}) == ({"a": a, "b": ""} if "?" in request_line[1] else {})


@pytest.mark.parametrize("name", ["rest", "rest-buffered", "http-api", "alb", "alb-lists"])
def test_powertools_reads_the_request_from_the_event(run, name):
    kind = {"http-api": APIGatewayProxyEventV2}.get(name, ALBEvent if name.startswith("alb") else APIGatewayProxyEvent)
    raw = event_of(run(name), "PUT", "/v1/files?a=1", b'{"x":"\xc3\xa9"}', headers={"X-Custom": "value"})
    event = kind(raw)
    assert (event.http_method, event.path) == ("PUT", "/v1/files")
    assert event.json_body == {"x": "é"}
    assert event.resolved_query_string_parameters == {"a": ["1"]}
    headers = {name.lower(): value for name, value in event.resolved_headers_field.items()}
    assert headers["x-custom"] in ("value", ["value"])


def test_a_rest_api_shows_its_stage_and_the_callers_spelling(run):
    event = event_of(run("rest", AWS_REGION="eu-west-1"), "GET", "/v1/models", headers={"X-CuStOm": "1"})
    context = event["requestContext"]
    assert (event["resource"], event["pathParameters"]) == ("/{proxy+}", {"proxy": "v1/models"})
    assert (context["stage"], context["path"]) == ("prod", "/prod/v1/models")
    assert event["multiValueHeaders"]["X-CuStOm"] == ["1"]
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert "apiKey" not in context["identity"] and "version" not in event and event["body"] is None


# Mangum doesn't stream.
@pytest.mark.parametrize("name", [name for name in DOORS if name != "rest"])
@pytest.mark.parametrize("sent", [b"", b"text \xc3\xa9", b"\xff\x00"], ids=["none", "text", "binary"])
def test_mangum_serves_a_web_application(run, name, sent):
    """It knows each door by its event, and answers as that door demands."""
    binary = sent == b"\xff\x00"
    headers = {"x-answer": "mangum", "Cookie": "c=1"}
    headers["Content-Type"] = "application/octet-stream" if binary else "text/plain"
    response = calls.call(run(name).origin, "POST", "/a/b?q=1&q=%C3%A9", sent, headers=headers)
    assert response.status == 201, response.body
    shown = response.json
    assert (shown["method"], shown["path"]) == ("POST", "/a/b")
    assert base64.b64decode(shown["body"]) == sent
    assert ["cookie", "c=1"] in shown["headers"]
    cookies = [value for header, value in response.headers if header.lower() == "set-cookie"]
    assert sorted(cookies) == ["a=1", "b=2"]


# The answers.


INTERNAL = {"message": "Internal server error"}
ANSWERS = [
    ("rest", "streaming", prelude(b"x", multiValueHeaders={"b": ["1", "2"]}, headers={"B": "0"}), 200, b"x"),
    ("rest", "buffered", prelude(b"x", statusCode=202), 202, b"x"),
    ("rest", "buffered", document(body="x"), 500, INTERNAL),
    ("rest", "streaming", b"no prelude", 500, INTERNAL),
    ("rest", "streaming", prelude(b"x", body="x"), 500, INTERNAL),
    ("rest-buffered", "buffered", document(201, body="x"), 201, b"x"),
    ("rest-buffered", "buffered", document(body="aGk=", isBase64Encoded=True), 200, b"aGk="),
    ("rest-buffered", "buffered", b'{"message": "x"}', 502, INTERNAL),
    ("rest-buffered", "buffered", b"not json", 502, INTERNAL),
    ("rest-buffered", "streaming", prelude(b"lost", statusCode=418), 418, b""),
    ("http-api", "buffered", document(202, body="aGk=", isBase64Encoded=True), 202, b"hi"),
    ("http-api", "buffered", b'{"message": "x"}', 200, {"message": "x"}),
    ("http-api", "buffered", b"not json", 500, {"message": "Internal Server Error"}),
    ("http-api", "streaming", prelude(b"x", statusCode=200), 500, {"message": "Internal Server Error"}),
    ("alb", "buffered", document(404, statusDescription="404 Not Found", body="x"), 404, b"x"),
    ("alb-lists", "buffered", document(200, multiValueHeaders={"b": ["1", "2"]}, body="x"), 200, b"x"),
    ("alb", "buffered", b'{"body": "x"}', 502, b"502 Bad Gateway"),
    ("alb", "streaming", prelude(b"x", statusCode=200), 502, b"502 Bad Gateway"),
]


@pytest.mark.parametrize("name, mode, answer, status, body", ANSWERS)
def test_each_door_reads_answers_in_its_own_way(run, name, mode, answer, status, body):
    response = calls.call(run(name).origin, "GET", "/", headers=asking(answer, mode))
    assert response.status == status, response.body
    if isinstance(body, dict):
        assert response.json == body
    elif status == 502:
        assert body in response.body and response.header("content-type") == "text/html"
    else:
        assert response.body == body
    if b'"b": [' in answer:
        assert [value for key, value in response.headers if key.lower() == "b"] == ["1", "2"]


def test_base64_is_decoded_for_callers_that_accept_a_binary_type(run):
    headers = asking(document(body="aGk=", isBase64Encoded=True), Accept="application/octet-stream")
    assert calls.call(run("rest-buffered").origin, "GET", "/", headers=headers).body == b"hi"


def test_a_stream_through_a_buffered_rest_api_is_explained(run):
    program = run("rest-buffered")
    calls.call(program.origin, "GET", "/lost", headers=asking(prelude(b"x"), "streaming"))
    program.log_with("GET /lost: its body is lost: the function streamed")


@pytest.mark.parametrize("name", ["function-url", "rest"])
def test_a_stream_arrives_piece_by_piece(run, name):
    # The runtime's second piece waits for the end of its connection, which comes after the first has arrived.
    with socket.create_server(("127.0.0.1", 0)) as gate:
        headers = asking(prelude(b"1 second", statusCode=200), "streaming", x_gate=gate.getsockname()[1])
        with calls.opened(run(name).origin, "GET", "/", headers=headers) as (response, pieces):
            assert response.status == 200
            assert next(pieces) == b"1"
            gate.settimeout(programs.PATIENCE)
            gate.accept()[0].close()
            assert b"".join(pieces) == b" second"


# Limits.


@pytest.mark.parametrize(
    "name, status, message",
    [("rest-buffered", 504, "Endpoint request timed out"), ("http-api", 503, "Service Unavailable")],
)
def test_an_api_stops_waiting_and_the_function_goes_on(run, name, status, message):
    program = run(name, "--integration-timeout", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as gate:
        response = calls.call(program.origin, "GET", "/slow", headers={"x-gate": gate.getsockname()[1]})
        assert (response.status, response.json) == (status, {"message": message})
    request_id = response.header("apigw-requestid" if name == "http-api" else "x-amzn-requestid")
    program.log_with(f"response {request_id}: 202")


MB = 1 << 20
SIZES = [("alb", MB, 200), ("alb", MB + 1, 413), ("rest", 6 * MB + 1, 413), ("http-api", 6 * MB + 1, 413)]


@pytest.mark.parametrize("name, size, status", SIZES)
def test_requests_have_a_limit(run, name, size, status):
    headers = {"Content-Type": "text/plain", **asking(document(body="x") if name == "alb" else prelude(b"x"))}
    response = calls.call(run(name).origin, "POST", "/", b"x" * size, headers=headers)
    assert response.status == status


def test_a_load_balancers_response_has_a_limit(run):
    response = calls.call(run("alb").origin, "POST", "/", b"x" * 600_000, headers={"Content-Type": "text/plain"})
    assert response.status == 200
    # The echo writes a quote with three backslashes.
    response = calls.call(run("alb").origin, "POST", "/", b'"' * 600_000, headers={"Content-Type": "text/plain"})
    assert response.status == 502


def test_a_stream_is_cut_at_the_apis_limit_and_the_function_goes_on(run):
    program = run("rest", "--integration-timeout", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as gate:
        headers = asking(prelude(b"1 second"), "streaming", x_gate=gate.getsockname()[1])
        with calls.opened(program.origin, "GET", "/", headers=headers) as (response, pieces):
            request_id = response.header("x-amzn-requestid")
            if response.status == 200:  # else the machine was too busy to begin in time
                assert next(pieces) == b"1"
                with pytest.raises(wire.Disconnected):
                    next(pieces)
            else:
                assert response.status == 504
    program.log_with(f"response {request_id}: 202")


# Usage plans.


def refused(response):
    return response.status, response.json["message"], response.header("x-amzn-errortype")


def test_a_usage_plan_asks_for_a_key(run):
    program = run("rest", "--api-key", f"team={KEY}", "--quota", "2/month", "--rate", 1000, "--burst", 1000)
    for key in ({}, {"x-api-key": KEY.upper()}):
        response = calls.call(program.origin, "GET", "/", headers=asking(prelude(b"x"), "streaming") | key)
        assert refused(response) == (403, "Forbidden", "ForbiddenException")
    assert calls.call(program.origin, "OPTIONS", "/", headers=asking(prelude(b"x"), "streaming")).status == 200
    for _ in range(2):
        identity = event_of(program, "GET", "/", headers={"x-api-key": KEY})["requestContext"]["identity"]
        assert (identity["apiKey"], len(identity["apiKeyId"])) == (KEY, 10)
    response = calls.call(program.origin, "GET", "/", headers={"x-api-key": KEY})
    assert refused(response) == (429, "Limit Exceeded", "LimitExceededException")
    assert response.header("retry-after") is None


def test_a_usage_plan_limits_the_rate(run):
    # A token every 28 hours: no machine is so slow that a third request is admitted.
    program = run("rest-buffered", "--api-key", f"team={KEY}", "--rate", "0.00001", "--burst", 2)
    responses = [calls.call(program.origin, "GET", "/", headers={"x-api-key": KEY}) for _ in range(3)]
    assert [response.status for response in responses] == [200, 200, 429]
    assert refused(responses[2]) == (429, "Too Many Requests", "TooManyRequestsException")


# What surrounds the function.


@pytest.mark.parametrize(
    "name, variables",
    [
        ("function-url", {}),
        ("rest", {"PROXY_FUNCTION_URL": "none", "PROXY_REST_TRANSFER": "stream"}),
        ("rest-buffered", {"PROXY_FUNCTION_URL": "none", "PROXY_REST_TRANSFER": "buffer"}),
        ("http-api", {"PROXY_FUNCTION_URL": "none"}),
        ("alb", {"PROXY_FUNCTION_URL": "none"}),
    ],
)
def test_the_runtime_learns_its_door_from_variables(run, name, variables):
    assert calls.call(run(name).origin, "GET", "/").json["variables"] == variables


CORS = {
    "function-url": (200, ["https://function.example", "https://a.example"]),
    "rest-buffered": (404, ["https://function.example"]),
    "http-api": (204, ["https://a.example"]),
    "alb": (404, ["https://function.example"]),
}


@pytest.mark.parametrize("name", CORS)
def test_cors_headers_come_from_function_urls_and_http_apis(run, name):
    preflight_status, origins = CORS[name]
    headers = asking(document(404, headers={"access-control-allow-origin": "https://function.example"}))
    headers["Origin"] = "https://a.example"
    response = calls.call(run(name).origin, "GET", "/", headers=headers)
    assert [v for k, v in response.headers if k.lower() == "access-control-allow-origin"] == origins
    headers["Access-Control-Request-Method"] = "GET"
    assert calls.call(run(name).origin, "OPTIONS", "/", headers=headers).status == preflight_status


@pytest.mark.parametrize("name", ["rest-buffered", "http-api"])
def test_claims_of_an_authorizer_are_shown(run, name):
    claims = {"iss": "https://issuer.example", "sub": "user-1", "groups": ["a", "b"]}
    program = run(name, "--authorizer-claims", "claims.json", files={"claims.json": json.dumps(claims)})
    event = event_of(program, "GET", "/")
    STRICT[name].model_validate(event)
    authorizer = event["requestContext"]["authorizer"]
    assert (authorizer if name == "rest-buffered" else authorizer["jwt"])["claims"] == claims
