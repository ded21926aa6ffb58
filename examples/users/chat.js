// Calls the proxy with the user's token: what the user may use, and chats that arrive as they are written.

import { fetchOr } from "./login.js";

/** An error that the proxy has answered with, in words for people. */
export class ProxyError extends Error {
  constructor(status, error) {
    super(`${error.message} ${advice(status, error.message)}`.trim());
    this.isLoginOver = status === 401;
  }
}

function advice(status, message) {
  if (status === 401) return "Please log in again.";
  if (status === 403) return "Your plan doesn't include this.";
  // Limits say when.
  if (status === 429 || status >= 500) return /try again/i.test(message) ? "" : "Please try again in a moment.";
  return "";
}

export class Proxy {
  constructor(base, login) {
    this.base = base.replace(/\/$/, "");
    this.login = login;
  }

  /** Who the user is for the proxy, and what is left: `models`, `plan`, `limits`. */
  async me() {
    return (await this.#call("/v1/me", { cache: "no-store" })).json();
  }

  /** Ask a model, and yield the pieces of its answer. */
  async *ask(model, messages, signal) {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ model, messages, stream: true });
    const response = await this.#call("/v1/chat/completions", { method: "POST", headers, body, signal });
    let isComplete = false;
    for await (const data of events(response.body)) {
      if (data === "[DONE]") isComplete = true;
      else {
        const chunk = JSON.parse(data);
        if (chunk.error) throw new ProxyError(502, chunk.error);
        yield chunk.choices?.[0]?.delta?.content ?? "";
      }
    }
    if (!isComplete) throw new ProxyError(502, { message: "The answer broke off." });
  }

  async #call(path, options) {
    const call = async () => {
      const headers = { ...options.headers, Authorization: `Bearer ${await this.login.validToken()}` };
      return fetchOr("The proxy", this.base + path, { ...options, headers });
    };
    let response = await call();
    // The token has ended earlier than expected: the computer slept, or its clock is wrong.
    if (response.status === 401 && (await this.login.renew())) response = await call();
    if (response.ok) return response;
    const { error } = await response.json().catch(() => ({}));
    const otherwise = { message: `The proxy answers with status ${response.status}.` };
    throw new ProxyError(response.status, error ?? otherwise);
  }
}

/** The data of each server-sent event. The proxy's events have one line of data each. */
async function* events(body) {
  let rest = "";
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece; !(piece = await reader.read()).done; ) {
    const lines = (rest + piece.value).split(/\r?\n/);
    rest = lines.pop();
    for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
  }
}
