"""Requests for chat completions that OpenAI would take, put together at random."""

import random

from bedrock_servers import CLAUDE, CLAUDE_46, GPT_OSS, NOVA
from openai_requests import BARE, LLAMA, PIXEL, STRICT, THOUGHT, TIME, WEATHER, call, follows, result, says, uses

MODELS = [
    CLAUDE, CLAUDE_46, NOVA, GPT_OSS, LLAMA, "us.amazon.nova-2-lite-v1:0", "us.deepseek.r1-v1:0",
    "mistral.mistral-large-2407-v1:0", "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
    "global.anthropic.claude-sonnet-5-5",
]  # fmt: skip
TEXTS = ["Hi", "", " ", "\n", "Grüße", "a ", " a", "😀", "\u00a0", "\u3000", "\u0085 ", "\u200b", "x" * 50]
IDS = ["call_{}", "t.{}", "call {}", "c" * 70 + "{}"]
FILES = ["a.pdf", "b/c?.pdf", "ü.pdf", "", "a  b.pdf"]
SCHEMAS = [STRICT, {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "object"}}}}]
CHOICES = ["auto", "none", "required"]
EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh"]


class Requests:
    """A generator of requests: the same for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0

    def request(self):
        some = {
            "max_completion_tokens": [1, 1024, 1025, 5000, 40000], "temperature": [0, 0.5, 1], "top_p": [0.1, 1],
            "stop": ["", "a", ["a", ""], []], "metadata": [{}, {"a": "b"}, {"ü": "x"}, {"a": "b" * 300}],
            "response_format": [*[follows(schema) for schema in SCHEMAS], {"type": "json_object"}],
            "reasoning_effort": EFFORTS, "parallel_tool_calls": [True, False], "stream": [True],
        }  # fmt: skip
        chosen = {name: self.random.choice(values) for name, values in some.items() if self.random.random() < 0.25}
        if self.random.random() < 0.6:
            chosen["tools"] = self.random.sample([WEATHER, TIME, BARE], self.random.randrange(1, 4))
            chosen["tool_choice"] = self.random.choice(CHOICES)
        return {"model": self.random.choice(MODELS), "messages": self._messages(), **chosen}

    def _messages(self):
        turns = [[says(self.random.choice(["system", "developer"]), self._content())]] if self._maybe() else []
        turns.append([says("user", self._content(has_media=True))])
        kinds = [self._tools, self._tools, self._answer, self._question, self._instruction]
        turns += [self.random.choice(kinds)() for _ in range(self.random.randrange(5))]
        return [message for turn in [*turns, [says("user", "And now?")]] for message in turn]

    def _maybe(self):
        return self.random.random() < 0.5

    def _answer(self):
        return [says("assistant", self._content())]

    def _question(self):
        return [says("user", self._content(has_media=True))]

    def _instruction(self):
        return [says("system", self._content())]

    def _tools(self):
        """Calls of tools, and their results in any order."""
        ids = []
        for _ in range(self.random.randrange(1, 4)):
            self.count += 1
            ids.append(self.random.choice(IDS).format(self.count))
        names, arguments = ["weather", "time", "ping"], ["{}", "", '{"city": "Zürich"}']
        calls = [call(id, self.random.choice(names), self.random.choice(arguments)) for id in ids]
        thoughts = {"thinking_blocks": [THOUGHT]} if self._maybe() else {}
        self.random.shuffle(ids)
        said = uses(*calls, content=self.random.choice([None, "", "I look."]), **thoughts)
        return [said, *[result(id, self._content()) for id in ids]]

    def _content(self, has_media=False):
        if self._maybe():
            return self.random.choice(TEXTS)
        texts = self.random.choices(TEXTS, k=self.random.randrange(1, 4))
        parts = [{"type": "text", "text": text} for text in texts]
        if has_media and self._maybe():
            url = f"data:image/{self.random.choice(['png', 'gif', 'jpeg', 'webp'])};base64,{PIXEL}"
            parts.insert(self.random.randrange(2), {"type": "image_url", "image_url": {"url": url}})
        if has_media and self._maybe():
            data = {"filename": self.random.choice(FILES), "file_data": f"data:application/pdf;base64,{PIXEL}"}
            parts += [{"type": "file", "file": data}] * self.random.randrange(1, 3)
        return parts
