import { encodeTwice, writeTwice } from "../hide-value.ts";
import type { Random } from "../random.ts";

const words = "the page of a stranger says that many words stand here and all of them mean nothing at all".split(" ");
const partsMax = 14;
const depthMax = 3;

/**
 * A page that shows values wherever a page can show something: in text, attributes, controls, frames, shadow trees, its
 * title and its address; whole, encoded, cut by tags, behind long texts, and some by script once it is loaded.
 */
export function makeRandomPage(values: readonly string[], random: Random): string {
  const title = random.chance(0.5) ? escapeHtml(say(values, random)) : "Random";
  return `<!doctype html><title>${title}</title><main>${parts(values, random, 0)}</main>${script(values, random)}`;
}

function parts(values: readonly string[], random: Random, depth: number): string {
  return Array.from({ length: 1 + random.integer(0, partsMax - 1) }, () =>
    random.pick(kinds)(values, random, depth),
  ).join("\n");
}

type Part = (values: readonly string[], random: Random, depth: number) => string;

const text = (values: readonly string[], random: Random) => escapeHtml(say(values, random));
const nested = (values: readonly string[], random: Random, depth: number) =>
  depth < depthMax ? parts(values, random, depth + 1) : text(values, random);

const kinds: readonly Part[] = [
  (values, random) => `<p>${text(values, random)}</p>`,
  (values, random) => `<h2>${text(values, random)}</h2>`,
  (values, random) => `<p>${cutByTags(text(values, random), random)}</p>`,
  (values, random) => `<a href="/random/${encodeURIComponent(say(values, random))}">${text(values, random)}</a>`,
  (values, random) => `<button title="${text(values, random)}">${text(values, random)}</button>`,
  (values, random) => `<button aria-label="${text(values, random)}">x</button>`,
  (values, random) => `<label>${text(values, random)} <input value="${text(values, random)}"></label>`,
  (values, random) => `<input placeholder="${text(values, random)}">`,
  (values, random) => `<textarea>${text(values, random)}</textarea>`,
  (values, random) =>
    `<select><option>${text(values, random)}</option><option selected>${text(values, random)}</option></select>`,
  (values, random) => `<img alt="${text(values, random)}">`,
  (values, random) => `<iframe srcdoc="${escapeHtml(`<p>${text(values, random)}</p>`)}"></iframe>`,
  (values, random) => `<div><template shadowrootmode="open"><p>${text(values, random)}</p></template></div>`,
  (values, random) => `<!-- ${say(values, random).replaceAll("-", "_")} --><pre>${text(values, random)}</pre>`,
  (values, random) => `<table><tr><th>${text(values, random)}</th><td>${text(values, random)}</td></tr></table>`,
  (values, random) => `<details open><summary>${text(values, random)}</summary>${text(values, random)}</details>`,
  (values, random, depth) => `<ul><li>${nested(values, random, depth)}</li><li>${text(values, random)}</li></ul>`,
  (values, random, depth) => `<section aria-label="${text(values, random)}">${nested(values, random, depth)}</section>`,
];

/** What a page's own script does once it runs; the cookies it can read are secrets as well. */
const deeds: readonly ((literal: string) => string)[] = [
  (literal) => `document.title = ${literal}`,
  (literal) => `document.body.append(document.cookie, " ", ${literal})`,
  (literal) => `history.replaceState(null, "", "/random/" + encodeURIComponent(${literal}))`,
  (literal) => `alert(${literal} + document.cookie)`,
  (literal) => `console.log(document.cookie, ${literal})`,
  (literal) => `setTimeout(() => { throw new Error(document.cookie + ${literal}) })`,
  (literal) => `document.querySelector("button")?.addEventListener("click", () => confirm(${literal}))`,
  (literal) => `document.body.append(btoa(document.cookie), [...document.cookie].reverse().join(""), ${literal})`,
];

function script(values: readonly string[], random: Random): string {
  const lines = Array.from({ length: random.integer(0, 3) }, () =>
    random.pick(deeds)(JSON.stringify(say(values, random)).replaceAll("<", "\\u003c")),
  );
  return `<script>${lines.join(";")}</script>`;
}

/** Some words, with a value among them more often than not; now and then behind so many that something has to cut it. */
export function say(values: readonly string[], random: Random): string {
  const some = (count: number) => Array.from({ length: count }, () => random.pick(words)).join(" ");
  if (random.chance(0.3)) return some(1 + random.integer(0, 7));
  const before = random.chance(0.15) ? some(random.integer(0, 399)) : some(random.integer(0, 29));
  return `${before} ${writeTwice(encodeTwice(random.pick(values), random), random)} ${some(random.integer(0, 7))}`;
}

/** Not within an escape: one that is cut so is none any more. */
function cutByTags(text: string, random: Random): string {
  if (/[\\%&]/.test(text)) return text;
  return text.replaceAll(/(?<=\w)(?=\w\w\w)/g, () => (random.chance(0.2) ? "<b></b>" : ""));
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
