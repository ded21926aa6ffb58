"""curl, and requests that other programs without an SDK were seen to send."""

import json
import subprocess

import question

BODY = {"model": question.MODEL, "messages": question.MESSAGES}
FROM_PAGES = """authorization content-type x-title http-referer x-client-request-id x-request-id cache-control
    x-requested-with last-event-id x-stainless-retry-count""".split()


class Refused(Exception):
    """An answer with `error` in it."""


def _curl(*arguments, **options):
    result = subprocess.run(["curl", "-sS", *arguments], capture_output=True, **options)
    if result.returncode:
        raise OSError(result.stderr.decode())
    return result.stdout.decode()


def _post(url, key, body):
    headers = ["-H", f"Authorization: Bearer {key}", "-H", "Content-Type: application/json"]
    return _curl(f"{url}/chat/completions", "-N", *headers, "--data-binary", "@-", input=body)


def _content(text):
    answer = json.loads(text)
    if "error" in answer:
        raise Refused(answer["error"]["message"])
    return answer["choices"][0]["message"]["content"]


def plain(url, key):
    return _content(_post(url, key, json.dumps(BODY).encode()))


def byte_order_mark(url, key):
    """JSON as editors on Windows save it."""
    return _content(_post(url, key, b"\xef\xbb\xbf" + json.dumps(BODY).encode()))


def stream(url, key):
    lines = _post(url, key, json.dumps({**BODY, "stream": True}).encode()).splitlines()
    data = [line.removeprefix("data: ") for line in lines if line]
    if data.pop() != "[DONE]":
        raise EOFError("the stream ended without [DONE]")
    return [json.loads(chunk)["choices"][0]["delta"].get("content") for chunk in data]


def models(url, key):
    return [model["id"] for model in json.loads(_curl(f"{url}/models", "-H", f"api-key: {key}"))["data"]]


def preflight(url, key):
    """A browser's preflight request."""
    asks = ["-H", "Origin: https://app.example", "-H", "Access-Control-Request-Method: POST"]
    asks += ["-H", f"Access-Control-Request-Headers: {','.join(sorted(FROM_PAGES))}"]
    answer = _curl(f"{url}/chat/completions", "-X", "OPTIONS", "-D", "-", "-o", "/dev/null", *asks)
    fields = [line.partition(":") for line in answer.splitlines()]
    return next(value for name, _, value in fields if name.lower() == "access-control-allow-headers")
