// Turns Markdown into DOM nodes, in linear time: a search that failed isn't repeated, and nesting is limited.

const MAX_NESTING = 8;
const SAFE_PROTOCOLS = ["http:", "https:", "mailto:"];

/** A link to another page; null unless the address is absolute and of a safe protocol. */
function link(address, children) {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!SAFE_PROTOCOLS.includes(url?.protocol)) return null;
  return filled(element("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }), children);
}

// Text inside a block

const SPECIAL = /\\[!-/:-@[-`{-~]|`+|\*+|_+|~~|!?\[|<|https?:\/\//gi;
const LINK = /!?\[([^[\]]*)\]\((<[^<>\n]*>|[^\s()]+(?:\([^\s()]*\)[^\s()]*)*)(?: "[^"]*")?\)/y;
const OPEN_LINK = /!?\[([^[\]]+)\]\([^\s()]*$/y;
const ANGLE = /<(?:(https?:\/\/[^\s<>]+|mailto:[^\s<>]+)|br *\/?)>/iy;
const ADDRESS = /https?:\/\/[^\s<>"`]+/iy;
const EMPHASIS = { "*": "em", _: "em", "**": "strong", __: "strong", "~~": "del" };

/** Renders the text of a paragraph, cell or heading. */
class InlineText {
  /** `isOpen`: more may follow, so what is open is shown as if closed. `isLabel`: inside a link, so without links. */
  static render(text, isOpen = false, isLabel = false) {
    const nodes = [];
    const openers = []; // {token, index of its own text in nodes}
    const missing = new Set(); // runs of backticks that don't occur again
    return Object.assign(new InlineText(), { text, isOpen, isLabel, nodes, openers, missing, plain: "" }).render();
  }

  render() {
    const special = new RegExp(SPECIAL);
    let at = 0;
    for (let found; (found = special.exec(this.text)); special.lastIndex = at) {
      this.plain += this.text.slice(at, found.index);
      at = this.take(found[0], found.index);
      if (at) continue;
      this.plain += found[0];
      at = special.lastIndex;
    }
    this.plain += this.text.slice(at);
    if (this.isOpen) for (const { token } of [...this.openers].reverse()) if (token.length === 2) this.close(token);
    this.push();
    return this.nodes;
  }

  /** Render what this token begins, and return its end; 0 if it begins nothing. */
  take(token, at) {
    const after = at + token.length;
    if (token[0] === "\\") this.plain += token[1];
    else if (token[0] === "`") return this.code(token, after);
    else if ("*_~".includes(token[0])) return this.emphasis(token, at, after);
    else return this.isLabel ? 0 : this.reference(token, at);
    return after;
  }

  push(...added) {
    if (this.plain) this.nodes.push(document.createTextNode(this.plain));
    this.plain = "";
    this.nodes.push(...added);
  }

  code(token, after) {
    const end = this.closingRun(token, after);
    if (end < 0) return 0;
    let code = this.text.slice(after, end);
    if (code.startsWith(" ") && code.endsWith(" ") && code.trim()) code = code.slice(1, -1);
    this.push(element("code", code));
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

  reference(token, at) {
    if (token === "<") return this.matched(ANGLE, at, this.angle);
    if (token.endsWith("[")) return this.matched(LINK, at, this.linked) || (this.isOpen && this.matched(OPEN_LINK, at, this.label));
    return this.isWord(at - 1) ? 0 : this.matched(ADDRESS, at, this.address);
  }

  matched(pattern, at, use) {
    pattern.lastIndex = at;
    const found = pattern.exec(this.text);
    return found && use.call(this, found) ? at + found[0].length : 0;
  }

  /** Images become links: loading one would tell its host who reads the answer. */
  linked([, label, target]) {
    const address = target.replace(/^<|>$/g, "");
    return this.pushed(link(address, label ? InlineText.render(label, false, true) : [address]));
  }

  label([, label]) {
    this.plain += label;
    return true;
  }

  angle([, address]) {
    return this.pushed(address ? link(address, [address]) : element("br"));
  }

  address(found) {
    found[0] = trimmedAddress(found[0]);
    return this.pushed(link(found[0], [found[0]]));
  }

  pushed(node) {
    if (node) this.push(node);
    return node;
  }

  isWord(at) {
    return /[\p{L}\p{N}]/u.test(this.text[at] ?? "");
  }

  emphasis(token, at, after) {
    const parts = token.length === 3 ? [token.slice(2), token.slice(1)] : [token];
    if (parts.some((part) => !(part in EMPHASIS))) return 0;
    // An underscore inside a word is part of it.
    const isUnderscore = token[0] === "_";
    const opens = /\S/.test(this.text[after] ?? "") && !(isUnderscore && this.isWord(at - 1));
    const closes = /\S/.test(this.text[at - 1] ?? "") && !(isUnderscore && this.isWord(after));
    if (closes && parts.some((part) => this.isOpened(part))) {
      for (const part of parts) if (!this.close(part)) this.plain += part;
    } else if (opens) {
      for (const part of parts.reverse()) this.open(part);
    } else {
      return 0;
    }
    return after;
  }

  isOpened(token) {
    return this.openers.some((opener) => opener.token === token);
  }

  open(token) {
    this.push();
    if (this.openers.length === 2 * MAX_NESTING) this.openers.shift();
    this.openers.push({ token, index: this.nodes.length });
    this.nodes.push(document.createTextNode(token));
  }

  close(token) {
    if (!this.isOpened(token)) return false;
    while (this.openers.at(-1).token !== token) this.openers.pop();
    this.push();
    const { index } = this.openers.pop();
    this.nodes[index] = filled(element(EMPHASIS[token]), this.nodes.splice(index + 1));
    return true;
  }
}

/** Without the punctuation of the sentence around it. */
function trimmedAddress(address) {
  let end = address.length;
  const around = ".,;:!?'*_~]}" + (address.includes("(") ? "" : ")");
  while (end > 0 && around.includes(address[end - 1])) end--;
  return address.slice(0, end);
}

// Blocks: each reader returns {node, next}, or null if no block of its kind begins at this line

const FENCE = /^ {0,3}(`{3,}(?![^`]*`)|~{3,})[ \t]*([^`\s]*)/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^([ \t]*)([-*+]|\d{1,9}[.)])(?:([ \t]+)|$)/;
const TABLE_RULE = /^[ \t|:-]+$/;

const isBlank = (line) => !/\S/.test(line);
const READERS = [readFence, readHeading, readRule, readQuote, readList, readTable, readParagraph];

function renderBlocks(lines, isOpen = false, depth = 0) {
  const nodes = [];
  const readers = depth < MAX_NESTING ? READERS : [readParagraph];
  for (let at = 0; at < lines.length; ) {
    let block = { next: at + 1 };
    if (!isBlank(lines[at])) {
      for (const reader of readers) if ((block = reader(lines, at, { isOpen, depth }))) break;
      nodes.push(block.node);
    }
    at = block.next;
  }
  return nodes;
}

/** Whether a block that ends here may still grow. */
const grows = (lines, end, { isOpen }) => isOpen && end >= lines.length;

function readFence(lines, at, context) {
  const opening = FENCE.exec(lines[at]);
  if (!opening) return null;
  const [, fence, language] = opening;
  let end = at + 1;
  while (end < lines.length && !closesFence(lines[end], fence)) end++;
  const code = lines.slice(at + 1, end);
  // An unfinished closing line.
  if (grows(lines, end, context) && /^ {0,3}(`+|~+)$/.test(code[code.length - 1] ?? "")) code.pop();
  return { node: codeBlock(code.join("\n"), language), next: end + 1 };
}

function closesFence(line, fence) {
  const text = line.trim();
  return text.length >= fence.length && text === fence[0].repeat(text.length);
}

function codeBlock(code, language) {
  const inner = element("code", document.createTextNode(code));
  const head = element("div.code-head", element("span", language || "text"), copyButton(() => inner.textContent));
  return element("div.code", head, element("pre", { tabIndex: 0, role: "group", ariaLabel: "Code" }, inner));
}

function readHeading(lines, at, context) {
  const opening = HEADING.exec(lines[at]);
  if (!opening) return null;
  const text = lines[at].slice(opening[0].length).trim().replace(/ #+$/, "");
  // The page has the levels above.
  const node = element(`h${Math.min(opening[1].length + 3, 6)}`);
  return { node: filled(node, InlineText.render(text, grows(lines, at + 1, context))), next: at + 1 };
}

function readRule(lines, at) {
  return RULE.test(lines[at]) ? { node: element("hr"), next: at + 1 } : null;
}

function readQuote(lines, at, { isOpen, depth }) {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end++;
  if (end === at) return null;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  const children = renderBlocks(inner, grows(lines, end, { isOpen }), depth + 1);
  return { node: filled(element("blockquote"), children), next: end };
}

/** The indentation in columns; a tab counts as four. */
const indentation = (line) => /^[ \t]*/.exec(line)[0].replaceAll("\t", "    ").length;

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

/** Models indent by two columns or more, whatever the width of the marker. */
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
  const first = lines[0].slice(marker.length).replace(/^\[ \] /, "☐ ").replace(/^\[[xX]\] /, "☑ ");
  const inner = [first, ...lines.slice(1).map((line) => outdented(line, width))];
  return filled(element("li"), renderBlocks(inner, isOpen, depth + 1));
}

function readTable(lines, at, context) {
  if (!lines[at].includes("|")) return null;
  const rule = lines[at + 1] ?? "";
  const isRule = TABLE_RULE.test(rule);
  // While it is being written, one line is enough to begin a table.
  const isComing = grows(lines, at + 2, context) && lines[at].trim()[0] === "|" && (isRule || rule === "");
  if (!isComing && !(isRule && rule.includes("|") && rule.includes("-"))) return null;
  const alignments = cells(rule).map((cell) => (/^:-*:$/.test(cell) ? "center" : /:$/.test(cell) ? "end" : ""));
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end++;
  const head = element("thead", tableRow(lines[at], "th", alignments));
  const body = element("tbody");
  for (const line of lines.slice(at + 2, end)) body.append(tableRow(line, "td", alignments));
  const table = element("table", head, body);
  return { node: element("div.table", { tabIndex: 0, role: "group", ariaLabel: "Table" }, table), next: end };
}

function tableRow(line, name, alignments) {
  const row = element("tr");
  cells(line).forEach((text, index) => {
    row.append(filled(element(`${name}.${alignments[index] ?? ""}`), InlineText.render(text)));
  });
  return row;
}

function cells(line) {
  const text = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return text.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** Whether a line ends the paragraph before it. */
function beginsBlock(line) {
  return [FENCE, HEADING, RULE, QUOTE, /^[ \t]*(?:[-*+]|1[.)])[ \t]/].some((start) => start.test(line));
}

function readParagraph(lines, at, context) {
  let end = at + 1;
  while (end < lines.length && !isBlank(lines[end]) && !beginsBlock(lines[end])) end++;
  const text = lines.slice(at, end).map((line) => line.trim()).join("\n");
  return { node: filled(element("p"), InlineText.render(text, grows(lines, end, context))), next: end };
}

// Growing text

// After a render, the next one waits in proportion to the length. Short texts are rendered each frame.
const READ_PER_MILLISECOND = 100; // characters

/** Shows a growing text. Complete blocks are rendered once, the last block again and again. */
class MarkdownView {
  element = element("div.markdown");
  tail = "";
  settledNodes = 0;
  read = 0; // characters, in total; for tests
  waits = false;

  constructor(shown = () => {}) {
    this.shown = shown;
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

  show(isDone = false) {
    this.waits = false;
    this.read += this.tail.length;
    const end = isDone ? this.tail.length : settledLength(this.tail);
    const settled = renderBlocks(this.tail.slice(0, end).split("\n"));
    this.tail = this.tail.slice(end);
    const open = this.tail ? renderBlocks(this.tail.split("\n"), true) : [];
    if (!this.growsCode(settled, open)) {
      while (this.element.childNodes.length > this.settledNodes) this.element.lastChild.remove();
      filled(this.element, [...settled, ...open]);
    }
    this.settledNodes += settled.length;
    this.shown();
  }

  /** Growing code keeps its element, and so its selection and scroll position. */
  growsCode(settled, open) {
    const [old, made] = [this.element.childNodes[this.settledNodes], open[0]];
    if (settled.length || open.length > 1 || old?.className !== "code" || made?.className !== "code") return false;
    const text = old.querySelector("pre code").firstChild;
    const code = made.querySelector("pre").textContent;
    if (code.startsWith(text.data)) text.appendData(code.slice(text.length));
    return code === text.data;
  }
}

/** The length of the blocks that no later text can change. */
function settledLength(text) {
  let settled = 0;
  let fence = null;
  let afterBlank = false;
  let next = 0;
  for (const line of text.split("\n")) {
    const at = next;
    next += line.length + 1;
    if (fence) {
      if (next <= text.length && closesFence(line, fence)) fence = null;
      afterBlank = fence === null;
      continue;
    }
    // An unindented line after a blank one begins a block, unless it continues a list.
    const begins = afterBlank && !isBlank(line) && indentation(line) === 0 && !/^(?:[-*+]|\d+[.)]?)(?:\s|$)/.test(line);
    if (begins || HEADING.test(line)) settled = at;
    fence = FENCE.exec(line)?.[1] ?? null;
    afterBlank = isBlank(line) || HEADING.test(line);
  }
  return settled;
}
