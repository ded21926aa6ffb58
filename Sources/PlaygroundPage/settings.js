// The settings beside the conversation: who calls, which model, which parameters.

// The page may stand below a path of its own, such as a stage of API Gateway.
const BASE = `${location.origin}${location.pathname.replace(/\/[^/]*\/?$/, "")}/v1`;

/** What a tab keeps until it is closed. A browser may forbid that; then the page works without. */
const tab = {
  get(name) {
    try {
      return sessionStorage.getItem(`playground.${name}`) ?? "";
    } catch {
      return "";
    }
  },
  set(name, value) {
    try {
      sessionStorage.setItem(`playground.${name}`, value);
    } catch {
      // It is still in its field.
    }
  },
};

/** The headers that say who calls: another way to sign in changes this, and the section "Access" of the page. */
function authorization() {
  const key = byId("key").value.trim();
  return key ? { Authorization: `Bearer ${key}` } : {};
}

const hasKey = () => byId("key").value.trim() !== "";

function showSettings(isShown) {
  byId("app").classList.toggle("settings-open", isShown);
  byId("settings-toggle").ariaExpanded = String(isShown);
}

function goToKey() {
  showSettings(true);
  byId("key").focus();
}

// Models

const OTHER = ""; // the choice that lets one type a name
let modelLoading = null;

function model() {
  return byId("model").value || byId("model-name").value.trim();
}

async function loadModels() {
  modelLoading?.abort();
  const { signal } = (modelLoading = new AbortController());
  sayOfModels("Loading the list of models…");
  try {
    const response = await fetch(`${BASE}/models`, { headers: authorization(), cache: "no-store", signal });
    if (response.ok) showModels((await response.json()).data.map((entry) => String(entry.id)));
    else showNoModels(await errorOf(response));
  } catch {
    if (!signal.aborted) showNoModels({ message: "The list of models can't be loaded.", status: 0 });
  }
}

function showModels(names) {
  setModels(names);
  byId("step-key").classList.add("done");
  byId("key").ariaInvalid = "false";
  const count = names.length === 1 ? "1 model" : `${names.length} models`;
  sayOfModels(names.length ? `${count} for this key.` : "The list is empty. Type the name of a model.");
}

function showNoModels(error) {
  setModels([]);
  byId("step-key").classList.remove("done");
  const isRefused = error.status === 401;
  byId("key").ariaInvalid = String(isRefused && hasKey());
  if (isRefused && !hasKey()) sayOfModels("Enter a key to see the models.");
  else sayOfModels(`${error.message} ${advice(error)}`, true);
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

/** The body of a request; null if a parameter is wrong, which its field then says. */
function requestBody(messages) {
  const more = moreParameters();
  const chosen = parameters();
  if (!more || !chosen) return null;
  const system = byId("system").value.trim();
  return {
    ...(model() ? { model: model() } : {}),
    messages: system ? [{ role: "system", content: system }, ...messages] : messages,
    ...chosen,
    ...(byId("stream").checked ? { stream: true, stream_options: { include_usage: true } } : {}),
    ...more,
  };
}

function parameters() {
  const found = {};
  for (const field of byId("parameters").querySelectorAll("[name]")) {
    if (!field.checkValidity()) {
      showSettings(true);
      field.reportValidity();
      return null;
    }
    if (field.value === "") continue;
    if (field.name === "stop") found.stop = field.value.split("\n").filter((line) => line !== "");
    else found[field.name] = field.type === "number" ? Number(field.value) : field.value;
  }
  return found;
}

function moreParameters() {
  const field = byId("more");
  let value = {};
  let problem = "";
  try {
    if (field.value.trim()) value = JSON.parse(field.value);
    if (typeof value !== "object" || value === null || Array.isArray(value)) problem = "This must be a JSON object.";
  } catch (failure) {
    problem = `This is no JSON: ${failure.message}.`;
  }
  byId("more-error").textContent = problem;
  field.ariaInvalid = String(problem !== "");
  if (!problem) return value;
  showSettings(true);
  field.focus();
  return null;
}

function startSettings() {
  byId("address").textContent = BASE;
  byId("key").value = tab.get("key");
  byId("settings-toggle").addEventListener("click", () => {
    showSettings(byId("settings-toggle").ariaExpanded !== "true");
  });
  byId("go-to-key").addEventListener("click", goToKey);
  byId("key-form").addEventListener("submit", (event) => event.preventDefault());
  byId("key").addEventListener("change", keyChanged);
  // A key that is pasted is complete; one that is typed is when the field is left, or with Enter.
  byId("key").addEventListener("input", (event) => event.inputType !== "insertText" && keyChanged());
  byId("key-show").addEventListener("click", () => {
    const isShown = byId("key").type === "text";
    byId("key").type = isShown ? "password" : "text";
    byId("key-show").ariaPressed = String(!isShown);
  });
  byId("model").addEventListener("change", () => {
    tab.set("model", byId("model").value);
    showOther();
    if (byId("model").value === OTHER) byId("model-name").focus();
  });
  byId("model-name").addEventListener("change", () => tab.set("model", model()));
  byId("model-refresh").addEventListener("click", loadModels);
  byId("more").addEventListener("change", moreParameters);
  setModels([]);
  loadModels();
}

function keyChanged() {
  const key = byId("key").value.trim();
  if (key === tab.get("key") && byId("step-key").classList.contains("done")) return;
  tab.set("key", key);
  loadModels();
}
