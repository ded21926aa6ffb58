"use strict";
// Makes elements. Text becomes text nodes and nothing else: no string is ever read as HTML.

const byId = (id) => document.getElementById(id);

/** element("a", {href: "…"}, "text", node, null): properties, then children; null is left out. */
function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  for (const child of children) if (child !== null) made.append(child);
  return made;
}

function button(label, action) {
  const made = element("button", { type: "button" }, label);
  made.addEventListener("click", () => action(made));
  return made;
}

/** Read by screen readers, seen by nobody. */
function announce(text) {
  byId("status").textContent = text;
}

/** Copy, and say so on the button for a moment. */
async function copy(text, from) {
  const label = from.textContent;
  let done = "Copied";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Browsers have a clipboard only for https and localhost.
    done = "Can't copy here";
  }
  announce(done);
  from.textContent = done;
  setTimeout(() => (from.textContent = label), 1500);
}

function copyButton(text, label = "Copy") {
  return button(label, (from) => copy(text(), from));
}
