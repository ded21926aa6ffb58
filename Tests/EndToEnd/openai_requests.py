"""Requests for chat completions, by names, as an OpenAI client sends them."""

from bedrock_servers import CLAUDE, GPT_OSS, NOVA

LLAMA = "us.meta.llama3-3-70b-instruct-v1:0"
ASK = {"role": "user", "content": "What is the weather in Zürich?"}
PIXEL = "R0lGODlhAQABAAAAACwAAAAAAQABAAACAQA7"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
STRICT = {**SCHEMA, "additionalProperties": False}
WEATHER = {"type": "function", "function": {"name": "weather", "description": "The weather.", "parameters": SCHEMA}}
TIME = {"type": "function", "function": {"name": "time", "parameters": {"type": "object", "properties": {}}}}
BARE = {"type": "function", "function": {"name": "ping"}}


def says(role, content, **more):
    return {"role": role, "content": content, **more}


def call(id, name="weather", arguments='{"city": "Zürich"}'):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def uses(*calls, content=None, **more):
    return {"role": "assistant", "content": content, "tool_calls": list(calls), **more}


def result(id, content="Sunny"):
    return {"role": "tool", "tool_call_id": id, "content": content}


def shows(url, text="What is this?"):
    return says("user", [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}])


def follows(schema, **more):
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, **more}}


THOUGHT = {"type": "thinking", "thinking": "Let me look.", "signature": "EqQBCkgIBxABGAIiQ=="}
HISTORY = [ASK, uses(call("t1")), result("t1")]
BOTH = [ASK, uses(call("t1"), call("t2", "time", "{}")), result("t1"), result("t2", "Noon")]

# Beside `messages`, which are one question if they are left out. The model is Claude if it is left out.
TABLE = {
    "a text": {},
    "text parts": {"messages": [says("user", [{"type": "text", "text": "A."}, {"type": "text", "text": "B."}])]},
    "a system message": {"messages": [says("system", "Be brief."), ASK]},
    "a developer message": {"messages": [says("developer", "Be brief."), ASK]},
    "system parts": {"messages": [says("system", [{"type": "text", "text": "Be brief."}]), ASK]},
    "two system messages": {"messages": [says("system", "Be brief."), says("system", "Be kind."), ASK]},
    "a system message in between": {
        "messages": [ASK, says("assistant", "Sunny."), says("system", "Be brief."), says("user", "And?")]
    },
    "a conversation": {"messages": [ASK, says("assistant", "Sunny."), says("user", "And tomorrow?")]},
    "two user messages": {"messages": [ASK, says("user", "Please.")]},
    "two assistant messages": {
        "messages": [ASK, says("assistant", "Sunny."), says("assistant", "Warm."), says("user", "And?")]
    },
    "a blank system message": {"messages": [says("system", " "), ASK]},
    "a blank user part": {"messages": [says("user", [{"type": "text", "text": ""}, {"type": "text", "text": "Hi"}])]},
    "max_tokens": {"max_tokens": 100},
    "max_completion_tokens": {"max_completion_tokens": 100},
    "temperature": {"temperature": 0.5},
    "top_p": {"top_p": 0.25},
    "a stop text": {"stop": "END"},
    "stop texts": {"stop": ["END", "STOP"]},
    "parameters without an effect": {"seed": 1, "user": "u", "n": 1, "presence_penalty": 0},
    "a stream": {"stream": True},
    "usage of a stream": {"stream": True, "stream_options": {"include_usage": True}},
    "a stream with tools": {"stream": True, "stream_options": {"include_usage": True}, "tools": [WEATHER, TIME]},
    "a stream with an effort": {
        "stream": True, "stream_options": {"include_usage": True}, "reasoning_effort": "low", "max_tokens": 3000,
    },
    "a service tier": {"service_tier": "flex"},
    "a tool": {"tools": [WEATHER]},
    "tools": {"tools": [WEATHER, TIME]},
    "a tool without parameters": {"tools": [BARE]},
    "a tool that must be used": {
        "tools": [WEATHER, TIME], "tool_choice": {"type": "function", "function": {"name": "time"}},
    },
    "any tool": {"tools": [WEATHER], "tool_choice": "required"},
    "auto tools": {"tools": [WEATHER], "tool_choice": "auto"},
    "no tool now": {"tools": [WEATHER], "tool_choice": "none"},
    "one tool at a time": {"tools": [WEATHER], "parallel_tool_calls": False},
    "a tool's result": {"messages": HISTORY, "tools": [WEATHER]},
    "a tool's result in parts": {
        "messages": [ASK, uses(call("t1")), result("t1", [{"type": "text", "text": "Sunny"}])], "tools": [WEATHER],
    },
    "parallel results": {"messages": BOTH, "tools": [WEATHER, TIME]},
    "a result and a question": {"messages": [*HISTORY, says("user", "And?")], "tools": [WEATHER]},
    "a tool after a text": {
        "messages": [ASK, uses(call("t1"), content="I look."), result("t1")], "tools": [WEATHER],
    },
    "a tool without arguments": {"messages": [ASK, uses(call("t1", "ping", "")), result("t1")], "tools": [BARE]},
    "an empty result": {"messages": [ASK, uses(call("t1")), result("t1", "")], "tools": [WEATHER]},
    "a history of tools alone": {"messages": HISTORY},
    "an image": {"messages": [shows(f"data:image/gif;base64,{PIXEL}")]},
    "an image called jpg": {"messages": [shows(f"data:image/jpg;base64,{PIXEL}")]},
    "a document": {
        "messages": [
            says("user", [
                {"type": "text", "text": "What is this?"},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PIXEL}"}},
            ])
        ]
    },
    "a schema": {"response_format": follows(STRICT, strict=True)},
    "a schema of another model": {"model": NOVA, "response_format": follows(STRICT)},
    "a JSON object": {"response_format": {"type": "json_object"}},
    "an effort": {"reasoning_effort": "low", "max_tokens": 3000},
    "an effort of gpt-oss": {"model": GPT_OSS, "reasoning_effort": "low"},
    "a thought and a tool": {
        "messages": [ASK, uses(call("t1"), thinking_blocks=[THOUGHT], reasoning_content="Let me look."), result("t1")],
        "tools": [WEATHER], "reasoning_effort": "low", "max_tokens": 3000,
    },
    "Llama": {"model": LLAMA, "messages": [says("system", "Be brief."), ASK], "max_tokens": 10, "temperature": 0},
    "Nova with tools": {"model": NOVA, "messages": BOTH, "tools": [WEATHER, TIME], "tool_choice": "auto"},
}  # fmt: skip
REQUESTS = {name: {"model": CLAUDE, "messages": [ASK], **request} for name, request in TABLE.items()}
