// Made from packages/api/page by `npm run generate`; a test compares. Do not edit.

// packages/sdk/src/contract/tables.ts
var credentialCookies = {
  twitterAuthToken: "auth_token",
  twitterCt0: "ct0",
  redditSession: "reddit_session",
  tiktokSessionId: "sessionid",
  tiktokCsrfToken: "tt_csrf_token",
  youtubeSid: "SID",
  youtubeHsid: "HSID",
  youtubeSsid: "SSID",
  youtubeSapisid: "SAPISID",
  instagramSessionId: "sessionid",
  instagramCsrfToken: "csrftoken",
  instagramDsUserId: "ds_user_id"
};
var credentialValueMax = 4096;

// packages/sdk/src/errors.ts
var StablehandError = class extends Error {
  name = "StablehandError";
};
var SealingError = class extends StablehandError {
  name = "SealingError";
};

// packages/sdk/src/credential-values.ts
var fields = Object.keys(credentialCookies);
var neverInACookie = /[\p{Cc}\p{Cs}\s",;\\]/u;
function readCredentialValues(values) {
  const unknown = Object.keys(values).some((name) => !Object.hasOwn(credentialCookies, name));
  if (unknown) throw new StablehandError(`a name is no credential field; there are ${fields.join(", ")}`);
  const given = fields.flatMap((field) => {
    const value = values[field];
    return value === void 0 ? [] : [[field, readValue(field, value)]];
  });
  if (given.length === 0) throw new StablehandError(`no credential field is given: give one of ${fields.join(", ")}`);
  return given;
}
function readValue(field, given) {
  if (typeof given !== "string") throw new StablehandError(`${field} must be a string`);
  const value = given.trim();
  const cookie = credentialCookies[field];
  if (value === "") throw new StablehandError(`${field} is empty: leave it out to keep what is stored, or delete it`);
  if (value.length > credentialValueMax && [...value].length > credentialValueMax)
    throw new StablehandError(`${field} is longer than ${credentialValueMax} characters`);
  if (value.startsWith(`${cookie}=`))
    throw new StablehandError(`${field} starts with "${cookie}=": give only what comes after the equals sign`);
  if (neverInACookie.test(value)) throw new StablehandError(`${field} has a character that no cookie value can have`);
  return value;
}

// packages/api/page/platform-guide.ts
var known = {
  twitter: ["X (Twitter)", "https://x.com"],
  reddit: ["Reddit", "https://www.reddit.com"],
  tiktok: ["TikTok", "https://www.tiktok.com"],
  youtube: ["YouTube", "https://www.youtube.com"],
  instagram: ["Instagram", "https://www.instagram.com"]
};
function guideTo(platform) {
  const [name, site] = known[platform] ?? [platform, ""];
  const fields2 = Object.keys(credentialCookies).filter((field) => field.startsWith(platform));
  return { name, site, fields: fields2 };
}

// packages/api/page/form.ts
function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}
function inputFor(field) {
  const problem = make("p", { id: `${field}-problem`, className: "problem" });
  const input = make("input", {
    id: field,
    type: "text",
    autocomplete: "off",
    spellcheck: false,
    autocapitalize: "off",
    className: "secret",
    maxLength: credentialValueMax + 1e3
    // what is too long is told, not cut
  });
  input.setAttribute("aria-describedby", problem.id);
  const label = make("label", { htmlFor: field }, make("code", {}, credentialCookies[field]));
  const tell = (text) => {
    problem.textContent = text ?? "";
    if (text === null) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
  };
  input.addEventListener("input", () => tell(problemOf(field, input.value)));
  return { field, input, tell, element: make("div", { className: "field" }, label, input, problem) };
}
function problemOf(field, value) {
  if (value.trim() === "") return null;
  try {
    readCredentialValues({ [field]: value });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.replace(field, credentialCookies[field]) : "This cannot be a cookie.";
  }
}
function steps({ site, name }) {
  return make(
    "details",
    {},
    make("summary", {}, `Where do I find these for ${name}?`),
    make(
      "ol",
      {},
      make("li", {}, "On a computer, open ", make("code", {}, site), " in another tab and sign in."),
      make("li", {}, "Press F12, or \u2325\u2318I on a Mac, and choose Application (in Firefox and Safari: Storage)."),
      make("li", {}, "Open Cookies, choose ", make("code", {}, site), ", and find the rows that are named below."),
      make("li", {}, "Double-click a row's value, copy it, and paste it here.")
    )
  );
}
function createTicketForm(platforms) {
  const groups = platforms.map((platform) => {
    const guide = guideTo(platform);
    return { guide, inputs: guide.fields.map(inputFor) };
  });
  const inputs = groups.flatMap((group) => group.inputs);
  const button = make("button", { type: "submit" }, "Connect");
  const element = make(
    "form",
    { noValidate: true, autocomplete: "off" },
    ...groups.map(
      (group) => make(
        "fieldset",
        {},
        make("legend", {}, group.guide.name),
        steps(group.guide),
        ...group.inputs.map((one) => one.element)
      )
    ),
    button
  );
  function findProblem() {
    for (const { inputs: ofGroup } of groups) {
      const isEmpty = ofGroup.every(({ input }) => input.value.trim() === "");
      for (const { field, input, tell } of ofGroup)
        tell(!isEmpty && input.value.trim() === "" ? "This one is missing." : problemOf(field, input.value));
    }
    const [first] = inputs;
    if (inputs.every(({ input }) => input.value.trim() === "")) first?.tell("Nothing is pasted yet.");
    return inputs.find(({ input }) => input.hasAttribute("aria-invalid"));
  }
  return {
    element,
    read() {
      const wrong = findProblem();
      wrong?.input.focus();
      if (wrong) return null;
      const given = inputs.filter(({ input }) => input.value.trim() !== "");
      return readCredentialValues(Object.fromEntries(given.map(({ field, input }) => [field, input.value])));
    },
    clear() {
      for (const { input } of inputs) input.value = "";
    },
    setBusy(isBusy) {
      button.disabled = isBusy;
      element.setAttribute("aria-busy", String(isBusy));
    }
  };
}

// packages/sdk/src/sealing/bytes.ts
function utf8(text) {
  return new TextEncoder().encode(text);
}
function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
function uint32(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
function toBase64url(bytes) {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
function fromBase64url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// packages/sdk/src/sealing/hpke.ts
var kemSuite = concat(utf8("KEM"), [0, 32]);
var hpkeSuite = concat(utf8("HPKE"), [0, 32, 0, 1, 0, 2]);
var versionLabel = utf8("HPKE-v1");
var nothing = new Uint8Array();
var modeBase = [0];
var keyBytes = 32;
var nonceBytes = 12;
function labeledIkm(suite, label, ikm) {
  return concat(versionLabel, suite, utf8(label), ikm);
}
function labeledInfo(suite, label, info, length) {
  return concat([length >> 8, length & 255], versionLabel, suite, utf8(label), info);
}
async function extract(label, ikm) {
  const key = await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign"
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, labeledIkm(hpkeSuite, label, ikm)));
}
async function hkdf(salt, ikm, info, length) {
  const key = await crypto.subtle.importKey("raw", ikm, "HKDF", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, length * 8));
}
async function newEphemeral() {
  return await crypto.subtle.generateKey({ name: "X25519" }, true, ["deriveBits"]);
}
async function encapsulate(recipient, ephemeral) {
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", ephemeral.publicKey));
  const theirs = await crypto.subtle.importKey("raw", recipient, { name: "X25519" }, false, []);
  const dh = new Uint8Array(
    await crypto.subtle.deriveBits({ name: "X25519", public: theirs }, ephemeral.privateKey, 256)
  );
  if (dh.every((byte) => byte === 0)) throw new Error("the public key is of small order");
  const context = concat(enc, recipient);
  const info = labeledInfo(kemSuite, "shared_secret", context, keyBytes);
  return { enc, sharedSecret: await hkdf(nothing, labeledIkm(kemSuite, "eae_prk", dh), info, keyBytes) };
}
async function keySchedule(sharedSecret, info) {
  const context = concat(modeBase, await extract("psk_id_hash", nothing), await extract("info_hash", info));
  const noPsk = labeledIkm(hpkeSuite, "secret", nothing);
  return {
    key: await hkdf(sharedSecret, noPsk, labeledInfo(hpkeSuite, "key", context, keyBytes), keyBytes),
    baseNonce: await hkdf(sharedSecret, noPsk, labeledInfo(hpkeSuite, "base_nonce", context, nonceBytes), nonceBytes)
  };
}
async function sealMessage({ key, baseNonce }, sequence, additionalData, plaintext) {
  const counter = concat(new Uint8Array(nonceBytes - 4), uint32(sequence));
  const iv = baseNonce.map((byte, index) => byte ^ (counter[index] ?? 0));
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, aes, plaintext));
}

// packages/sdk/src/sealing/seal-values.ts
var purpose = utf8("stablehand credential value v1");
async function sealValues(key, values, ephemeral) {
  const { publicKey, keyId } = await readKey(key);
  const pair = ephemeral ?? await ephemeralOrExplain();
  const { enc, sharedSecret } = await encapsulate(publicKey, pair).catch((cause) => {
    throw new SealingError("nothing can be sealed to the server's key", { cause });
  });
  const schedule = await keySchedule(sharedSecret, purpose);
  const sealed = values.map(async ([field, value], sequence) => {
    const header = concat([key.version, key.suite], keyId, enc, [sequence]);
    const binding = [utf8(key.businessId), utf8(key.endUserId), utf8(field), keyId];
    const additionalData = concat(header, ...binding.flatMap((part) => [uint32(part.length), part]));
    const ciphertext = await sealMessage(schedule, sequence, additionalData, utf8(value));
    return [field, toBase64url(concat(header, ciphertext))];
  });
  return Object.fromEntries(await Promise.all(sealed));
}
async function readKey(key) {
  const { version, suite } = key;
  if (version !== 1 || suite !== 1)
    throw new SealingError(`the server wants version ${version}, suite ${suite}: update @stablehand/sdk`);
  const publicKey = fromBase64url(key.publicKey);
  const keyId = new Uint8Array(await crypto.subtle.digest("SHA-256", publicKey)).slice(0, 8);
  if (publicKey.length !== 32 || toHex(keyId) !== key.keyId)
    throw new SealingError("the server's public key is not that of its key id");
  return { publicKey, keyId };
}
async function ephemeralOrExplain() {
  try {
    return await newEphemeral();
  } catch (cause) {
    throw new SealingError('this runtime has no X25519 in WebCrypto: update it, or choose sealing: "server"', {
      cause
    });
  }
}

// packages/api/page/ticket.ts
var Refusal = class extends Error {
  code;
  constructor(message, code) {
    super(message);
    this.code = code;
  }
  get isOver() {
    return this.code.startsWith("ticket_");
  }
};
var deadlineMs = 2e4;
var sealingsMax = 4;
var waitsMax = 3;
function ticketClientOf(place2, token) {
  async function ask(method, name, body) {
    for (let waits = 0; ; waits++) {
      const response = await fetch(`${place2}/${name}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...body && { "content-type": "application/json" } },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(deadlineMs),
        cache: "no-store",
        redirect: "error"
      }).catch(() => {
        throw new Refusal("The server could not be reached. Check your connection and try again.", "unreachable");
      });
      if (response.status === 429 && waits < waitsMax) {
        const seconds = Number(response.headers.get("retry-after")) || 1;
        await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, 5) * 1e3));
        continue;
      }
      const answer = await response.json().catch(() => ({}));
      if (response.ok) return answer;
      throw new Refusal(String(answer.error ?? "The server did not answer as it should."), String(answer.code));
    }
  }
  const read = async () => await ask("GET", "ticket");
  return {
    read,
    async store(ticket, values) {
      if (!await canSeal()) {
        await ask("PUT", "credentials", Object.fromEntries(values));
        return;
      }
      let { sealingKey } = ticket;
      for (let tries = 1; ; tries++) {
        const sealed = await sealValues(sealingKey, values);
        try {
          await ask("PUT", "credentials", { sealed });
          return;
        } catch (error) {
          const isStale = error instanceof Refusal && error.code === "sealing_key_changed";
          if (!isStale || tries === sealingsMax) throw error;
          sealingKey = (await read()).sealingKey;
        }
      }
    }
  };
}
async function canSeal() {
  try {
    await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]);
    return true;
  } catch {
    return false;
  }
}

// packages/api/page/connect.ts
var page = document.getElementById("page") ?? document.body;
var state = document.getElementById("state") ?? page;
var place = location.href.replace(/[?#].*$/s, "");
var ticketId = place.split("/").at(-1) ?? "";
var client = ticketClientOf(place, location.hash.slice(1));
history.replaceState(null, "", place);
function say(text, kind = "") {
  state.textContent = text;
  state.className = kind;
}
function wordsOf(error) {
  return error instanceof Refusal ? error.message : "Something went wrong on this page. Open its link again.";
}
function showForm(ticket) {
  const form = createTicketForm(ticket.platforms);
  const intro = make(
    "p",
    {},
    "Paste the cookies of your own accounts. You can do this once, until ",
    clockOf(ticket),
    "."
  );
  window.addEventListener("pagehide", form.clear);
  function close() {
    form.clear();
    form.element.remove();
    intro.remove();
  }
  async function send() {
    const values = form.read();
    if (!values) return;
    form.setBusy(true);
    say("Sealing and sending \u2026");
    try {
      await client.store(ticket, values);
      close();
      showEnd(ticket, [
        ...new Set(values.map(([field]) => ticket.platforms.find((one) => field.startsWith(one)) ?? ""))
      ]);
    } catch (error) {
      say(wordsOf(error), "bad");
      form.setBusy(false);
      if (error instanceof Refusal && error.isOver) close();
    }
  }
  form.element.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  say("");
  page.append(intro, form.element);
}
function clockOf({ expiresAt }) {
  return new Date(expiresAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
function showEnd({ embedOrigins, returnUrl }, platforms) {
  say(`Connected: ${platforms.map((platform) => guideTo(platform).name).join(", ")}. You can close this page.`, "good");
  if (window.parent !== window)
    for (const origin of embedOrigins)
      window.parent.postMessage({ type: "stablehand.connected", ticketId, platforms }, origin);
  else if (returnUrl !== null) location.assign(returnUrl);
}
client.read().then(showForm, (error) => say(wordsOf(error), "bad"));
