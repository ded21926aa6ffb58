"""The provider behind the proxy: it does what a check says for a chat, and answers all else that Open WebUI asks."""

import json
import queue

import answers
import provider
from upstream import Upstream

TITLE = "A tale of two servers"
# Beside each chat Open WebUI asks for these, as JSON in a response that isn't streamed.
EXTRAS = {"title": TITLE, "follow_ups": ["And then?"], "tags": ["Tales"]}


class Provider(Upstream):
    def __init__(self):
        super().__init__()
        self.chats = queue.SimpleQueue()
        self.titles = queue.SimpleQueue()
        self.chat_scripts = queue.SimpleQueue()
        self.always = self._answer

    def answers_with(self, *scripts):
        """Answer the next chats like this."""
        for script in scripts:
            self.chat_scripts.put(script)

    def forget_chats(self):
        """Between two checks: what one left behind must not reach the next."""
        for left in (self.chats, self.titles, self.chat_scripts):
            while not left.empty():
                left.get()

    def _answer(self, exchange):
        body = exchange.request.json
        if body.get("stream"):
            self.chats.put(exchange.request)
            self.chat_scripts.get_nowait()(exchange)
        elif exchange.request.target.endswith("/responses"):
            provider.answer(exchange)
        else:
            task = body["messages"][-1]["content"]
            wanted = {name: value for name, value in EXTRAS.items() if f'"{name}"' in task}
            if "title" in wanted:
                self.titles.put(exchange.request)
            answers.plain(answers.completion(json.dumps(wanted)))(exchange)


def tool_call(name):
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    last = answers.delta(finish="tool_calls")
    return answers.pieces([answers.event(part) for part in (answers.delta(tool_calls=[call]), last, "[DONE]")])
