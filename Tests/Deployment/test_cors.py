"""A page of another site may call the proxy with the OpenAI SDK, and read the headers that the SDK wants to read.

The browser sends a preflight for every header that is not on the short list of the Fetch standard; Lambda answers it
from the URL's CORS configuration, and one missing header makes every call from every page fail.
"""

import asyncio
import json

import httpx2
import openai
import pytest
from stack import only

# openai-node 7.5.0: src/client.ts (buildHeaders), src/internal/detect-platform.ts, src/lib (helpers), src/azure.ts.
# There is no Node in these tests, so this list is a copy. user-agent: its issue 1694.
SENT_BY_OPENAI_NODE = """
    accept authorization content-type user-agent api-key idempotency-key openai-beta openai-organization openai-project
    x-stainless-arch x-stainless-lang x-stainless-os x-stainless-package-version x-stainless-retry-count
    x-stainless-runtime x-stainless-runtime-version x-stainless-timeout
    x-stainless-helper-method x-stainless-poll-helper x-stainless-custom-poll-interval
""".split()

# anthropic-sdk-typescript 0.120.0: src/client.ts, src/internal/detect-platform.ts, src/lib.
SENT_BY_ANTHROPIC_NODE = """
    accept content-type x-api-key anthropic-version anthropic-beta anthropic-dangerous-direct-browser-access
    x-stainless-arch x-stainless-lang x-stainless-os x-stainless-package-version x-stainless-retry-count
    x-stainless-runtime x-stainless-runtime-version x-stainless-timeout x-stainless-helper x-stainless-helper-method
""".split()

# Headers that pages add themselves, or through their libraries.
SENT_BY_PAGES = {
    "OpenRouter's attribution": "http-referer x-title x-openrouter-title x-openrouter-categories",
    "ids": "x-client-request-id x-request-id x-correlation-id x-session-id x-trace-id request-id "
    "x-ms-client-request-id",
    "traces": "traceparent tracestate baggage sentry-trace b3 x-b3-traceid x-b3-spanid x-b3-sampled x-b3-parentspanid "
    "x-datadog-trace-id x-datadog-parent-id x-datadog-origin x-datadog-sampling-priority newrelic uber-trace-id "
    "elastic-apm-traceparent x-amzn-trace-id request-context x-cloud-trace-context",
    "frameworks": "x-csrf-token x-xsrf-token x-client-info x-client-name x-client-version x-app x-app-version "
    "x-user-id",
    "fetch wrappers": "cache-control pragma x-requested-with accept accept-language content-language "
    "if-none-match if-modified-since range prefer",
    "readers of event streams": "last-event-id cache-control accept",
    "Google's SDK": "x-goog-api-key x-goog-api-client",
    "other names of the key": "x-api-key api-key",
}

# Headers that browsers send themselves or without a preflight:
# https://fetch.spec.whatwg.org/#forbidden-request-header and
# https://fetch.spec.whatwg.org/#cors-safelisted-request-header.
NEED_NO_PERMISSION = {"accept", "accept-encoding", "connection", "content-length", "host"}


@pytest.fixture(scope="module")
def cors(deploy):
    return only(deploy(), "AWS::Lambda::Url")["Cors"]


def sent_by_openai_python():
    """The names of the headers that the installed SDK really sends, on a plain, a streamed and an asynchronous call."""
    sent = set()

    def answer(request):
        sent.update(name.lower() for name in request.headers)
        if json.loads(request.content).get("stream"):
            return httpx2.Response(200, headers={"content-type": "text/event-stream"}, text="data: [DONE]\n\n")
        return httpx2.Response(200, json={"id": "1", "object": "chat.completion", "choices": []})

    transport = httpx2.MockTransport(answer)
    settings = dict(base_url="http://proxy/openai/v1", api_key="key", organization="org", project="project")
    call = dict(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])

    client = openai.OpenAI(http_client=httpx2.Client(transport=transport), **settings)
    client.chat.completions.create(**call)
    client.chat.completions.with_raw_response.create(**call)
    list(client.chat.completions.create(**call, stream=True))
    with client.chat.completions.stream(**call) as stream:
        list(stream)

    async def asynchronously():
        client = openai.AsyncOpenAI(http_client=httpx2.AsyncClient(transport=transport), **settings)
        await client.chat.completions.create(**call)

    asyncio.run(asynchronously())
    return sent


def test_every_header_that_the_python_sdk_sends_is_allowed(cors):
    sent = sent_by_openai_python()
    assert {
        "authorization",
        "content-type",
        "x-stainless-lang",
        "openai-project",
    } <= sent  # proves that headers were recorded
    assert sent - NEED_NO_PERMISSION <= set(cors["AllowHeaders"])


def test_every_header_that_the_javascript_sdk_sends_is_allowed(cors):
    assert set(SENT_BY_OPENAI_NODE) - NEED_NO_PERMISSION <= set(cors["AllowHeaders"])


def test_every_header_that_anthropics_sdk_sends_is_allowed(cors):
    assert set(SENT_BY_ANTHROPIC_NODE) - NEED_NO_PERMISSION <= set(cors["AllowHeaders"])


@pytest.mark.parametrize("sender", SENT_BY_PAGES)
def test_other_headers_of_pages_are_allowed(cors, sender):
    assert set(SENT_BY_PAGES[sender].split()) <= set(cors["AllowHeaders"])


def test_every_method_is_allowed(cors):
    assert cors["AllowMethods"] == ["*"]


def test_a_page_can_read_what_the_sdk_needs_for_request_ids_and_retries(cors):
    limits = {f"x-ratelimit-{what}-{of}" for what in ("limit", "remaining", "reset") for of in ("requests", "tokens")}
    assert {"x-request-id", "retry-after", "retry-after-ms", "x-should-retry", *limits} <= set(cors["ExposeHeaders"])


def test_a_page_can_read_anthropics_request_id(cors):
    assert "request-id" in cors["ExposeHeaders"]


def test_a_page_can_read_which_server_answered_after_how_many_attempts(cors):
    assert {"x-proxy-request-id", "x-proxy-server", "x-proxy-attempts"} <= set(cors["ExposeHeaders"])


def test_a_page_can_read_whether_the_response_came_from_the_cache(cors):
    assert {"age", "cache-status", "x-cache"} <= set(cors["ExposeHeaders"])


def test_a_page_can_read_www_authenticate(cors):
    assert {"www-authenticate", "x-amzn-remapped-www-authenticate"} <= set(cors["ExposeHeaders"])


@pytest.mark.parametrize("key", ["AllowHeaders", "ExposeHeaders"])
def test_the_header_lists_are_within_lambdas_limits(cors, key):
    # https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html: 100 names of at most 1024 characters.
    names = cors[key]
    assert len(names) <= 100
    assert all(name == name.lower() and len(name) <= 1024 and "*" not in name for name in names)
    assert len(set(names)) == len(names)


def test_any_origin_is_allowed_unless_the_owner_lists_origins(cors, deploy):
    assert cors["AllowOrigins"] == ["*"]
    assert "AllowCredentials" not in cors  # browsers refuse it together with "*"
    some = only(deploy(AllowedOrigins="https://a.example,http://localhost:5173"), "AWS::Lambda::Url")
    assert some["Cors"]["AllowOrigins"] == ["https://a.example", "http://localhost:5173"]
