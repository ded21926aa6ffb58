// Sends a request, and reads the answer from its response.

/** Finds the data of each event in a text that arrives in pieces. */
class EventReader {
  line = []; // pieces of an unfinished line
  data = []; // of an unfinished event
  wasReturn = false;

  /** Return the data of the events that this piece completes. */
  read(piece) {
    // A carriage return and a line feed are one line end, even if a piece ends in between.
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

/** The part of an answer that has arrived. */
class Answer {
  content = "";
  isEmpty = true;
  finishReason = null;
  usage = null;
  error = null;
  isDone = false; // [DONE] has arrived

  /** Take the data of an event, and return what it added, or null. */
  takeEvent(data) {
    if (data.trim() === "[DONE]") {
      this.isDone = true;
      return null;
    }
    const value = attempt(() => JSON.parse(data));
    return this.take(value ?? { error: `The answer has an event that isn't JSON: ${data.slice(0, 200)}` });
  }

  /** Take a chunk of a stream or a whole completion. */
  take(value) {
    if (value?.error) this.error = shownError(value.error, "The error has no message.");
    if (value?.usage) this.usage = value.usage;
    const choice = value?.choices?.[0];
    this.finishReason = textOf(choice?.finish_reason) || this.finishReason;
    const part = choice?.delta ?? choice?.message;
    if (!part) return null;
    const added = {
      content: textOf(part.content),
      // Some servers send the same text under both names.
      reasoning: textOf(part.reasoning_content) || textOf(part.reasoning),
      refusal: textOf(part.refusal),
      toolCalls: Array.isArray(part.tool_calls) ? part.tool_calls.map(toolCall) : [],
    };
    this.content += added.content;
    this.isEmpty &&= !Object.values(added).some((value) => value.length);
    return added;
  }
}

/** What a chunk adds to the tool call with this index. */
function toolCall(call, position) {
  return {
    index: call?.index ?? position,
    name: textOf(call?.function?.name ?? call?.custom?.name),
    arguments: textOf(call?.function?.arguments ?? call?.custom?.input),
  };
}

/** Content is text, or a list of parts, some with text. */
function textOf(content) {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.map((part) => textOf(part?.text)).join("") : "";
}

/** What is shown of an error. Its fields may have any type. */
function shownError(error, otherwise) {
  const message = textOf(error?.message) || textOf(error) || otherwise;
  return { message, code: Number.isFinite(error?.code) ? error.code : textOf(error?.code) };
}

/** What to do about an error. */
function advice({ status, code }) {
  if (code === "insufficient_quota") return "Wait for the next period, or ask the proxy's owner for a higher limit.";
  if (code === "server_misconfigured") return "Only the proxy's owner can fix this.";
  if (status === 401) return ADVICE.check;
  if (status === 403) return "This key isn't allowed to do this. Choose another model, or ask the proxy's owner.";
  if (status === 404) return "Choose another model, or reload the list of models.";
  if (status === 413) return "Send fewer or smaller images, or start a new chat.";
  if (status === 429) return "Wait a moment, then retry.";
  if (status >= 500) return "Retry. If it happens again, give the request id to the proxy's owner.";
  if (status >= 400) return "Change the message or the parameters, then send it again.";
  return "Retry to ask again.";
}

/** The error in a response. */
async function errorOf(response) {
  const text = await response.text();
  const body = attempt(() => JSON.parse(text)); // errors of AWS and of other proxies may be no JSON
  const plain = /^\s*</.test(text) ? "" : text.trim().slice(0, 500);
  const message = textOf(body?.message ?? body?.Message) || plain;
  return {
    ...shownError(body?.error, message || `The response has status ${response.status} and says nothing more.`),
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
  };
}

/** Send a request, and show its answer as it comes. */
async function ask(body, view, signal) {
  const { answer } = view;
  const headers = { "Content-Type": "application/json" };
  let response = null;
  try {
    response = await callProxy("/chat/completions", { method: "POST", headers, body: JSON.stringify(body), signal });
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
  if (!response) {
    return !session && /[^ -~]/.test(key())
      ? "The key has characters that no key can have. Check it under Access."
      : "The proxy can't be reached. Check that it runs and that you are online.";
  }
  if (failure instanceof SyntaxError) return "The response isn't JSON.";
  return answer.isEmpty
    ? "The connection broke before the answer began."
    : "The answer is truncated: the connection broke before its end.";
}
