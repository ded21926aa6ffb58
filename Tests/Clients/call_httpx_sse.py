"""httpx-sse: events read by hand."""

import json

import httpx
import httpx_sse
import question

BODY = {"model": question.MODEL, "messages": question.MESSAGES, "stream": True}


def stream(url, key):
    with (
        httpx.Client(headers={"Authorization": f"Bearer {key}"}) as client,
        httpx_sse.connect_sse(client, "POST", f"{url}/chat/completions", json=BODY) as source,
    ):
        data = [event.data for event in source.iter_sse()]
    if data.pop() != "[DONE]":
        raise EOFError("the stream ended without [DONE]")
    return [json.loads(chunk)["choices"][0]["delta"].get("content") for chunk in data]
