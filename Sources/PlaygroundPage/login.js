// Logs users in at an OpenID provider: authorization code flow with PKCE (RFC 7636), for a client without a secret. PKCE
// ties the code to this tab, so no nonce is needed (RFC 9700, section 2.1.1). The proxy checks the tokens.

const LOGIN = JSON.parse(byId("login-data").textContent); // the table's `login`
const RETURN_URL = location.origin + location.pathname; // the provider must know it

class Session {
  token = "";
  renewAt = Infinity; // in milliseconds since 1970
  renewing = null; // the request for tokens

  constructor(refreshToken = "") {
    this.refreshToken = refreshToken;
  }

  async validToken() {
    // Without a refresh token it is used until the proxy refuses it.
    if (this.renewing || (this.refreshToken && Date.now() > this.renewAt)) await this.renew();
    return this.token;
  }

  /** Return whether there is a new token. If the provider gives none, the user has to log in again. */
  renew() {
    const grant = { grant_type: "refresh_token", refresh_token: this.refreshToken };
    return this.renewing ?? (this.refreshToken ? this.request(grant) : this.ended());
  }

  request(grant, refusal) {
    this.renewing = this.fetchTokens(grant, refusal).finally(() => (this.renewing = null));
    return this.renewing;
  }

  async fetchTokens(grant, refusal) {
    const body = new URLSearchParams({ ...grant, client_id: LOGIN.client_id });
    let response = null;
    let tokens = null;
    try {
      response = await fetch(LOGIN.token_url, { method: "POST", body });
      tokens = await response.json();
    } catch {
      sayOfLogin("The login server can't be reached, or doesn't allow this page to call it.");
      // The refresh token is still good: it is kept for a reload.
      if (!this.token && session === this) session = null;
      showLogin();
      return false;
    }
    this.token = textOf(tokens?.[`${LOGIN.token}_token`]);
    if (!response.ok || !this.token) return this.ended(refusal);
    this.refreshToken = textOf(tokens.refresh_token) || this.refreshToken;
    tab.set("session", this.refreshToken);
    // A tenth of its life before the token ends, which leaves time for a request and for clocks that differ.
    if (tokens.expires_in > 0) this.renewAt = Date.now() + tokens.expires_in * 900;
    this.name = nameIn(tokens.id_token) ?? this.name;
    showLogin();
    return true;
  }

  ended(message = "Your login has expired. Log in again.") {
    if (session === this) endSession(message);
    return false;
  }
}

/** What a person is called in an ID token. */
function nameIn(token) {
  const text = attempt(() => atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  const bytes = Uint8Array.from(text ?? "", (character) => character.charCodeAt(0));
  const claims = attempt(() => JSON.parse(new TextDecoder().decode(bytes)));
  return textOf(claims?.email) || textOf(claims?.name) || textOf(claims?.sub) || null;
}

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** Leave for the provider's login page, which comes back here. */
async function beginLogin() {
  // Browsers offer hashes to secure pages only.
  if (!crypto.subtle) return sayOfLogin("Browsers let pages log in on https and on localhost only.");
  const begun = { state: randomText(), verifier: randomText() };
  tab.set("login", JSON.stringify(begun));
  if (!tab.get("login")) return sayOfLogin("This browser lets the page store nothing, so it can't log in.");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(begun.verifier));
  const url = new URL(LOGIN.authorize_url);
  const query = {
    response_type: "code",
    client_id: LOGIN.client_id,
    redirect_uri: RETURN_URL,
    scope: LOGIN.scope,
    state: begun.state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
    // Otherwise, the provider would let in who has just logged out.
    ...(tab.get("logged-out") ? { prompt: "login" } : {}),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Take what the provider has sent back in the address. */
function finishLogin(query) {
  history.replaceState(null, "", RETURN_URL);
  const begun = attempt(() => JSON.parse(tab.get("login")));
  tab.set("login", "");
  // Anybody can make a link with an error, so only the standard's codes are shown, such as access_denied.
  if (!query.has("code")) return sayOfLogin(`The login failed: ${/^[a-z_]{1,40}$/.exec(query.get("error")) ?? "no code"}.`);
  if (!begun || begun.state !== query.get("state")) {
    return sayOfLogin("This login didn't begin in this tab, so it isn't used. Log in again.");
  }
  tab.set("logged-out", "");
  session = new Session();
  const grant = { grant_type: "authorization_code", code: query.get("code"), redirect_uri: RETURN_URL };
  session.request({ ...grant, code_verifier: begun.verifier }, "The login server refused its own code. Log in again.");
}

/** After a reload, if the provider has given a refresh token. */
function resumeSession() {
  if (!tab.get("session")) return;
  session = new Session(tab.get("session"));
  session.renew();
}

function endSession(message) {
  session = null;
  tab.set("session", "");
  if (message) sayOfLogin(message);
  showLogin();
}

function logOut() {
  tab.set("logged-out", "yes");
  endSession("You are logged out.");
  loadModels();
}

function showLogin() {
  byId("key-form").hidden = session !== null;
  const name = element("p", "Logged in as ", element("strong", session?.name ?? "a user"));
  byId("login").replaceChildren(...(session ? [name, button("Log out", logOut)] : [button("Log in", beginLogin)]));
  if (session) sayOfLogin("");
}

function sayOfLogin(text) {
  byId("login-status").textContent = text;
}

function startLogin() {
  ADVICE.enter = "Log in or enter a key to see the models.";
  ADVICE.check = "Log in again or check the key, under Access.";
  byId("step-key").firstChild.data = "Log in, or enter a ";
  const ways = element("div", { id: "login" });
  const status = element("p.hint", { id: "login-status", role: "status" });
  byId("key-form").before(ways, status);
  const query = new URLSearchParams(location.search);
  if (query.has("code") || query.has("error")) finishLogin(query);
  else resumeSession();
  showLogin();
}

startLogin();
