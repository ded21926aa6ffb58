"""The collected events are what AWS sends, as other people's parsers see them, and each one is answered in its form."""

import json

import answers
import doors
import events
import functions
import pytest
from aws_lambda_powertools.utilities.data_classes import (
    ALBEvent,
    APIGatewayProxyEvent,
    APIGatewayProxyEventV2,
    LambdaFunctionUrlEvent,
)
from aws_lambda_powertools.utilities.parser import models
from mangum.handlers import ALB, APIGateway, HTTPGateway

MODELS = {
    # It does not know the form with several values.
    models.AlbModel: [name for name in events.LOAD_BALANCERS if "multi" not in name],
    models.APIGatewayProxyEventModel: [name for name in events.REST_APIS if name != "rest-test-invoke"],
    models.APIGatewayProxyEventV2Model: events.HTTP_APIS,
    models.LambdaFunctionUrlModel: events.FUNCTION_URLS,
    models.EventBridgeModel: ["ping-schedule", "none-eventbridge"],
    models.SnsModel: ["none-sns"],
    models.SqsModel: ["none-sqs"],
    models.S3Model: ["none-s3"],
}
DATA_CLASSES = {
    APIGatewayProxyEvent: events.REST_APIS + events.PAYLOAD_1,
    APIGatewayProxyEventV2: events.HTTP_APIS,
    LambdaFunctionUrlEvent: events.FUNCTION_URLS,
    ALBEvent: events.LOAD_BALANCERS,
}
HANDLERS = {
    ALB: events.LOAD_BALANCERS,
    APIGateway: events.REST_APIS,
    HTTPGateway: events.HTTP_APIS + events.FUNCTION_URLS + events.PAYLOAD_1,
}
TABLE = """
openai: {{url: "{up}/v1", num_retries: 0}}
speech: {{url: "{up}/v1", endpoints: ["audio/*"]}}
settings:
  trust_gateway: true
  direct_invocation: true
  virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]
"""


def cases(table):
    return [pytest.param(kind, name, id=f"{name}-{kind.__name__}") for kind, names in table.items() for name in names]


@pytest.mark.debug_only
@pytest.mark.parametrize(("model", "name"), cases(MODELS))
def test_a_model_of_the_event_accepts_it(model, name):
    model.model_validate(events.load(name))


@pytest.mark.debug_only
@pytest.mark.parametrize(("kind", "name"), cases(DATA_CLASSES))
def test_another_reader_finds_the_request(kind, name):
    event = events.load(name)
    seen = kind(event)
    assert seen.http_method in ("GET", "POST", "OPTIONS")
    assert seen.path.startswith("/")
    assert seen.body == event.get("body")


@pytest.mark.debug_only
@pytest.mark.parametrize(("handler", "name"), cases(HANDLERS))
def test_a_web_framework_takes_it_for_its_kind(handler, name):
    event = events.load(name)
    inferred = [kind for kind in (ALB, HTTPGateway, APIGateway) if kind.infer(event, None, {})]
    assert inferred[0] is handler
    scope = handler(event, None, {"api_gateway_base_path": "/", "exclude_headers": []}).scope
    assert scope["type"] == "http" and scope["method"] in ("GET", "POST", "OPTIONS")


DOOR_OF = {
    **{name: doors.FUNCTION_URL for name in events.FUNCTION_URLS},
    **{name: doors.HTTP_API for name in events.HTTP_APIS + events.PAYLOAD_1},
    **{name: doors.REST_API for name in events.REST_APIS},
    **{name: doors.LOAD_BALANCER for name in events.LOAD_BALANCERS},
    **{name: doors.MULTI_VALUE for name in events.LOAD_BALANCERS if "multi" in name},
}


@pytest.fixture(scope="module")
def function(session_upstream):
    with functions.serving(TABLE.format(up=session_upstream.origin), PROXY_FUNCTION_URL="none") as function:
        yield function


def test_every_event_belongs_to_one_kind():
    assert sorted([*DOOR_OF, *events.PINGS, *events.WITHOUT_DOOR, *events.DIRECT]) == events.NAMES


# What is not answered with the provider's answer: nobody is identified, or it isn't an endpoint.
STATUSES = {
    "http-api-iam": 401, "http-api-lambda-authorizer": 401, "rest-iam": 401, "rest-preflight": 401,
    "http-api-custom-domain": 404,
}  # fmt: skip


@pytest.mark.parametrize("name", DOOR_OF)
def test_a_request_is_answered_in_the_form_of_its_door(function, upstream, name):
    upstream.always = answers.plain(answers.completion(name))
    response = DOOR_OF[name].response(function.ask(events.load(name)))
    assert response.status == STATUSES.get(name, 200), response.body
    if name.endswith("health-check"):
        assert response.json["status"] == "ok"
    elif response.status == 200:
        assert response.json == answers.completion(name)
        assert upstream.request().target.startswith("/v1/")


@pytest.mark.parametrize("name", events.PINGS)
def test_a_ping_is_answered(function, name):
    answer = function.ask(events.load(name))
    assert (answer.kind, answer.is_streamed, json.loads(answer.raw)) == ("response", False, {"status": "ok"})


@pytest.mark.parametrize("name", events.WITHOUT_DOOR)
def test_what_is_no_request_is_an_invocation_error(function, name):
    answer = function.ask(events.load(name))
    assert answer.kind == "error" and answer.failure["errorType"] == "Function.InvalidEvent"


@pytest.mark.parametrize("name", events.DIRECT)
def test_a_direct_invocation_gets_the_answer_itself(function, upstream, name):
    upstream.always = answers.plain(answers.completion(name))
    answer = function.ask(events.load(name))
    assert json.loads(answer.raw)["body"] == answers.completion(name)
    assert upstream.request().target.startswith("/v1/chat/completions")
