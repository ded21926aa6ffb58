"""The conversation in the pictures of the playground."""

import answers

QUESTION = "How do I read server-sent events in Python? And what is there besides them?"

REASONING = """The user wants to read a stream of events. The standard library is enough for a short example.
I should mention that an event ends with an empty line, and compare with WebSocket and long polling."""

ANSWER = """An event stream is plain text over one HTTP response. Each event ends with an **empty line**, and its data \
stands behind `data:`.

```python
import json
import urllib.request

def events(request):
    with urllib.request.urlopen(request) as response:
        for line in response:
            if line.startswith(b"data: {"):
                yield json.loads(line[6:])
```

How it compares:

| | direction | reconnects | through proxies |
|---|---|:---:|---|
| **Server-sent events** | server to client | yes | as any response |
| WebSocket | both | no | needs an upgrade |
| Long polling | server to client | no | as any response |

See the [HTML standard](https://html.spec.whatwg.org/multipage/server-sent-events.html) for the format.
"""

USAGE = {
    "prompt_tokens": 31,
    "completion_tokens": 342,
    "total_tokens": 373,
    "completion_tokens_details": {"reasoning_tokens": 58},
    "cost": 0.0035,
}


def pieces(text, size=12):
    return [text[at : at + size] for at in range(0, len(text), size)]


def answer():
    """The events of a whole answer."""
    events = [answers.event(answers.delta(reasoning_content=part)) for part in pieces(REASONING)]
    events += [answers.event(answers.delta(part)) for part in pieces(ANSWER)]
    ending = {**answers.delta(), "choices": [], "usage": USAGE}
    return [*events, answers.event(answers.delta(finish="stop")), answers.event(ending), answers.event("[DONE]")]


def broken_answer():
    """The events of an answer that fails in the middle."""
    events = [answers.event(answers.delta(part)) for part in pieces(ANSWER[: ANSWER.index("```")])]
    failure = answers.error("The model is overloaded with other requests.", "server_error", "overloaded")
    return [*events, answers.event(failure)]
