// The page: shows who is here, what is left, and the conversation. Text only ever becomes text nodes.

import { Login, LoginError, fetchJSON } from "./login.js";
import { Proxy, ProxyError } from "./chat.js";

const LIMITS = {
  rpm: "Requests a minute", tpm: "Tokens a minute", requests_per_day: "Requests a day", tokens_per_day: "Tokens a day",
  requests_per_month: "Requests a month", tokens_per_month: "Tokens a month", max_budget: "Dollars",
  max_parallel_requests: "Requests at once",
}; // prettier-ignore

const byId = (id) => document.getElementById(id);
let login, proxy;
let messages = []; // of the conversation
let running = null; // the AbortController of the current answer

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function say(text) {
  byId("notice").textContent = text;
}

async function start() {
  const config = await fetchJSON("config.json");
  login = await Login.discover(config);
  proxy = new Proxy(config.proxy, login);
  byId("log-in").onclick = () => login.begin();
  byId("log-out").onclick = () => login.logOut();
  byId("stop").onclick = () => running?.abort();
  byId("composer").onsubmit = send;
  byId("message").onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    byId("composer").requestSubmit();
  };
  // A login that fails leaves the page as it is for somebody who hasn't logged in.
  const isHere = await login.resume().catch((failure) => (report(failure), false));
  show(isHere);
  if (isHere) await showUser();
}

function show(isHere) {
  byId("welcome").hidden = isHere;
  byId("chat").hidden = byId("log-out").hidden = !isHere;
  if (isHere) byId("message").focus();
  else byId("who").textContent = "";
}

/** Who is here, and what is left, as the proxy says. */
async function showUser() {
  const me = await proxy.me();
  const { email, name, sub } = login.claims;
  byId("who").textContent = [email ?? name ?? sub ?? "You", me.plan].filter(Boolean).join(" · ");
  if (!byId("model").options.length) {
    byId("model").append(...me.models.map((model) => element("option", { value: model }, model)));
  }
  byId("limits").replaceChildren(...me.limits.filter(({ scope }) => scope === "user").map(limitView));
}

function limitView({ limit, amount, remaining, server, resets_at: resetsAt }) {
  const title = `${LIMITS[limit] ?? limit}${server ? ` at ${server}` : ""}`;
  // The proxy can't tell while its store of limits fails.
  if (remaining === null) return element("li", {}, `${title}: ${amount}.`);
  const number = (value) => value.toLocaleString([], { maximumFractionDigits: 4 });
  const meter = element("meter", { min: 0, max: amount, value: remaining, ariaLabel: title });
  const until = resetsAt ? ` Renewed ${new Date(resetsAt).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}.` : "";
  return element("li", {}, meter, `${title}: ${number(remaining)} of ${number(amount)} left.${until}`);
}

async function send(event) {
  event.preventDefault();
  const text = byId("message").value.trim();
  if (!text || running) return;
  say("");
  byId("message").value = "";
  const question = { role: "user", content: text };
  const answer = element("p", { className: "answer" });
  byId("turns").append(element("p", { className: "question" }, text), answer);
  setRunning(new AbortController());
  try {
    for await (const piece of proxy.ask(byId("model").value, [...messages, question], running.signal)) {
      answer.append(piece);
    }
    messages.push(question, { role: "assistant", content: answer.textContent });
  } catch (failure) {
    if (!running.signal.aborted) report(failure, answer);
  }
  setRunning(null);
  if (login.token) await showUser().catch(report);
}

function setRunning(controller) {
  running = controller;
  byId("send").disabled = running !== null;
  byId("stop").hidden = running === null;
  byId("turns").ariaBusy = String(running !== null);
}

/** Show an error, below the answer that it ends, if there is one. */
function report(failure, answer) {
  if (!(failure instanceof LoginError || failure instanceof ProxyError)) console.error(failure);
  const isKnown = failure instanceof LoginError || failure instanceof ProxyError;
  const text = isKnown ? failure.message : "Something went wrong in this page. Please reload it.";
  if (answer) answer.after(element("p", { className: "error", role: "alert" }, text));
  else say(text);
  if (!failure.isLoginOver) return;
  login.token = "";
  byId("welcome").hidden = false;
}

start().catch(report);
