"use strict";
// Text only ever becomes text nodes: no string is parsed as HTML.

const byId = (id) => document.getElementById(id);
const on = (id, type, action) => byId(id).addEventListener(type, action);

/** The result of an action; null if it throws. */
function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

/** element("p.hint", {title: "…"}, "text", node, null): a name with a class, properties, children. Null is left out. */
function element(name, ...parts) {
  const [tag, className] = name.split(".");
  const made = document.createElement(tag);
  if (className) made.className = className;
  for (const part of parts) {
    if (part?.constructor === Object) Object.assign(made, part);
    else if (part !== null) made.append(part);
  }
  return made;
}

/** Append any number of children. Spread arguments are limited. */
function filled(parent, children) {
  for (const child of children) parent.append(child);
  return parent;
}

function button(label, action) {
  return element("button", { type: "button", onclick: action }, label);
}

/** Tell screen readers only. */
function announce(text) {
  byId("status").textContent = text;
}

/** Copies a text, and says so for a moment. */
function copyButton(text, label = "Copy", name = label) {
  const made = button(label, async () => {
    // Pages have a clipboard only on https and localhost.
    const copying = navigator.clipboard?.writeText(text());
    const said = (await copying?.then(() => "Copied", () => null)) ?? "Can't copy here";
    announce(said);
    made.textContent = said;
    setTimeout(() => (made.textContent = label), 1500);
  });
  if (name !== label) made.ariaLabel = name;
  return made;
}
