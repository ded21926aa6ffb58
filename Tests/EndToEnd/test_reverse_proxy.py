"""`reverse_proxy: true` and `endpoints:`, which open more than the standard endpoints."""

import answers
import calls
import pytest

AUDIO = bytes(range(256)) * 1000


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/reverse/any/path", "/root/any/path"),
        ("/reverse/any/path/", "/root/any/path/"),
        ("/reverse/v1/chat/completions?a=b%20c", "/root/v1/chat/completions?a=b%20c"),
        ("/reverse/files/%C3%BC", "/root/files/%C3%BC"),
        ("/reverse//a///b//?c=//", "/root//a///b//?c=//"),
        ("//reverse/a", "/root/a"),
        ("/reverse", "/root/"),
    ],
)
def test_any_path_is_appended_to_the_url(upstream, call, path, target):
    upstream.script(answers.plain({}))
    assert call("GET", path).status == 200
    assert upstream.request().target == target


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_any_method_and_body_pass(upstream, call, method):
    upstream.script(answers.plain({}))
    headers = {"Content-Type": "application/octet-stream"}
    assert call(method, "/reverse/thing", AUDIO, headers=headers).status == 200
    request = upstream.request()
    assert (request.method, request.body) == (method, AUDIO)


def test_auth_header_carries_the_token_without_bearer(upstream, call):
    upstream.script(answers.plain({}))
    call("GET", "/reverse/")
    request = upstream.request()
    assert request.header("x-aws-proxy-auth") == "raw-token"
    assert request.header("authorization") is None
    assert calls.KEY not in str(request.headers)


def test_a_reverse_proxy_needs_a_key_like_any_server(upstream, call):
    assert call("GET", "/reverse/any/path", key=None).status == 401
    assert upstream.saw_nothing


def test_errors_and_compressed_pages_pass_as_they_are(upstream, call):
    upstream.script(answers.raw(404, [("Content-Type", "text/html"), ("Content-Encoding", "gzip")], AUDIO))
    response = call("GET", "/reverse/page", headers={"Accept-Encoding": "gzip"})
    assert (response.status, response.body) == (404, AUDIO)
    assert response.header("content-encoding") == "gzip"
    assert upstream.request().header("accept-encoding") == "gzip"


def test_a_stream_passes(upstream, call):
    upstream.script(answers.stream("Hello"))
    body = call("POST", "/reverse/v1/chat/completions", calls.chat(stream=True)).body
    assert body == answers.stream_bytes("Hello")


def test_a_listed_endpoint_is_open_and_its_binary_response_intact(upstream, sdk):
    upstream.script(answers.raw(200, [("Content-Type", "audio/mpeg")], AUDIO))
    speech = sdk("speech").audio.speech.create(model="tts", voice="alloy", input="Hi")
    assert speech.content == AUDIO
    assert upstream.request().target == "/v1/audio/speech"


def test_a_file_can_be_uploaded_through_a_listed_endpoint(upstream, call):
    upstream.script(answers.plain({}))
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert call("POST", "/speech/v1/files/upload", AUDIO, headers=headers).status == 200
    request = upstream.request()
    assert request.body == AUDIO
    assert request.header("content-type") == headers["Content-Type"]


def test_a_star_opens_a_path_with_everything_below_it_and_nothing_else(upstream, call):
    paths = [("POST", ""), ("GET", ""), ("DELETE", "/f1"), ("GET", "/f1/content")]
    upstream.script(*[answers.plain({})] * len(paths))
    for method, path in paths:
        assert call(method, f"/speech/v1/files{path}").status == 200
        assert upstream.request().target == f"/v1/files{path}"
    assert call("GET", "/speech/v1/filesystem/x").status == 404
    assert call("GET", "/speech/v1/filesystem").status == 404


def test_the_sdk_uploads_a_file_through_a_star(upstream, sdk):
    upstream.script(answers.plain({"id": "file-1", "object": "file"}))
    assert sdk("speech").files.create(file=("a.txt", AUDIO), purpose="assistants").id == "file-1"
    assert upstream.request().target == "/v1/files"


def test_a_request_without_a_body_passes(upstream, call):
    upstream.script(answers.plain({}))
    assert call("POST", "/reverse/start").status == 200
    request = upstream.request()
    assert (request.method, request.body) == ("POST", b"")
