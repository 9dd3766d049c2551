/** A way in which a page may make its platform change something, as script that tries it. */
export interface WriteChannel {
  readonly name: string;
  /**
   * Runs in a page of x.com with `post` (an address of x.com that takes a write by POST), `get` (one that takes it by GET),
   * `socket` (the same by WebSocket), `other` (by POST, at twitter.com), `redirect(status, to)`, `read` (a POST that only
   * reads) and `add(tag, properties)`; a promise is waited for.
   */
  readonly script: string;
  /** Why it cannot be seen to work in the control either; it is tried in the cage all the same. */
  readonly blind?: string;
  /** That it was tried is seen in no count of refusals: it never comes as far as that. */
  readonly quiet?: true;
}

const worker = (script: string) => `new Worker(URL.createObjectURL(new Blob([${script}])))`;
const speculation = (kind: string) =>
  `add("script", { type: "speculationrules", textContent: JSON.stringify({ ${kind}: [{ urls: [get], eagerness: "immediate" }] }) })`;
const form = (properties: string) =>
  `const form = add("form", { method: "post", action: post, ${properties} }); form.append(Object.assign(document.createElement("input"), { name: "d", value: "1" })); form.submit()`;
const posted = `"<form method=post action='" + post + "'></form><script>fetch('" + post + "',{method:'POST',mode:'no-cors'}).catch(()=>0);document.forms[0].submit()<\\/script>"`;

/** Every way to make a server change something that a page is known to have, each at an address of its own. */
export const writeChannels: readonly WriteChannel[] = [
  { name: "fetch", script: `await fetch(post, { method: "POST", body: "d" }).catch(() => 0)` },
  { name: "fetch-put", script: `await fetch(post, { method: "PUT", body: "d" }).catch(() => 0)` },
  { name: "fetch-delete", script: `await fetch(post, { method: "DELETE" }).catch(() => 0)` },
  { name: "fetch-patch", script: `await fetch(post, { method: "PATCH", body: "d" }).catch(() => 0)` },
  {
    name: "fetch-other-site",
    script: `await fetch(other, { method: "POST", mode: "no-cors", credentials: "include" }).catch(() => 0)`,
  },
  {
    name: "fetch-preflighted",
    script: `await fetch(other, { method: "PUT", credentials: "include", headers: { "x-any": "1" } }).catch(() => 0)`,
  },
  {
    name: "fetch-keepalive",
    script: `fetch(post, { method: "POST", keepalive: true, body: "d" }); location.href = "/empty"`,
  },
  { name: "fetch-by-get", script: `await fetch(get).catch(() => 0)` },
  {
    name: "fetch-later",
    script: `fetchLater(post, { method: "POST", body: "d", activateAfter: 0 })`,
  },
  { name: "xhr", script: `const x = new XMLHttpRequest(); x.open("POST", post); x.send("d")` },
  {
    name: "xhr-synchronous",
    script: `const x = new XMLHttpRequest(); x.open("POST", post, false); try { x.send("d") } catch {}`,
  },
  { name: "beacon", script: `navigator.sendBeacon(post, "d")` },
  {
    name: "beacon-on-leaving",
    script: `addEventListener("pagehide", () => navigator.sendBeacon(post, "d")); location.href = "/empty"`,
  },
  {
    name: "ping",
    script: `add("a", { href: "#x", ping: post }).click()`,
    blind: "closed in every browser of ours, see launch-flags.ts",
    quiet: true,
  },
  { name: "form", script: form("") },
  { name: "form-in-frame", script: `add("iframe", { name: "f" }); ${form(`target: "f"`)}` },
  { name: "form-in-popup", script: form(`target: "_blank", rel: "noopener"`) },
  {
    name: "popup",
    script: `open("/runs?script=" + encodeURIComponent("fetch(" + JSON.stringify(post) + ",{method:'POST'})"))`,
  },
  {
    name: "popup-noopener",
    script: `open("/runs?script=" + encodeURIComponent("fetch(" + JSON.stringify(post) + ",{method:'POST'})"), "", "noopener")`,
  },
  { name: "popup-empty", script: `open("").eval("fetch(" + JSON.stringify(post) + ",{method:'POST'})")` },
  { name: "frame-empty", script: `add("iframe", {}).contentWindow.fetch(post, { method: "POST" }).catch(() => 0)` },
  { name: "frame-srcdoc", script: `add("iframe", { srcdoc: ${posted} })` },
  { name: "frame-sandboxed", script: `add("iframe", { sandbox: "allow-scripts allow-forms", srcdoc: ${posted} })` },
  { name: "frame-data", script: `add("iframe", { src: "data:text/html," + encodeURIComponent(${posted}) })` },
  {
    name: "frame-blob",
    script: `add("iframe", { src: URL.createObjectURL(new Blob([${posted}], { type: "text/html" })) })`,
  },
  {
    name: "frame-of-other-site",
    script: `add("iframe", { src: "https://twitter.com/runs?script=" + encodeURIComponent("fetch(" + JSON.stringify(other) + ",{method:'POST'})") })`,
  },
  { name: "redirect-302", script: `await fetch(redirect(302, get)).catch(() => 0)` },
  { name: "redirect-307", script: `await fetch(redirect(307, post), { method: "POST", body: "d" }).catch(() => 0)` },
  {
    name: "redirect-308-of-read",
    script: `await fetch(read + "?status=308&to=" + encodeURIComponent(post), { method: "POST", body: "d" }).catch(() => 0)`,
  },
  { name: "redirect-of-navigation", script: `location.href = redirect(302, get)` },
  { name: "redirect-of-image", script: `add("img", { src: redirect(302, get) })` },
  { name: "image", script: `add("img", { src: get })` },
  { name: "script", script: `add("script", { src: get })` },
  { name: "stylesheet", script: `add("link", { rel: "stylesheet", href: get })` },
  { name: "css-image", script: `document.body.style.backgroundImage = "url('" + get + "')"` },
  { name: "video", script: `add("video", { src: get, autoplay: true, muted: true })` },
  { name: "object", script: `add("object", { data: get })` },
  { name: "module", script: `await import(get).catch(() => 0)` },
  { name: "icon", script: `add("link", { rel: "icon", href: get })` },
  {
    name: "manifest",
    script: `add("link", { rel: "manifest", href: get })`,
    blind: "Chromium loads one only to install it",
    quiet: true,
  },
  { name: "navigation", script: `location.href = get` },
  { name: "meta-refresh", script: `add("meta", { httpEquiv: "refresh", content: "0;url=" + get })` },
  { name: "download", script: `add("a", { href: get, download: "d" }).click()` },
  { name: "event-source", script: `new EventSource(get).onerror = (event) => event.target.close()` },
  { name: "prefetch", script: `add("link", { rel: "prefetch", href: get })` },
  { name: "preload", script: `add("link", { rel: "preload", as: "image", href: get })` },
  {
    name: "speculation-prefetch",
    script: speculation("prefetch"),
    blind: "closed in every browser of ours, see launch-flags.ts",
    quiet: true,
  },
  {
    name: "speculation-prerender",
    script: speculation("prerender"),
    blind: "closed in every browser of ours, see launch-flags.ts",
    quiet: true,
  },
  { name: "worker", script: worker(`"fetch('" + post + "',{method:'POST'})"`) },
  {
    name: "worker-in-worker",
    script: worker(`"new Worker(URL.createObjectURL(new Blob([\\"fetch('" + post + "',{method:'POST'})\\"])))"`),
  },
  { name: "worker-script", script: `new Worker(get)` },
  {
    name: "shared-worker",
    script: `new SharedWorker("/runs.js?script=" + encodeURIComponent("fetch(" + JSON.stringify(post) + ",{method:'POST'})"))`,
  },
  {
    name: "service-worker",
    script: `await Promise.race([navigator.serviceWorker.register("/runs.js?script=" + encodeURIComponent("fetch(" + JSON.stringify(post) + ",{method:'POST'})")).catch(() => 0), new Promise((resolve) => setTimeout(resolve, 500))])`,
    blind: "no cage has service workers",
    quiet: true,
  },
  {
    name: "websocket",
    quiet: true,
    script: `await new Promise((resolve) => { new WebSocket(socket).onclose = resolve; setTimeout(resolve, 1500) })`,
  },
  { name: "websocket-in-worker", quiet: true, script: worker(`"new WebSocket('" + socket + "')"`) },
  {
    name: "websocket-stream",
    quiet: true,
    script: `await Promise.race([new WebSocketStream(socket).opened.catch(() => 0), new Promise((resolve) => setTimeout(resolve, 1500))])`,
  },
  { name: "csp-report", script: `location.href = "/csp?to=" + encodeURIComponent(post)` },
  {
    name: "report-to",
    script: `location.href = "/report-to?to=" + encodeURIComponent(post)`,
    blind: "closed in every browser of ours, see launch-flags.ts",
    quiet: true,
  },
  {
    name: "attribution",
    script: `add("img", { attributionSrc: get, src: "/empty" })`,
    blind: "not in this Chromium",
    quiet: true,
  },
  {
    name: "federated-sign-in",
    script: `await Promise.race([navigator.credentials.get({ identity: { providers: [{ configURL: get, clientId: "1", nonce: "n" }] } }).catch(() => 0), new Promise((resolve) => setTimeout(resolve, 800))])`,
    blind: "closed in every browser of ours, see launch-flags.ts",
    quiet: true,
  },
  {
    name: "webtransport",
    script: `await Promise.race([new WebTransport(post).ready.catch(() => 0), new Promise((resolve) => setTimeout(resolve, 500))])`,
    blind: "no UDP leaves, see launch-flags.ts",
    quiet: true,
  },
];
