// Markdown, as models write it, to DOM nodes. Every step takes time in proportion to the text: no search for the end of
// something is repeated once it has failed, and nesting has a bound.

const MAX_NESTING = 8;
const SAFE_PROTOCOLS = ["http:", "https:", "mailto:"];

/** A link that leads out of the page; what isn't an absolute address of a safe kind stays text. */
function link(address, label) {
  let url = null;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (!SAFE_PROTOCOLS.includes(url.protocol)) return null;
  return element("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, label);
}

// Text inside a block

const SPECIAL = /\\[!-/:-@[-`{-~]|`+|\*+|_+|~~|!?\[|<|https?:\/\//gi;
const LINK = /!?\[([^[\]]*)\]\((<[^<>\n]*>|[^\s()]+(?:\([^\s()]*\)[^\s()]*)*)(?: "[^"]*")?\)/y;
const OPEN_LINK = /!?\[([^[\]]+)\]\([^\s()]*$/y;
const ANGLE = /<(?:(https?:\/\/[^\s<>]+|mailto:[^\s<>]+)|br *\/?)>/iy;
const ADDRESS = /https?:\/\/[^\s<>"`]+/iy;
const IMAGE_DATA = /^data:image\/(?:png|jpeg|gif|webp);base64,/;
const EMPHASIS = { "*": "em", _: "em", "**": "strong", __: "strong", "~~": "del" };

class InlineText {
  /**
   * `isOpen`: the text is still being written, so what has begun at its end is shown as if it were complete.
   * `isLabel`: the text is a link's, and has no links of its own.
   */
  constructor(text, isOpen, isLabel) {
    this.text = text;
    this.isOpen = isOpen;
    this.isLabel = isLabel;
    this.nodes = []; // flat: an opener's own characters, then what follows it
    this.openers = []; // {token, index into nodes}
    this.plain = "";
    this.missing = new Set(); // runs of backticks that occur no more
  }

  static render(text, isOpen = false, isLabel = false) {
    return new InlineText(text, isOpen, isLabel).render();
  }

  render() {
    const special = new RegExp(SPECIAL);
    let at = 0;
    for (let found; (found = special.exec(this.text)); special.lastIndex = at) {
      this.plain += this.text.slice(at, found.index);
      at = this.take(found[0], found.index);
    }
    this.plain += this.text.slice(at);
    if (this.isOpen) this.closeAll();
    this.flush();
    return this.nodes;
  }

  /** Take what begins with this token, and return where the next thing begins. */
  take(token, at) {
    const after = at + token.length;
    switch (token[0]) {
      case "\\":
        this.plain += token[1];
        return after;
      case "`":
        return this.code(token, after);
      case "*":
      case "_":
      case "~":
        return this.emphasis(token, at, after);
      default:
        return (!this.isLabel && this.reference(token, at)) || this.literal(token, after);
    }
  }

  /** Take a link, and return where it ends; 0 if there is none. */
  reference(token, at) {
    if (token === "<") return this.matched(ANGLE, at, (found) => this.angle(found));
    if (token.endsWith("[")) return this.matched(LINK, at, (found) => this.linked(found)) || this.openLink(at);
    return this.isWord(at - 1) ? 0 : this.matched(ADDRESS, at, (found) => this.address(found));
  }

  literal(token, after) {
    this.plain += token;
    return after;
  }

  flush() {
    if (this.plain) this.nodes.push(document.createTextNode(this.plain));
    this.plain = "";
  }

  push(node) {
    this.flush();
    this.nodes.push(node);
  }

  matched(pattern, at, use) {
    pattern.lastIndex = at;
    const found = pattern.exec(this.text);
    return found && use(found) ? at + found[0].length : 0;
  }

  code(token, after) {
    const end = this.closingRun(token, after);
    if (end < 0) return this.literal(token, after);
    let code = this.text.slice(after, end);
    if (code.startsWith(" ") && code.endsWith(" ") && code.trim()) code = code.slice(1, -1);
    this.push(element("code", {}, code));
    return end + token.length;
  }

  closingRun(token, from) {
    if (this.missing.has(token)) return -1;
    const run = /`+/g;
    run.lastIndex = from;
    for (let found; (found = run.exec(this.text)); ) if (found[0] === token) return found.index;
    this.missing.add(token);
    return this.isOpen && from < this.text.length ? this.text.length : -1;
  }

  linked([whole, label, target]) {
    const address = target.replace(/^<|>$/g, "");
    if (whole[0] === "!" && IMAGE_DATA.test(address)) {
      this.push(element("img", { src: address, alt: label }));
      return true;
    }
    // A picture elsewhere isn't loaded: whoever wrote its address would learn who reads the answer.
    const made = link(address, label || address);
    if (!made) return false;
    if (label) made.replaceChildren(...InlineText.render(label, false, true));
    this.push(made);
    return true;
  }

  /** The beginning of a link at the end of what has come: show its text. */
  openLink(at) {
    if (!this.isOpen) return 0;
    return this.matched(OPEN_LINK, at, ([, label]) => {
      this.plain += label;
      return true;
    });
  }

  angle([whole, address]) {
    const made = address ? link(address, address) : element("br");
    if (made) this.push(made);
    return made !== null;
  }

  address(found) {
    found[0] = trimmedAddress(found[0]);
    const made = link(found[0], found[0]);
    if (made) this.push(made);
    return made !== null;
  }

  isWord(at) {
    return /[\p{L}\p{N}]/u.test(this.text[at] ?? "");
  }

  emphasis(token, at, after) {
    // An underscore inside a word is part of it.
    const isUnderscore = token[0] === "_";
    const opens = /\S/.test(this.text[after] ?? "") && !(isUnderscore && this.isWord(at - 1));
    const closes = /\S/.test(this.text[at - 1] ?? "") && !(isUnderscore && this.isWord(after));
    const parts = token.length === 3 ? [token.slice(2), token.slice(1)] : [token];
    if (!(parts[parts.length - 1] in EMPHASIS)) return this.literal(token, after);
    if (closes && parts.some((part) => this.isOpened(part))) {
      for (const part of parts) if (!this.close(part)) this.plain += part;
    } else if (opens) {
      for (const part of parts.reverse()) this.open(part);
    } else {
      this.plain += token;
    }
    return after;
  }

  isOpened(token) {
    return this.openers.some((opener) => opener.token === token);
  }

  open(token) {
    this.flush();
    if (this.openers.length === 2 * MAX_NESTING) this.openers.shift();
    this.openers.push({ token, index: this.nodes.length });
    this.nodes.push(document.createTextNode(token));
  }

  close(token) {
    if (!this.isOpened(token)) return false;
    while (this.openers[this.openers.length - 1].token !== token) this.openers.pop();
    this.flush();
    const { index } = this.openers.pop();
    const made = element(EMPHASIS[token]);
    for (const node of this.nodes.splice(index + 1)) made.append(node);
    this.nodes[index] = made;
    return true;
  }

  closeAll() {
    for (const { token } of [...this.openers].reverse()) if (token.length === 2 && this.isOpened(token)) this.close(token);
  }
}

/** Without the punctuation of the sentence around it, and without a bracket that was opened before it. */
function trimmedAddress(address) {
  let end = address.length;
  const opened = address.split("(").length;
  let closed = address.split(")").length;
  while (end > 0 && (".,;:!?'*_~]}".includes(address[end - 1]) || (address[end - 1] === ")" && closed > opened))) {
    if (address[end - 1] === ")") closed--;
    end--;
  }
  return address.slice(0, end);
}

// Blocks: each reader gets the lines and where it stands, and returns {node, next}, or null if nothing of its kind begins

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`\s]*)/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^([ \t]*)([-*+]|\d{1,9}[.)])(?:([ \t]+)|$)/;
const TABLE_RULE = /^[ \t|:-]+$/;

const isBlank = (line) => !/\S/.test(line);
const READERS = [readFence, readHeading, readRule, readQuote, readList, readTable, readParagraph];

function renderBlocks(lines, isOpen = false, depth = 0) {
  const nodes = [];
  for (let at = 0; at < lines.length; ) {
    if (isBlank(lines[at])) {
      at++;
      continue;
    }
    const context = { isOpen, depth };
    const readers = depth < MAX_NESTING ? READERS : [readParagraph];
    for (const reader of readers) {
      const block = reader(lines, at, context);
      if (!block) continue;
      nodes.push(block.node);
      at = block.next;
      break;
    }
  }
  return nodes;
}

/** Whether the text of these lines, up to `end`, may still grow. */
const grows = (lines, end, { isOpen }) => isOpen && end >= lines.length;

function readFence(lines, at, context) {
  const opening = FENCE.exec(lines[at]);
  if (!opening) return null;
  const [, fence, language] = opening;
  let end = at + 1;
  while (end < lines.length && !closesFence(lines[end], fence)) end++;
  const code = lines.slice(at + 1, end);
  // The beginning of the closing line, while it is being written.
  if (grows(lines, end, context) && /^ {0,3}(`+|~+)$/.test(code[code.length - 1] ?? "")) code.pop();
  return { node: codeBlock(code.join("\n"), language), next: end + 1 };
}

function closesFence(line, fence) {
  const text = line.trim();
  return text.length >= fence.length && text === fence[0].repeat(text.length);
}

function codeBlock(code, language) {
  const inner = element("code", {}, document.createTextNode(code));
  return element(
    "div",
    { className: "code" },
    element("div", { className: "code-head" }, element("span", {}, language || "text"), copyButton(() => inner.textContent)),
    element("pre", { tabIndex: 0, role: "group", ariaLabel: `Code, ${language || "text"}` }, inner),
  );
}

function readHeading(lines, at, context) {
  const opening = HEADING.exec(lines[at]);
  if (!opening) return null;
  const level = opening[1].length;
  const text = lines[at].slice(opening[0].length).trim().replace(/ #+$/, "");
  // The page, the conversation and the turn have the levels above.
  const node = element(`h${Math.min(level + 3, 6)}`, { className: `level-${level}` });
  node.append(...InlineText.render(text, grows(lines, at + 1, context)));
  return { node, next: at + 1 };
}

function readRule(lines, at) {
  return RULE.test(lines[at]) ? { node: element("hr"), next: at + 1 } : null;
}

function readQuote(lines, at, { isOpen, depth }) {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end++;
  if (end === at) return null;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  const node = element("blockquote");
  for (const child of renderBlocks(inner, grows(lines, end, { isOpen }), depth + 1)) node.append(child);
  return { node, next: end };
}

/** How far a line is indented; a tab counts as four. */
function indentation(line) {
  let columns = 0;
  for (const character of line) {
    if (character === " ") columns++;
    else if (character === "\t") columns += 4;
    else break;
  }
  return columns;
}

function outdented(line, columns) {
  let at = 0;
  for (let left = columns; left > 0 && (line[at] === " " || line[at] === "\t"); at++) left -= line[at] === "\t" ? 4 : 1;
  return line.slice(at);
}

function readList(lines, at, context) {
  const first = ITEM.exec(lines[at]);
  if (!first) return null;
  const isOrdered = /\d/.test(first[2]);
  const base = indentation(first[1]);
  const node = element(isOrdered ? "ol" : "ul");
  if (isOrdered) node.start = parseInt(first[2], 10);
  let next = at;
  for (let item; next < lines.length && (item = ITEM.exec(lines[next])); ) {
    if (/\d/.test(item[2]) !== isOrdered || indentation(item[1]) > base + 1) break;
    const end = endOfItem(lines, next, base);
    node.append(listItem(lines.slice(next, end), item, grows(lines, end, context), context.depth));
    next = end;
    while (next < lines.length && isBlank(lines[next])) next++;
  }
  return { node, next };
}

/** Models indent by two or more, whatever the width of the marker: both belong to the item. */
function endOfItem(lines, at, base) {
  let end = at + 1;
  let afterBlank = false;
  for (let next = end; next < lines.length; next++) {
    const line = lines[next];
    if (isBlank(line)) {
      afterBlank = true;
      continue;
    }
    const isInner = indentation(line) >= base + 2;
    if (!isInner && (afterBlank || beginsBlock(line) || ITEM.test(line))) break;
    afterBlank = false;
    end = next + 1;
  }
  return end;
}

function listItem(lines, [marker, indent, , space = " "], isOpen, depth) {
  const width = indentation(indent) + marker.length - indent.length - space.length + Math.min(space.length, 4);
  const inner = [lines[0].slice(marker.length), ...lines.slice(1).map((line) => outdented(line, width))];
  const node = element("li");
  const box = /^\[([ xX])\] /.exec(inner[0]);
  if (box) {
    inner[0] = (box[1] === " " ? "☐ " : "☑ ") + inner[0].slice(4);
    node.className = "task";
  }
  for (const child of renderBlocks(inner, isOpen, depth + 1)) node.append(child);
  return node;
}

function readTable(lines, at, context) {
  if (!lines[at].includes("|")) return null;
  const rule = lines[at + 1] ?? "";
  const isRule = TABLE_RULE.test(rule);
  // A first line alone is shown as a table at once, if it begins like one.
  const isComing = grows(lines, at + 2, context) && lines[at].trim()[0] === "|" && (isRule || rule === "");
  if (!isComing && !(isRule && rule.includes("|") && rule.includes("-"))) return null;
  const alignments = cells(rule).map((cell) => (/^:-*:$/.test(cell) ? "center" : /:$/.test(cell) ? "end" : ""));
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end++;
  const head = element("thead", {}, tableRow(lines[at], "th", alignments));
  const body = element("tbody");
  for (const line of lines.slice(at + 2, end)) body.append(tableRow(line, "td", alignments));
  const table = element("table", {}, head, body);
  return { node: element("div", { className: "table", tabIndex: 0, role: "group", ariaLabel: "Table" }, table), next: end };
}

function tableRow(line, name, alignments) {
  const row = element("tr");
  cells(line).forEach((text, index) => {
    const cell = element(name, { className: alignments[index] || "" });
    for (const node of InlineText.render(text)) cell.append(node);
    row.append(cell);
  });
  return row;
}

function cells(line) {
  const text = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return text.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** Whether a line that follows a paragraph's begins something else. */
function beginsBlock(line) {
  return [FENCE, HEADING, RULE, QUOTE, /^[ \t]*(?:[-*+]|1[.)])[ \t]/].some((start) => start.test(line));
}

function readParagraph(lines, at, context) {
  let end = at + 1;
  while (end < lines.length && !isBlank(lines[end]) && !beginsBlock(lines[end])) end++;
  const node = element("p");
  const text = lines.slice(at, end).map((line) => line.trim()).join("\n");
  for (const child of InlineText.render(text, grows(lines, end, context))) node.append(child);
  return { node, next: end };
}

// A text that grows

// At most so many characters are read in a millisecond: what has been read once is read again only after a time that is
// in proportion to it. Small texts follow each frame.
const READ_PER_MILLISECOND = 100;

/** Shows a growing text: blocks that are complete are made once, and only the last one is made again. */
class MarkdownView {
  constructor(shown = () => {}) {
    this.element = element("div", { className: "markdown" });
    this.shown = shown;
    this.tail = "";
    this.settledNodes = 0;
    this.read = 0; // characters, in all; the tests bound it
    this.waits = false;
  }

  append(text) {
    this.tail += text;
    if (this.waits) return;
    this.waits = true;
    const frame = () => requestAnimationFrame(() => this.show());
    const pause = this.tail.length / READ_PER_MILLISECOND;
    if (pause > 16) setTimeout(frame, pause);
    else frame();
  }

  finish() {
    this.show(true);
  }

  show(isDone = false) {
    this.waits = false;
    this.read += this.tail.length;
    const end = isDone ? this.tail.length : settledLength(this.tail);
    const settled = renderBlocks(this.tail.slice(0, end).split("\n"));
    this.tail = this.tail.slice(end);
    const open = this.tail ? renderBlocks(this.tail.split("\n"), true) : [];
    if (!this.growsCode(settled, open)) {
      while (this.element.childNodes.length > this.settledNodes) this.element.lastChild.remove();
      for (const node of [...settled, ...open]) this.element.append(node);
    }
    this.settledNodes += settled.length;
    this.shown();
  }

  /** Code that grows keeps its element, so that it keeps what is selected in it and how far it is scrolled. */
  growsCode(settled, open) {
    const old = this.element.childNodes[this.settledNodes];
    if (settled.length || open.length !== 1 || open[0].className !== "code" || old?.className !== "code") return false;
    const text = old.querySelector("code").firstChild;
    const code = open[0].querySelector("code").textContent;
    if (!code.startsWith(text.data)) return false;
    text.appendData(code.slice(text.length));
    return true;
  }
}

/** How much of a text is made of blocks that nothing that follows can change. */
function settledLength(text) {
  let settled = 0;
  let fence = null;
  let afterBlank = false;
  for (let at = 0, end; at < text.length; at = end + 1) {
    end = text.indexOf("\n", at);
    const isWhole = end >= 0;
    if (!isWhole) end = text.length;
    const line = text.slice(at, end);
    if (fence) {
      if (isWhole && closesFence(line, fence)) fence = null;
      afterBlank = fence === null;
      continue;
    }
    // What begins at the margin after a blank line begins a block, unless it is an item of the list before.
    const begins = afterBlank && !isBlank(line) && indentation(line) === 0 && !/^(?:[-*+]|\d+[.)]?)(?:\s|$)/.test(line);
    if (begins || HEADING.test(line)) settled = at;
    fence = FENCE.exec(line)?.[1] ?? null;
    afterBlank = isBlank(line) || HEADING.test(line);
  }
  return settled;
}
