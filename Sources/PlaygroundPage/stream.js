// What an answer is made of, and how it is read from the bytes of a response.

/** Finds the data of each event in a text that comes in pieces. */
class EventReader {
  line = []; // pieces of a line that has no end yet
  data = []; // of an event that has no end yet
  wasReturn = false;

  /** Return the data of the events that this piece completes. */
  read(piece) {
    // A line feed after a carriage return ends no second line, in the next piece either.
    const text = this.wasReturn ? piece.replace(/^\n/, "") : piece;
    this.wasReturn = piece.endsWith("\r");
    const events = [];
    text.split(/\r\n|\r|\n/).forEach((part, index) => {
      if (index > 0) this.endLine(events);
      this.line.push(part);
    });
    return events;
  }

  endLine(events) {
    const line = this.line.join("");
    this.line = [];
    if (line.startsWith("data:")) this.data.push(line.slice(5).replace(/^ /, ""));
    if (line !== "" || !this.data.length) return;
    events.push(this.data.join("\n"));
    this.data = [];
  }
}

/** An answer, as far as it has come. */
class Answer {
  content = "";
  isEmpty = true;
  finishReason = null;
  usage = null;
  error = null;
  isDone = false; // its end was announced

  /** Take the data of one event, and return what it added, if anything. */
  takeEvent(data) {
    if (data.trim() === "[DONE]") {
      this.isDone = true;
      return null;
    }
    const value = attempt(() => JSON.parse(data));
    return this.take(value ?? { error: `The answer has an event that is no JSON: ${data.slice(0, 200)}` });
  }

  /** Take a chunk of a stream, or a whole completion. */
  take(value) {
    if (value?.error) this.error = typeof value.error === "object" ? value.error : { message: String(value.error) };
    if (value?.usage) this.usage = value.usage;
    const choice = value?.choices?.[0];
    if (choice?.finish_reason) this.finishReason = choice.finish_reason;
    const part = choice?.delta ?? choice?.message;
    if (!part) return null;
    const added = {
      content: textOf(part.content),
      // Two names for one thing; who sends both sends the same.
      reasoning: textOf(part.reasoning_content) || textOf(part.reasoning),
      refusal: textOf(part.refusal),
      toolCalls: Array.isArray(part.tool_calls) ? part.tool_calls.map(toolCall) : [],
    };
    this.content += added.content;
    this.isEmpty &&= !Object.values(added).some((value) => value.length);
    return added;
  }
}

/** What a part of a tool call adds to the call with its index. */
function toolCall(call, position) {
  return {
    index: call?.index ?? position,
    name: textOf(call?.function?.name ?? call?.custom?.name),
    arguments: textOf(call?.function?.arguments ?? call?.custom?.input),
  };
}

/** Content is text, or a list of parts of which some have text. */
function textOf(content) {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.map((part) => textOf(part?.text)).join("") : "";
}

/** What to do about an error. */
function advice({ status, code }) {
  if (code === "insufficient_quota") return "Ask the owner of the proxy for more, or wait for the next period.";
  if (code === "server_misconfigured") return "Only the owner of the proxy can fix this.";
  if (status === 401) return "Check the key under Access.";
  if (status === 403) return "This key may not do this. Choose another model, or ask the owner of the proxy.";
  if (status === 404) return "Choose another model, or load the list of models again.";
  if (status === 413) return "Send fewer or smaller images, or start a new chat.";
  if (status === 429) return "Wait a moment, then retry.";
  if (status >= 500) return "Retry. If it happens again, give the request id to the owner of the proxy.";
  if (status >= 400) return "Change the message or the parameters, then send it again.";
  return "Retry to ask again.";
}

/** The error of a response that isn't a success, whoever wrote it. */
async function errorOf(response) {
  const text = await response.text();
  const body = attempt(() => JSON.parse(text)); // AWS, and proxies in between, answer in other forms too
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

/** Send a request, and show its answer as it comes. */
async function ask(body, view, signal) {
  const { answer } = view;
  const headers = { "Content-Type": "application/json", ...authorization() };
  let response = null;
  try {
    response = await fetch(`${BASE}/chat/completions`, { method: "POST", headers, body: JSON.stringify(body), signal });
    view.headers = response.headers;
    if (!response.ok) answer.error = await errorOf(response);
    else if (isStream(response)) await readStream(response, view);
    else view.changed(answer.take(await response.json()));
  } catch (failure) {
    if (signal.aborted || answer.isDone) return;
    answer.error ??= { message: failureMessage(failure, response, answer) };
  }
  if (answer.error || answer.isDone || answer.finishReason || !isStream(response)) return;
  answer.error = { message: "The answer is truncated: the stream ended without its last event.", code: "truncated" };
}

const isStream = (response) => /^text\/event-stream/i.test(response.headers.get("content-type") ?? "");

async function readStream(response, view) {
  const events = new EventReader();
  const take = (data) => view.changed(view.answer.takeEvent(data));
  const decoder = new TextDecoder();
  const body = response.body.getReader();
  for (let piece; !(piece = await body.read()).done; ) {
    events.read(decoder.decode(piece.value, { stream: true })).forEach(take);
  }
  // A truncated stream may end with half an event.
  events.read("\n\n").filter((data) => /^\[DONE\]|\}$/.test(data)).forEach(take);
}

function failureMessage(failure, response, answer) {
  if (/[^ -~]/.test(key())) return "The key has characters that no key has. Check it under Access.";
  if (!response) return "The proxy can't be reached. Check that it runs and that you are online.";
  if (failure instanceof SyntaxError) return "The response is no JSON.";
  return answer.isEmpty
    ? "The connection broke before the answer began."
    : "The answer is truncated: the connection broke before its end.";
}
