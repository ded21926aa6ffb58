// One answer as it is shown: what comes, how long it takes, and what went wrong.

class AnswerView {
  constructor(request, shown) {
    this.request = request; // {base, body, hasKey}
    this.answer = new Answer();
    this.shown = shown;
    this.sentAt = performance.now();
    this.firstAt = null;
    this.lastAt = null;
    this.headers = new Headers();
    this.markdown = new MarkdownView(shown);
    this.reasoning = element("div");
    this.reasoningBox = element("details", { className: "reasoning", hidden: true }, element("summary", {}, "Reasoning"), this.reasoning);
    this.extras = element("div");
    this.waiting = element("p", { className: "waiting" }, "Waiting for the first token", element("span", { ariaHidden: "true" }));
    this.foot = element("footer");
    this.element = element(
      "article",
      { className: "answer" },
      element("h3", {}, request.body.model || "The default model"),
      this.reasoningBox,
      this.markdown.element,
      this.extras,
      this.waiting,
      this.foot,
    );
  }

  began(response) {
    this.headers = response.headers;
  }

  changed(delta) {
    const { answer } = this;
    if (!answer.isEmpty) {
      this.lastAt = performance.now();
      this.firstAt ??= this.lastAt;
      this.waiting.remove();
    }
    if (delta.content) this.markdown.append(delta.content);
    if (delta.reasoning) this.reasoning.append(delta.reasoning);
    this.reasoningBox.hidden = answer.reasoning === "";
    this.showExtras(delta);
  }

  /** What isn't text: it is rare and short, so it is written anew where it has changed. */
  showExtras(delta) {
    const { toolCalls, refusal, images } = this.answer;
    if (delta.refusal) {
      this.refusal ??= this.extras.appendChild(element("p", { className: "refusal" }, element("strong", {}, "Refused: "), ""));
      this.refusal.lastChild.data = refusal;
    }
    toolCalls.forEach((call, index) => this.showToolCall(call, index));
    while (this.imageCount < images.length) this.showImage(images[this.imageCount++]);
  }
}

