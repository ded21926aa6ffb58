// OpenID Connect for a page: authorization code flow with PKCE, refreshed tokens, log-out. A page can keep no secret, so
// its client has none.
//
// The tokens that open the proxy are only in memory: nothing that reads the browser's storage finds them, and they end
// with the page. Only the refresh token is in sessionStorage, so that a reload needs no new login. It belongs to this
// tab, and is gone when the tab is closed.

const STORED = "example-login";
const RETURN_URL = location.origin + location.pathname; // registered at the provider

export class LoginError extends Error {}

export class Login {
  token = ""; // for the proxy
  claims = {}; // about the user
  #idToken = "";
  #renewAt = 0;
  #renewing = null;

  constructor(config, provider) {
    this.config = config;
    this.provider = provider;
  }

  /** Find the provider's addresses: OpenID Connect Discovery 1.0. */
  static async discover(config) {
    const address = `${config.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const provider = await fetchJSON(address);
    if (provider.issuer !== config.issuer) throw new LoginError(`${address} belongs to another issuer.`);
    return new Login(config, provider);
  }

  /** Leave for the login page, which comes back here. */
  async begin() {
    const begun = { state: randomText(), nonce: randomText(), verifier: randomText() };
    store({ begun });
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(begun.verifier));
    leaveFor(this.provider.authorization_endpoint, {
      response_type: "code",
      client_id: this.config.client_id,
      redirect_uri: RETURN_URL,
      scope: this.config.scope,
      state: begun.state,
      nonce: begun.nonce,
      code_challenge: base64url(new Uint8Array(digest)),
      code_challenge_method: "S256",
    });
  }

  /** Take what the login page has sent back in the address, or go on after a reload. Return whether a user is here. */
  async resume() {
    const query = new URLSearchParams(location.search);
    const { begun } = stored();
    if (!query.has("code") && !query.has("error")) return this.renew();
    history.replaceState(null, "", RETURN_URL);
    store({});
    // Anybody can make a link with an error, so only the standard's codes are shown, such as access_denied.
    const error = /^[a-z_]{1,40}$/.exec(query.get("error"));
    if (!query.has("code")) throw new LoginError(`The login failed${error ? `: ${error}` : ""}. Please try again.`);
    const isOurs = begun?.state === query.get("state") && (query.get("iss") ?? this.config.issuer) === this.config.issuer;
    if (!isOurs) throw new LoginError("This login did not begin in this tab, so it isn't used. Please log in again.");
    const grant = { grant_type: "authorization_code", code: query.get("code"), redirect_uri: RETURN_URL };
    const tokens = await this.#fetchTokens({ ...grant, code_verifier: begun.verifier });
    if (!tokens) throw new LoginError("The login server didn't accept its own code. Please log in again.");
    const { iss, aud, nonce } = claimsOf(tokens.id_token);
    const isForUs = iss === this.config.issuer && [aud].flat().includes(this.config.client_id);
    if (!isForUs || nonce !== begun.nonce) throw new LoginError("This login was meant for somebody else.");
    return this.#take(tokens);
  }

  /** The token to send, renewed if it is about to expire. */
  async validToken() {
    if (this.#renewing || Date.now() > this.#renewAt) await this.renew();
    return this.token;
  }

  /** Get new tokens; false if the provider gives none, and the user has to log in again. */
  renew() {
    this.#renewing ??= this.#refresh().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  async #refresh() {
    const { refreshToken } = stored();
    const grant = { grant_type: "refresh_token", refresh_token: refreshToken };
    const tokens = refreshToken ? await this.#fetchTokens(grant) : null;
    return tokens !== null && this.#take({ refresh_token: refreshToken, ...tokens });
  }

  /** Null if the provider refuses. */
  async #fetchTokens(grant) {
    const body = new URLSearchParams({ ...grant, client_id: this.config.client_id });
    const response = await fetchOr("The login server", this.provider.token_endpoint, { method: "POST", body });
    return response.ok ? response.json() : null;
  }

  #take(tokens) {
    this.token = tokens[`${this.config.token}_token`] ?? "";
    if (!this.token) return false;
    if (tokens.id_token) this.claims = claimsOf((this.#idToken = tokens.id_token));
    // A tenth of its life before the token ends, which leaves time for a request and for clocks that differ.
    this.#renewAt = Date.now() + (tokens.expires_in ?? 3600) * 900;
    store({ refreshToken: tokens.refresh_token });
    return true;
  }

  /** Forget the tokens, and end the login at the provider, if it has a page for that. */
  logOut() {
    this.token = "";
    store({});
    if (!this.provider.end_session_endpoint) return location.assign(RETURN_URL);
    leaveFor(this.provider.end_session_endpoint, {
      client_id: this.config.client_id,
      logout_uri: RETURN_URL, // Cognito's name for the next
      post_logout_redirect_uri: RETURN_URL,
      ...(this.#idToken ? { id_token_hint: this.#idToken } : {}),
    });
  }
}

/** Call a server; an error of the network says which one. */
export async function fetchOr(name, ...request) {
  try {
    return await fetch(...request);
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new LoginError(`${name} can't be reached. Are you online?`);
  }
}

export async function fetchJSON(address) {
  const response = await fetchOr(new URL(address, location).host, address, { cache: "no-store" });
  if (!response.ok) throw new LoginError(`${address} answers with status ${response.status}.`);
  return response.json();
}

function leaveFor(address, query) {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  location.assign(url);
}

/** What a token says. It came from the provider itself; whether it is right is for the proxy to check. */
function claimsOf(token = "") {
  const text = atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return bytes.length ? JSON.parse(new TextDecoder().decode(bytes)) : {};
}

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const stored = () => JSON.parse(sessionStorage.getItem(STORED) ?? "{}");
const store = (values) => sessionStorage.setItem(STORED, JSON.stringify(values));
