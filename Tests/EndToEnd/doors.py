"""What stands in front of a function: the events that it sends, and what it makes of the function's answer.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html, and
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html.
"""

import base64
import json
import re
import urllib.parse

import calls

CHAT = "/scripted/v1/chat/completions"
HOST = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
URL_HOST = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws"
TARGET_GROUP = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/proxy/0123456789abcdef"
HTTP_INTEGRATION = "application/vnd.awslambda.http-integration-response"
# In bytes: what Lambda returns at most, and a load balancer.
LARGEST, LARGEST_OF_LOAD_BALANCER = 6 * 1024 * 1024 + 100, 1024 * 1024
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"}


def last(pairs):
    """One value for each name: of several only the last one is left."""
    return dict(pairs)


def lists(pairs):
    found = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def lowered(pairs):
    """One value for each name in lower case: several are joined by a comma."""
    return {name: ",".join(values) for name, values in lists((name.lower(), value) for name, value in pairs).items()}


def no_duplicates(pairs):
    assert len(dict(pairs)) == len(pairs), f"a member twice: {pairs}"
    return dict(pairs)


def document(data):
    """A JSON object that any parser reads in the same way."""
    value = json.loads(data.decode("utf-8"), object_pairs_hook=no_duplicates)
    assert isinstance(value, dict), value
    return value


class Door:
    """A function URL; the others are its subclasses. `adds_cors` doors answer preflights by themselves."""

    name = "function URL"
    is_streamed = True
    rest_transfer = None
    adds_cors = True
    largest = None

    def __str__(self):
        return self.name

    def event(self, method="POST", path=CHAT, body=b"", query="", headers=(), key=calls.KEY, encode=False, **more):
        """An event. `encode` puts the body in base64; `more` are members of the request's context."""
        usual = [("Host", HOST), ("Content-Type", "application/json"), ("User-Agent", "test")]
        named = {name.lower() for name, _ in headers}
        fields = [field for field in usual if field[0].lower() not in named] + list(headers)
        if key is not None:
            fields.append(("Authorization", f"Bearer {key}"))
        event = self._request(method, path, query, fields)
        event["requestContext"] |= more
        if body or encode:
            event["body"] = base64.b64encode(body).decode() if encode else body.decode()
        else:
            event["body"] = self.no_body
        return event | {"isBase64Encoded": encode}

    no_body = None

    def _request(self, method, path, query, fields):
        return self._payload_2(method, path, query, fields, URL_HOST, "$default")

    def _payload_2(self, method, path, query, fields, domain, stage):
        http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"}
        context = {"http": http, "domainName": domain, "requestId": "r", "stage": stage, "timeEpoch": 1}
        return {
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
            "headers": lowered(fields), "requestContext": context,
        }  # fmt: skip

    def response(self, answer):
        """The response that the caller gets. Whatever the door would not understand fails the test."""
        assert answer.kind == "response", (answer.kind, answer.raw)
        if self.is_streamed:
            assert answer.headers["content-type"] == HTTP_INTEGRATION
            prelude = document(answer.raw.partition(bytes(8))[0])
            assert answer.is_streamed and set(prelude) <= {"statusCode", "headers", "cookies"}, prelude
            assert answer.body, "an empty body behind a streaming integration hangs"
            return self._response(prelude, list(prelude["headers"].items()), answer.body)
        assert not answer.is_streamed
        assert len(answer.raw) == int(answer.headers["content-length"]) <= self.largest
        return self._whole(document(answer.raw))

    def _whole(self, told):
        assert self.members <= set(told) <= self.members | self.more_members, told
        encoded = told.get("isBase64Encoded", False)
        assert encoded in (True, False) and isinstance(told["body"], str), told
        body = base64.b64decode(told["body"], validate=True) if encoded else told["body"].encode()
        return self._response(told, self._fields(told), body)

    members = {"statusCode", "headers", "body"}
    more_members = {"isBase64Encoded"}

    def _fields(self, told):
        return list(told["headers"].items())

    def _response(self, told, fields, body):
        assert type(told["statusCode"]) is int and 200 <= told["statusCode"] < 600, told
        assert all(isinstance(text, str) for field in fields for text in field), fields
        assert len({name.lower() for name, _ in fields}) == len(fields), fields
        assert not HOP_BY_HOP & {name.lower() for name, _ in fields}, fields
        return calls.Response(["HTTP/1.1", str(told["statusCode"]), ""], fields, body)


def of_http_api(path, stage):
    """An HTTP API decodes the path, and puts the name of the stage in front, but for `$default`."""
    path = urllib.parse.unquote(path)
    return path if stage == "$default" else f"/{stage}{path}"


class HTTPAPI(Door):
    name = "HTTP API"
    is_streamed = False
    largest = LARGEST

    def __init__(self, stage="$default", domain=HOST):
        self.stage = stage
        self.domain = domain

    def _request(self, method, path, query, fields):
        path = of_http_api(path, self.stage)
        return self._payload_2(method, path, query, fields, self.domain, self.stage)


class REST(Door):
    name = "REST API"
    is_streamed = False
    adds_cors = False
    rest_transfer = "buffer"
    largest = LARGEST

    def __init__(self, base_path="", resource="/{proxy+}"):
        self.base_path = base_path
        self.resource = resource

    def _request(self, method, path, query, fields):
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        identity = {"sourceIp": "192.0.2.1", "userAgent": "test", "apiKey": None, "apiKeyId": None}
        whole = self.base_path + path
        context = {
            "resourcePath": self.resource, "httpMethod": method, "path": f"/prod{path}", "stage": "prod",
            "requestId": "r", "domainName": HOST, "identity": identity,
        }  # fmt: skip
        return {
            "resource": self.resource, "path": whole, "httpMethod": method, "headers": last(fields),
            "multiValueHeaders": lists(fields), "queryStringParameters": last(pairs) or None,
            "multiValueQueryStringParameters": lists(pairs) or None,
            "pathParameters": {"proxy": path.lstrip("/")}, "stageVariables": None, "requestContext": context,
        }  # fmt: skip


class StreamingREST(REST):
    name = "streaming REST API"
    is_streamed = True
    rest_transfer = "stream"


class HTTPAPI1(REST):
    """An HTTP API that was told to use payload format 1.0."""

    name = "HTTP API with payload 1.0"
    adds_cors = True
    rest_transfer = None

    def __init__(self, stage="$default"):
        super().__init__()
        self.stage = stage

    def _request(self, method, path, query, fields):
        event = super()._request(method, path, query, fields)
        event["requestContext"] |= {"stage": self.stage}
        event["path"] = of_http_api(path, self.stage)
        return {"version": "1.0", **event}


class LoadBalancer(Door):
    """It decodes nothing, and its target group chooses between single and multiple values."""

    name = "load balancer"
    is_streamed = False
    adds_cors = False
    largest = LARGEST_OF_LOAD_BALANCER
    no_body = ""
    more_members = Door.more_members | {"statusDescription"}

    def _request(self, method, path, query, fields):
        pairs = [tuple(part.partition("=")[::2]) for part in query.split("&")] if query else []
        fields = [(name.lower(), value) for name, value in fields]
        context = {"elb": {"targetGroupArn": TARGET_GROUP}}
        return {"requestContext": context, "httpMethod": method, "path": path, **self._values(pairs, fields)}

    def _values(self, query, fields):
        return {"queryStringParameters": last(query), "headers": last(fields)}

    def _whole(self, told):
        words = told.get("statusDescription", f"{told['statusCode']} OK")
        assert re.fullmatch(f"{told['statusCode']} [A-Z][A-Za-z -]+", words), words
        return super()._whole(told)


class MultiValueLoadBalancer(LoadBalancer):
    name = "load balancer with multiple values"
    members = (LoadBalancer.members - {"headers"}) | {"multiValueHeaders"}

    def _values(self, query, fields):
        return {"multiValueQueryStringParameters": lists(query), "multiValueHeaders": lists(fields)}

    def _fields(self, told):
        return [(name, ", ".join(values)) for name, values in told["multiValueHeaders"].items()]


FUNCTION_URL, HTTP_API, HTTP_API_1 = Door(), HTTPAPI(), HTTPAPI1()
REST_API, STREAMING_REST_API = REST(), StreamingREST()
LOAD_BALANCER, MULTI_VALUE = LoadBalancer(), MultiValueLoadBalancer()
DOORS = [FUNCTION_URL, HTTP_API, HTTP_API_1, REST_API, STREAMING_REST_API, LOAD_BALANCER, MULTI_VALUE]
BUFFERED = [door for door in DOORS if not door.is_streamed]
STREAMED = [door for door in DOORS if door.is_streamed]
