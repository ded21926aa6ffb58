// What an answer is made of, and how it is read from the bytes of a response.

/** Finds the data of each event in a text that comes in pieces. */
class EventReader {
  constructor() {
    this.pieces = []; // of a line that has no end yet
    this.data = [];
    this.endedWithReturn = false;
  }

  /** Return the data of the events that this piece completes. */
  read(text) {
    const events = [];
    // A line feed after a carriage return ends no second line, even in another piece.
    if (this.endedWithReturn && text.startsWith("\n")) text = text.slice(1);
    const lines = text.split(/\r\n|\r|\n/);
    this.endedWithReturn = text ? text.endsWith("\r") : this.endedWithReturn;
    lines.forEach((line, index) => {
      this.pieces.push(line);
      if (index === lines.length - 1) return;
      const event = this.line(this.pieces.join(""));
      this.pieces = [];
      if (event !== null) events.push(event);
    });
    return events;
  }

  /** What stands at the end without an empty line is an event too. */
  end() {
    return this.read("\n\n");
  }

  line(line) {
    if (line.startsWith("data:")) this.data.push(line.slice(line[5] === " " ? 6 : 5));
    if (line !== "" || this.data.length === 0) return null;
    const event = this.data.join("\n");
    this.data = [];
    return event;
  }
}

/** An answer, as far as it has come. */
class Answer {
  constructor() {
    this.content = "";
    this.reasoning = "";
    this.refusal = "";
    this.toolCalls = []; // {name, arguments}
    this.images = [];
    this.finishReason = null;
    this.usage = null;
    this.error = null;
    this.isDone = false; // the end was announced
  }

  get isEmpty() {
    return !this.content && !this.reasoning && !this.refusal && !this.toolCalls.length && !this.images.length;
  }

  /** Take the data of one event, and return the delta that it brought. */
  takeEvent(data) {
    if (data.trim() === "[DONE]") {
      this.isDone = true;
      return {};
    }
    let value = null;
    try {
      value = JSON.parse(data);
    } catch {
      this.error = { message: `The answer has an event that is no JSON: ${data.slice(0, 200)}` };
      return {};
    }
    return this.take(value);
  }

  /** Take a chunk of a stream, or a whole completion. */
  take(value) {
    if (value?.error) this.error = typeof value.error === "object" ? value.error : { message: String(value.error) };
    if (value?.usage) this.usage = value.usage;
    const choice = value?.choices?.[0];
    if (choice?.finish_reason) this.finishReason = choice.finish_reason;
    const part = choice?.delta ?? choice?.message ?? {};
    const delta = {
      content: textOf(part.content),
      // Two names for one thing; who sends both sends the same.
      reasoning: textOf(part.reasoning_content) || textOf(part.reasoning),
      refusal: textOf(part.refusal),
    };
    this.content += delta.content;
    this.reasoning += delta.reasoning;
    this.refusal += delta.refusal;
    for (const [position, call] of (part.tool_calls ?? []).entries()) this.takeToolCall(call, position);
    for (const image of part.images ?? []) this.images.push(image?.image_url?.url);
    return delta;
  }

  takeToolCall(call, position) {
    const index = Math.min(call?.index ?? position, this.toolCalls.length);
    const known = (this.toolCalls[index] ??= { name: "", arguments: "" });
    known.name += textOf(call?.function?.name ?? call?.custom?.name);
    known.arguments += textOf(call?.function?.arguments ?? call?.custom?.input);
  }
}

/** Content is text, or a list of parts of which some have text. */
function textOf(content) {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.map((part) => textOf(part?.text)).join("") : "";
}

/** What to do about an error, by its code or status. */
function advice({ status, code }) {
  const owner = "The owner of the proxy finds it in the log by the request id.";
  if (code === "insufficient_quota") return "Ask the owner of the proxy for more, or wait for the next period.";
  if (code === "server_misconfigured") return `Only the owner of the proxy can mend this. ${owner}`;
  if (status === 401) return "Check the key under Access.";
  if (status === 403) return "This key may not do this. Choose another model, or ask the owner of the proxy.";
  if (status === 404) return "Choose another model, or load the list of models again.";
  if (status === 413) return "Send fewer or smaller images, or start a new chat.";
  if (status === 429) return "Wait a moment, then retry.";
  if (status >= 500) return `Retry. If it happens again: ${owner[0].toLowerCase()}${owner.slice(1)}`;
  if (status >= 400) return "Change the message or the parameters, then send it again.";
  return "The answer is incomplete. Retry to ask again.";
}

/** The error of a response that isn't a success, whoever wrote it. */
async function errorOf(response) {
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    // AWS and proxies in between answer in other forms too.
  }
  const error = body?.error ?? {};
  const plain = /^\s*</.test(text) ? "" : text.trim().slice(0, 500);
  const message = textOf(error.message) || textOf(error) || textOf(body?.message ?? body?.Message) || plain;
  return {
    message: message || `The response has status ${response.status} and says nothing more.`,
    code: error.code,
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
  };
}

/** Send a request and read its answer; `changed` is called with each delta. What goes wrong is in `answer.error`. */
async function ask(request, answer, { signal, began, changed }) {
  let response = null;
  try {
    response = await fetch(request.url, { ...request.options, signal });
    began(response);
    if (!response.ok) answer.error = await errorOf(response);
    else if (isStream(response)) await readStream(response, answer, changed);
    else changed(answer.take(await response.json()));
  } catch (failure) {
    if (signal.aborted) return;
    answer.error = { message: failureMessage(failure, response, answer), status: response ? undefined : 0 };
  }
  if (!answer.error && response?.ok && isStream(response) && !answer.isDone && !answer.finishReason) {
    answer.error = { message: "The answer is truncated: the stream ended without its last event.", code: "truncated" };
  }
}

const isStream = (response) => /^text\/event-stream/i.test(response.headers.get("content-type") ?? "");

async function readStream(response, answer, changed) {
  const events = new EventReader();
  const decoder = new TextDecoder();
  const body = response.body.getReader();
  for (let piece; !(piece = await body.read()).done; ) {
    for (const data of events.read(decoder.decode(piece.value, { stream: true }))) changed(answer.takeEvent(data));
  }
  for (const data of events.end()) changed(answer.takeEvent(data));
}

function failureMessage(failure, response, answer) {
  if (!response) return "The proxy can't be reached. Check that it runs and that you are online.";
  if (failure instanceof SyntaxError) return "The response is no JSON.";
  return answer.isEmpty
    ? "The connection broke before the answer began."
    : "The answer is truncated: the connection broke before its end.";
}
