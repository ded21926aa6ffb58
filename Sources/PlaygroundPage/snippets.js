// A request as code that sends it again. The key is never part of it: it is read from this environment variable.

const KEY_VARIABLE = "PROXY_CLIENT_KEY";

/** Parameters that OpenAI's Python SDK has under their own names; the others go into `extra_body`. */
const SDK_PARAMETERS = ["messages", "temperature", "top_p", "max_tokens", "seed", "reasoning_effort", "stop", "stream"];

const SNIPPETS = { curl: curlSnippet, Python: pythonSnippet, JavaScript: javaScriptSnippet };

const inShellQuotes = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// The body comes as a here-document: nothing in it needs quoting, and it may be longer than an argument.
function curlSnippet({ base, body, hasKey }) {
  return [
    `curl ${body.stream ? "-N " : ""}${inShellQuotes(`${base}/chat/completions`)} \\`,
    ...(hasKey ? [`  -H "Authorization: Bearer $${KEY_VARIABLE}" \\`] : []),
    "  -H 'Content-Type: application/json' \\",
    "  --data-binary @- <<'JSON'",
    JSON.stringify(body, null, 2),
    "JSON",
    "",
  ].join("\n");
}

function pythonSnippet({ base, body, hasKey }) {
  const { model, ...others } = body;
  const extra = Object.entries(others).filter(([name]) => !SDK_PARAMETERS.includes(name));
  const call = [`    model=${model ? pythonValue(model) : "openai.omit"},`];
  for (const name of SDK_PARAMETERS) if (name in others) call.push(`    ${name}=${pythonValue(others[name], 1)},`);
  if (extra.length) call.push(`    extra_body=${pythonValue(Object.fromEntries(extra), 1)},`);
  const reading = body.stream
    ? "for chunk in answer:\n    if chunk.choices:\n        print(chunk.choices[0].delta.content or \"\", end=\"\", flush=True)\nprint()"
    : "print(answer.choices[0].message.content)";
  return `import os

import openai

client = openai.OpenAI(
    base_url=${pythonValue(base)},
    api_key=${hasKey ? `os.environ["${KEY_VARIABLE}"]` : '"none"'},
)
answer = client.chat.completions.create(
${call.join("\n")}
)
${reading}
`;
}

/** A JSON value as Python writes it. A JSON string is one of Python's too. */
function pythonValue(value, depth = 0) {
  const inner = "    ".repeat(depth + 1);
  const outer = "    ".repeat(depth);
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const items = Array.isArray(value)
    ? value.map((item) => pythonValue(item, depth + 1))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${pythonValue(item, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return items.length ? `${open}\n${items.map((item) => `${inner}${item},\n`).join("")}${outer}${close}` : open + close;
}

function javaScriptSnippet({ base, body, hasKey }) {
  const reading = body.stream
    ? 'for await (const chunk of answer) {\n  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");\n}'
    : "console.log(answer.choices[0].message.content);";
  return `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: ${JSON.stringify(base)},
  apiKey: ${hasKey ? `process.env.${KEY_VARIABLE}` : '"none"'},
});
const answer = await client.chat.completions.create(${JSON.stringify(body, null, 2)});
${reading}
`;
}
