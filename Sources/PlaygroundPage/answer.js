// Shows one answer: its text, its times and usage, and its error.

const COMPLETE = [null, "stop", "tool_calls"];

class AnswerView {
  answer = new Answer();
  headers = new Headers(); // of the response
  sentAt = performance.now();
  reasoning = element("details.reasoning", element("summary", "Reasoning"), element("div"));
  extras = element("div"); // tool calls, a refusal
  toolCalls = new Map(); // by index
  waiting = element("p.waiting", "Waiting for the answer");
  foot = element("footer");

  /** `request` is {base, body, hasKey}; `shown` is called when the answer has grown. */
  constructor(request, shown) {
    this.request = request;
    this.shown = shown;
    this.markdown = new MarkdownView(shown);
    const title = element("h3", request.body.model || "Default model");
    this.element = element("article.answer", { ariaLabel: "Answer" }, title, this.waiting);
  }

  /** Append what has arrived. */
  changed(added) {
    if (this.answer.isEmpty || !added) return;
    if (!this.firstAt) {
      this.firstAt = performance.now();
      this.waiting.replaceWith(this.markdown.element, this.extras);
    }
    this.lastAt = performance.now();
    if (added.content) this.markdown.append(added.content);
    if (added.reasoning) this.addReasoning(added.reasoning);
    if (added.refusal) this.addRefusal(added.refusal);
    for (const call of added.toolCalls) this.addToolCall(call);
    this.shown();
  }

  addReasoning(text) {
    if (!this.reasoning.isConnected) this.markdown.element.before(this.reasoning);
    this.reasoning.lastChild.append(text);
  }

  addRefusal(text) {
    this.refusal ??= this.extras.appendChild(element("p.refusal", element("strong", "Refused: ")));
    this.refusal.append(text);
  }

  addToolCall({ index, name, arguments: text }) {
    let call = this.toolCalls.get(index);
    if (!call) {
      call = { name: element("code"), arguments: element("code") };
      this.toolCalls.set(index, call);
      const head = element("div.code-head", element("span", "Tool call ", call.name));
      const body = element("pre", { tabIndex: 0, role: "group", ariaLabel: "Arguments" }, call.arguments);
      this.extras.append(element("div.code tool", head, body));
    }
    call.name.append(name);
    call.arguments.append(text);
  }

  /** Show how the answer ended. `isStopped`: the user stopped it. */
  finished(isStopped, retry) {
    this.endedAt = performance.now();
    this.markdown.show(true);
    const { answer } = this;
    this.waiting.remove();
    if (isStopped) this.note("You stopped this answer.");
    else if (answer.error) this.foot.append(this.errorCard(answer.error));
    else if (!COMPLETE.includes(answer.finishReason)) this.note(`The model ended early: ${answer.finishReason}.`);
    else if (answer.isEmpty) this.note("The answer is empty.");
    this.foot.append(this.facts(), this.actions(retry));
    this.element.append(this.foot);
    this.shown();
    announce(this.summary(isStopped));
  }

  note(text) {
    this.foot.append(element("p.note", text));
  }

  summary(isStopped) {
    const { error, content } = this.answer;
    if (isStopped) return "Stopped.";
    if (error) return `Error: ${error.message} ${advice(error)}`;
    // A screen reader shouldn't read out a long answer unasked.
    return content.length > 2000 ? "The answer is complete." : `Answer: ${content}`;
  }

  errorCard(error) {
    const facts = {
      Status: error.status,
      Code: error.code,
      "Retry after": error.retryAfter && `${error.retryAfter}${isNaN(error.retryAfter) ? "" : " s"}`,
      Request: this.requestId,
    };
    const title = this.answer.isEmpty ? "No answer" : "The answer is incomplete";
    return element(
      "section.error",
      { ariaLabel: "Error" },
      element("h4", title),
      element("p.message", error.message),
      element("p", advice(error)),
      definitions(facts),
    );
  }

  get requestId() {
    return this.headers.get("x-proxy-request-id") ?? this.headers.get("x-request-id");
  }

  facts() {
    const { error, usage } = this.answer;
    const attempts = this.headers.get("x-proxy-attempts");
    return definitions({
      "First token": this.firstAt && seconds(this.firstAt - this.sentAt),
      Total: this.firstAt && seconds(this.endedAt - this.sentAt),
      Speed: this.speed(),
      Tokens: usage && tokensOf(usage),
      Cost: costOf(usage),
      Server: this.headers.get("x-proxy-server"),
      Attempts: attempts > 1 && attempts,
      Request: !error && this.requestId,
    });
  }

  /** Tokens a second between the first and the last; null for an answer that arrived at once. */
  speed() {
    const tokens = outputTokens(this.answer.usage);
    const time = this.lastAt - this.firstAt;
    return tokens > 1 && time > 0 ? `${Math.round(((tokens - 1) / time) * 1000)} tokens/s` : null;
  }

  actions(retry) {
    const { content } = this.answer;
    return element(
      "div.actions",
      Object.assign(button("Retry", retry), { className: "retry" }),
      content ? copyButton(() => content, "Copy", "Copy the answer") : null,
      element("span", "Copy the request as"),
      ...Object.entries(SNIPPETS).map(([name, snippet]) =>
        copyButton(() => snippet(this.request), name, `Copy the request as ${name}`),
      ),
    );
  }
}

/** A list of names and values. Empty values are left out. */
function definitions(values) {
  const list = element("dl");
  for (const [name, value] of Object.entries(values)) {
    if (value) list.append(element("div", element("dt", name), element("dd", String(value))));
  }
  return list;
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}

const outputTokens = (usage) => usage?.completion_tokens ?? usage?.output_tokens;

function tokensOf(usage) {
  const parts = [
    [usage.prompt_tokens ?? usage.input_tokens, "in"],
    [outputTokens(usage), "out"],
    [usage.prompt_tokens_details?.cached_tokens || null, "cached"],
    [usage.completion_tokens_details?.reasoning_tokens || null, "reasoning"],
  ];
  return parts.filter(([count]) => Number.isFinite(count)).map(([count, what]) => `${count} ${what}`).join(", ");
}

/** The cost, if the provider reports it. */
function costOf(usage) {
  const cost = usage?.cost?.total_cost ?? usage?.cost;
  return Number.isFinite(cost) ? `$${cost >= 0.01 ? cost.toFixed(2) : Number(cost.toPrecision(2))}` : null;
}
