// The settings: key, model and parameters.

// The page may be below a path prefix, such as a stage of API Gateway.
const BASE = `${location.origin}${location.pathname.replace(/\/[^/]*\/?$/, "")}/v1`;

/** Kept until the tab is closed. If the browser forbids storage, the page works without it. */
const tab = {
  get: (name) => attempt(() => sessionStorage.getItem(`playground.${name}`)) ?? "",
  set: (name, value) => attempt(() => sessionStorage.setItem(`playground.${name}`, value)),
};

const key = () => byId("key").value.trim();

// login.js, which only some pages have, changes these two.
let session = null; // of a user who has logged in
const ADVICE = { enter: "Enter a key to see the models.", check: "Check the key under Access." };

/** The headers that identify the caller. */
async function authorization() {
  const secret = session ? await session.validToken() : key();
  return secret ? { Authorization: `Bearer ${secret}` } : {};
}

/** Call the proxy. If it refuses a session's token, get a new one and call again, once. */
async function callProxy(path, options) {
  const call = async () =>
    fetch(BASE + path, { ...options, headers: { ...options.headers, ...(await authorization()) } });
  const response = await call();
  return response.status === 401 && (await session?.renew()) ? call() : response;
}

function showSettings(isShown) {
  byId("app").classList.toggle("settings-open", isShown);
  byId("settings-toggle").ariaExpanded = String(isShown);
}

function goToKey() {
  showSettings(true);
  byId("key").focus();
}

// Models

const OTHER = ""; // for typing a name
let modelLoading = null;
let triedKey = null; // with which the list was loaded

function model() {
  return byId("model").value || byId("model-name").value.trim();
}

async function loadModels() {
  modelLoading?.abort();
  const { signal } = (modelLoading = new AbortController());
  triedKey = key();
  sayOfModels("Loading the list of models…");
  let response = null;
  try {
    response = await callProxy("/models", { cache: "no-store", signal });
    if (response.ok) showModels((await response.json()).data.map((entry) => String(entry.id)));
    else showNoModels(await errorOf(response));
  } catch (failure) {
    if (signal.aborted) return;
    showNoModels({ message: response ? "The response isn't a list of models." : failureMessage(failure) });
  }
}

function showModels(names) {
  setModels(names);
  byId("step-key").classList.add("done");
  byId("key").ariaInvalid = "false";
  const caller = session ? "user" : "key";
  sayOfModels(names.length ? `Models for this ${caller}: ${names.length}.` : "The list is empty. Type a name.");
}

function showNoModels(error) {
  setModels([]);
  byId("step-key").classList.remove("done");
  const isRefused = error.status === 401;
  byId("key").ariaInvalid = String(isRefused && key() !== "");
  if (error.code === "invalid_api_key" && !key()) sayOfModels(ADVICE.enter);
  else sayOfModels(`${error.message} ${error.status ? advice(error) : ""}`, true);
}

function setModels(names) {
  const select = byId("model");
  const wanted = model() || tab.get("model");
  select.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
  select.append(element("option", { value: OTHER }, names.length ? "Other…" : "Type a name below"));
  if (names.includes(wanted)) select.value = wanted;
  else if (wanted && !names.length) byId("model-name").value = wanted;
  showOther();
}

function showOther() {
  byId("model-other").hidden = byId("model").value !== OTHER;
}

function sayOfModels(text, isBad = false) {
  byId("model-status").textContent = text;
  byId("model-status").classList.toggle("bad", isBad);
}

// Parameters

/** The body of a request; null if a parameter is invalid. Its field shows that. */
function requestBody(messages) {
  const chosen = parameters();
  const more = moreParameters();
  if (!chosen || !more) {
    showSettings(true);
    if (!chosen) firstWrongParameter().reportValidity();
    else byId("more").focus();
    return null;
  }
  const system = byId("system").value.trim();
  return {
    ...(model() ? { model: model() } : {}),
    messages: system ? [{ role: "system", content: system }, ...messages] : messages,
    ...chosen,
    ...(byId("stream").checked ? { stream: true, stream_options: { include_usage: true } } : {}),
    ...more,
  };
}

const firstWrongParameter = () => byId("parameters").querySelector(":invalid");

function parameters() {
  if (firstWrongParameter()) return null;
  const found = {};
  for (const field of byId("parameters").querySelectorAll("[name]")) {
    if (field.value === "") continue;
    if (field.name === "stop") found.stop = field.value.split("\n").filter((line) => line !== "");
    else found[field.name] = field.type === "number" ? Number(field.value) : field.value;
  }
  return found;
}

function moreParameters() {
  const value = attempt(() => JSON.parse(byId("more").value.trim() || "{}"));
  const isRight = value?.constructor === Object;
  byId("more-error").textContent = isRight ? "" : "This must be a JSON object.";
  byId("more").ariaInvalid = String(!isRight);
  return isRight ? value : null;
}

function startSettings() {
  byId("address").textContent = BASE;
  byId("key").value = tab.get("key");
  on("settings-toggle", "click", () => showSettings(byId("settings-toggle").ariaExpanded !== "true"));
  on("go-to-key", "click", goToKey);
  on("key-form", "submit", (event) => event.preventDefault());
  on("key", "change", keyChanged);
  // Don't try a key at each character.
  let pause = null;
  on("key", "input", () => {
    clearTimeout(pause);
    pause = setTimeout(keyChanged, 500);
  });
  on("key-show", "click", () => {
    const isShown = byId("key").type === "text";
    byId("key").type = isShown ? "password" : "text";
    byId("key-show").ariaPressed = String(!isShown);
  });
  on("model", "change", () => {
    tab.set("model", byId("model").value);
    showOther();
    if (byId("model").value === OTHER) byId("model-name").focus();
  });
  on("model-name", "change", () => tab.set("model", model()));
  on("model-refresh", "click", loadModels);
  on("more", "change", moreParameters);
  setModels([]);
  loadModels();
}

function keyChanged() {
  if (key() === triedKey) return;
  tab.set("key", key());
  loadModels();
}
