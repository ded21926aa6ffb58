"""OpenAI's SDK in a browser: what the function URL's CORS configuration in template.yaml allows."""

import answers
import calls
import programs
import pytest

ORIGIN = "https://app.example"
SDK_HEADERS = ["authorization", "content-type", "x-stainless-lang", "x-stainless-retry-count", "x-stainless-os"]
SDK_HEADERS += ["x-stainless-arch", "x-stainless-runtime", "x-stainless-runtime-version", "x-stainless-package-version"]


@pytest.fixture(scope="module")
def shared(start, table):
    """A proxy behind a function URL that is configured like the deployed one."""
    return start(table, "--template", programs.ROOT / "template.yaml")


# One of each kind; Tests/Deployment/test_cors.py has all of them.
BESIDES = ["x-title", "http-referer", "x-client-request-id", "x-request-id", "cache-control", "x-requested-with"]
BESIDES += ["last-event-id", "sentry-trace", "anthropic-version", "x-goog-api-key", "x-stainless-helper"]


def names(response, header):
    return {name.strip().lower() for name in (response.header(header) or "").split(",")}


def test_the_preflight_of_the_sdk_is_granted(upstream, shared):
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    asks |= {"Access-Control-Request-Headers": ",".join(sorted(SDK_HEADERS + BESIDES))}
    path = "/scripted/v1/chat/completions"
    response = calls.call(shared.origin, "OPTIONS", path, key=None, headers=asks)
    assert response.status in (200, 204)
    assert response.header("access-control-allow-origin") in ("*", ORIGIN)
    assert {"POST", "*"} & {name.upper() for name in names(response, "access-control-allow-methods")}
    assert {*SDK_HEADERS, *BESIDES} <= names(response, "access-control-allow-headers")
    assert upstream.saw_nothing


@pytest.mark.parametrize("status", [200, 429])
def test_a_page_can_read_a_response_and_cors_headers_are_not_doubled(upstream, shared, status):
    """Browsers refuse a doubled CORS header, and an error without one."""
    upstream.script(answers.plain({"error": {}}, status, [("Access-Control-Allow-Origin", "https://provider.example")]))
    path = "/scripted/v1/chat/completions"
    response = calls.call(shared.origin, "POST", path, calls.chat(), headers={"Origin": ORIGIN})
    assert response.status == status
    assert response.header("access-control-allow-origin") in ("*", ORIGIN)
    assert {"x-request-id", "retry-after"} <= names(response, "access-control-expose-headers")


def test_a_page_can_read_a_refusal(shared):
    response = calls.call(shared.origin, "GET", "/v1/models", key=None, headers={"Origin": ORIGIN})
    assert (response.status, response.header("access-control-allow-origin")) == (401, ORIGIN)
    assert {"www-authenticate", "x-request-id"} <= names(response, "access-control-expose-headers")


@pytest.mark.parametrize("block", [None, "Resources: {}\n"])
def test_a_function_url_without_cors_headers_says_so_when_it_starts(start, tmp_path, block):
    options = []
    if block:
        (tmp_path / "template.yaml").write_text(block)
        options = ["--template", tmp_path / "template.yaml"]
    program = start("settings: {}\n", *options)
    (line,) = [line for line in program.log_with("CORS").splitlines() if "CORS" in line]
    assert line.startswith("function-url: ") and "--template" in line
    response = calls.call(program.origin, "GET", "/health", key=None, headers={"Origin": ORIGIN})
    assert response.header("access-control-allow-origin") is None


def test_a_function_url_with_cors_headers_does_not_mention_them(shared):
    assert calls.call(shared.origin, "GET", "/health", key=None).status == 200
    assert "CORS" not in shared.log
