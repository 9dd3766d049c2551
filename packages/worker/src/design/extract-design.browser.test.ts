import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extractorNames } from "@stablehand/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DesignBrowser, startDesignBrowser } from "../../../../tests/support/design-browser.ts";
import { collectPage } from "./collect-page.ts";
import type { DesignExtraction } from "./extract-design.ts";
import { runExtractors } from "./extractors.ts";
import { listenToFiles } from "./page-files.ts";
import { PageUnreachableError } from "./page-unreachable-error.ts";
import { visitPage } from "./visit-page.ts";

let site: DesignBrowser;

beforeAll(async () => {
  site = await startDesignBrowser();
});
beforeEach(() => site.files.clear());
afterAll(() => site.stop());

const font = readFileSync(
  createRequire(import.meta.url).resolve("@fontsource/inter/files/inter-latin-400-normal.woff2"),
);
const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="30"><path d="M0 0h200v30z"/></svg>';

/** What was found by an extractor that did not fail. */
function found<Name extends keyof DesignExtraction["results"]>({ results }: DesignExtraction, name: Name) {
  const result = results[name];
  if (!result || "error" in result) throw new Error(`${name}: ${JSON.stringify(result)}`);
  return result as Exclude<typeof result, { error: string }>; // TypeScript does not narrow by a generic key
}

function hexesOf(extraction: DesignExtraction): string[] {
  return found(extraction, "colors").colors.map(({ hex }) => hex);
}

/** A page with something for every extractor, whose sheet and font are another site's. */
function serveEverything(): void {
  site.files.set("/", {
    type: "text/html",
    body: `<!doctype html><link rel=stylesheet href=http://cdn.test/site.css>
      <header><a href=/><img src=/logo.svg alt=Site width=80></a></header>
      <h1>All of it</h1><p class=card>Text and <a href=/more>a link</a></p><button>Go</button>
      <svg width=20 height=20><path d="M0 0h20v20z"/></svg><div class=cover></div>`,
  });
  site.files.set("/site.css", {
    type: "text/css",
    body: `@font-face { font-family: Sample; src: url(/inter.woff2) }
      :root { --ink: #112233; --pad: 12px; --paper: #ffffff }
      @media (prefers-color-scheme: dark) { :root { --ink: #ddeeff; --paper: #101418 } }
      * { margin: 0; border: 0; padding: 0 } body { background: var(--paper); color: var(--ink); font-family: Sample }
      .card { padding: var(--pad); border-radius: 6px; box-shadow: 0 1px 2px rgb(0 0 0 / 20%); transition: all .2s }
      button { background: #2563eb; color: #ffffff; font: inherit } a { color: #2563eb }
      .cover { height: 60px; background: url(cover.svg) } `,
  });
  for (const name of ["/logo.svg", "/cover.svg"]) site.files.set(name, { type: "image/svg+xml", body: drawing });
  site.files.set("/inter.woff2", { type: "font/woff2", body: font });
}

describe("a visit", () => {
  test("gives what all six find, through another site's style sheet", async () => {
    serveEverything();
    const extraction = await site.extract("/");
    expect(found(extraction, "images").images.map(({ src, naturalWidth }) => [src.slice(0, 26), naturalWidth])).toEqual(
      [
        ["http://site.test/logo.svg", 200],
        ["data:image/svg+xml,%3Csvg%", 20],
        ["http://cdn.test/cover.svg", 200],
      ],
    );
    expect(found(extraction, "fonts").fonts).toMatchObject([
      { family: "Sample", usage: "body", source: "cdn", faceUrl: "http://cdn.test/inter.woff2" },
    ]);
    expect(found(extraction, "colors").colors).toMatchObject([
      { hex: "#ffffff", role: "background" },
      { hex: "#112233", role: "text" },
      { hex: "#2563eb", role: "primary" },
      { hex: "#000000", role: "neutral" },
    ]);
    expect(found(extraction, "icons").icons).toHaveLength(1);
    expect(found(extraction, "tokens").tokens).toMatchObject({
      spacing: [12],
      radii: [6],
      shadows: ["rgba(0, 0, 0, 0.2) 0px 1px 2px 0px"],
      motionDurationsMs: [200],
      cssVariables: [
        { name: "--ink", value: "#112233", dark: "#ddeeff" },
        { name: "--pad", value: "12px" },
        { name: "--paper", value: "#ffffff", dark: "#101418" },
      ],
    });
    expect(found(extraction, "logo").logo).toMatchObject({ found: true, src: "http://site.test/logo.svg" });
  });

  test("gives the bytes of pictures and fonts that the results name, each once, without asking again", async () => {
    serveEverything();
    const before = site.paths.length;
    const { assets } = await site.extract("/");
    expect(assets.map(({ sourceUrl, contentType, bytes }) => [sourceUrl, contentType, bytes.length])).toEqual([
      ["http://site.test/logo.svg", "image/svg+xml", drawing.length],
      ["http://cdn.test/cover.svg", "image/svg+xml", drawing.length],
      ["http://cdn.test/inter.woff2", "font/woff2", font.length],
    ]);
    expect(site.paths.slice(before).filter((path) => path === "/inter.woff2")).toHaveLength(1);
  });

  test("of the same page gives the same bytes twice", async () => {
    serveEverything();
    const [first, second] = [await site.extract("/"), await site.extract("/")];
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  });

  test("is of a snapshot that can be saved: read again, it gives the same without a browser", async () => {
    serveEverything();
    const { results } = await site.extract("/");
    const page = await site.open();
    const { signal } = new AbortController();
    const files = listenToFiles(page, signal);
    await visitPage(page, "http://site.test/", signal);
    const saved = JSON.stringify(await collectPage(page, files, signal));
    await page.context().close();
    expect(runExtractors(JSON.parse(saved), extractorNames)).toEqual(results);
  });

  test("runs the extractors that were asked for and no other", async () => {
    site.files.set("/", "<p>Text</p>");
    const { results } = await site.extract("/", { extractors: ["logo", "fonts"] });
    expect(Object.keys(results)).toEqual(["logo", "fonts"]);
  });

  test("waits for lazy pictures and for text that comes when it is scrolled to", async () => {
    site.files.set(
      "/",
      `<div style="height: 5000px"></div><img loading=lazy src=/late.svg><p id=p>.</p><script>
        new IntersectionObserver(([entry]) => { if (entry.isIntersecting) p.innerHTML = "<b style='color:#c0ffee'>Came</b>" }).observe(p)
      </script>`,
    );
    site.files.set("/late.svg", { type: "image/svg+xml", body: drawing });
    const extraction = await site.extract("/");
    expect(found(extraction, "images").images).toMatchObject([{ src: "http://site.test/late.svg", naturalWidth: 200 }]);
    expect(hexesOf(extraction)).toContain("#c0ffee");
  });

  test("waits until scripts have faded and moved what the scrolling set off", async () => {
    site.files.set(
      "/",
      `<div style="height: 3000px"></div><p id=p style="color: rgb(0, 0, 0)">Text</p><script>
        let red = 0; onscroll = () => { onscroll = null; requestAnimationFrame(function step() {
          p.style.color = \`rgb(\${red += 5}, 0, 0)\`; if (red < 200) requestAnimationFrame(step) }) }
      </script>`,
    );
    expect(hexesOf(await site.extract("/"))).toEqual(["#ffffff", "#c80000"]);
  });

  test("waits until what a script shows for a second, such as a scroll bar, is gone", async () => {
    site.files.set(
      "/",
      `<style>.bar { height: 9px } .shown { background: #c0ffee }</style><div class="bar shown" id=bar></div><p>Text</p><script>
        setTimeout(() => bar.classList.remove("shown"), 1000)
      </script>`,
    );
    expect(hexesOf(await site.extract("/"))).toEqual(["#ffffff", "#000000"]);
  });

  test("reports the light scheme, and the colours of the dark one beside it", async () => {
    site.files.set(
      "/",
      "<style>:root{color-scheme:light dark}p{color:light-dark(#112233,#ddeeff)}</style><p>Text in two schemes</p>",
    );
    const { colors, otherScheme } = found(await site.extract("/"), "colors");
    expect(colors.map(({ hex, role }) => [hex, role])).toEqual([
      ["#ffffff", "background"],
      ["#112233", "text"],
    ]);
    expect(otherScheme).toMatchObject({
      scheme: "dark",
      colors: [
        { hex: "#121212", role: "background" },
        { hex: "#ddeeff", role: "text" },
      ],
    });
  });

  test("takes the dark values of a theme that is switched by an attribute", async () => {
    site.files.set("/", '<style>:root{--ink:#112233}[data-theme="dark"]{--ink:#ddeeff}</style><p>Text</p>');
    const { tokens } = found(await site.extract("/"), "tokens");
    expect(tokens.cssVariables).toEqual([{ name: "--ink", value: "#112233", dark: "#ddeeff" }]);
  });

  test("takes those of a theme that asks for two attributes at once, instead of what is set", async () => {
    site.files.set(
      "/",
      `<html data-mode=light class=theme-light><style>[data-mode=light]{--ink:#112233}
        [data-mode=dark][data-dark-theme=dark]{--ink:#ddeeff;--paper:#000}</style><p>Text</p>`,
    );
    const { tokens } = found(await site.extract("/"), "tokens");
    expect(tokens.cssVariables).toEqual([
      { name: "--ink", value: "#112233", dark: "#ddeeff" },
      { name: "--paper", value: "", dark: "#000" },
    ]);
  });

  test("takes no dark values from a class that is for other elements", async () => {
    site.files.set("/", "<style>:root{--ink:#112233}.box-dark{--inverse:1}</style><p class=box-dark>Text</p>");
    const { tokens } = found(await site.extract("/"), "tokens");
    expect(tokens.cssVariables).toEqual([{ name: "--ink", value: "#112233" }]);
  });

  test("tells margins that are lengths from those that come of the room there is", async () => {
    site.files.set(
      "/",
      `<style>*{margin:0;padding:0}.page{width:700px;margin:0 auto}.wide{padding-left:10%}.sum{padding-left:calc(1px + 2em)}</style>
        <div class=page><p class=wide style="margin-top:7px">Text</p><p class=sum>Text</p>
        ${"<i style='display:block;width:50px;margin-left:auto;padding-top:5%'></i>".repeat(20)}<u style="display:block;margin-left:650px"></u></div>`,
    );
    const { tokens } = found(await site.extract("/"), "tokens");
    expect(tokens.spacing).toEqual([7, 33, 650]);
  });

  test("reads the text of pseudo-elements and of controls, its font and its colour", async () => {
    site.files.set(
      "/",
      `<style>@font-face{font-family:Signs;src:url(/inter.woff2)}body{font-family:Arial}p::before{content:"abc";color:#aa0000;font-family:Signs}</style>
        <p>Text</p><input value=Written style="color:#00aa00;font-family:Signs"><textarea style="color:#0000aa">Long</textarea>
        <input type=checkbox value=Unseen style="color:#aaaa00">`,
    );
    site.files.set("/inter.woff2", { type: "font/woff2", body: font });
    const extraction = await site.extract("/");
    expect(hexesOf(extraction)).toEqual(expect.arrayContaining(["#aa0000", "#00aa00", "#0000aa"]));
    expect(hexesOf(extraction)).not.toContain("#aaaa00");
    expect(found(extraction, "fonts").fonts.find(({ family }) => family === "Signs")?.count).toBe(10);
  });

  test("reads what a closed list and an empty field show: the option that is chosen, and the hint", async () => {
    site.files.set(
      "/",
      `<style>@font-face{font-family:Signs;src:url(/inter.woff2)} body{font-family:Arial}
        select{color:#aa0000;font-family:Signs} input,textarea{color:#0000aa} ::placeholder{color:#00aa00;opacity:1} #half::placeholder{opacity:.5}</style>
        <p>Text</p><select><option>Unseen<option selected>Chosen</select>
        <select multiple style="color:#aa00aa;height:1px;width:1px;overflow:hidden"><option selected>Listed</select><select><option label=Label selected>Long</select>
        <input placeholder="Your name"><input placeholder=Hidden value=Written><input id=half placeholder=Half style="background:#ffffff">`,
    );
    site.files.set("/inter.woff2", { type: "font/woff2", body: font });
    const extraction = await site.extract("/");
    const { colors, contrastIssues } = found(extraction, "colors");
    expect(colors.map(({ hex }) => hex)).toEqual(expect.arrayContaining(["#aa0000", "#0000aa", "#00aa00", "#80d480"]));
    expect(contrastIssues.map(({ fg }) => fg)).toEqual(expect.arrayContaining(["#aa0000", "#00aa00"]));
    expect(found(extraction, "fonts").fonts.find(({ family }) => family === "Signs")?.count).toBe(11);
  });

  test("sees closed shadow trees, too", async () => {
    site.files.set(
      "/",
      `<div id=host></div><p style="color:#0000aa">Beside</p><script>
        host.attachShadow({ mode: "closed" }).innerHTML = "<b style='color:#aa0000;margin-left:9px'>In it</b><img src=/in.svg><div id=deep></div>";
      </script>`,
    );
    site.files.set("/in.svg", { type: "image/svg+xml", body: drawing });
    const extraction = await site.extract("/");
    expect(hexesOf(extraction)).toEqual(expect.arrayContaining(["#aa0000", "#0000aa"]));
    expect(found(extraction, "images").images.map(({ src }) => src)).toEqual(["http://site.test/in.svg"]);
  });

  test("sees shadow trees, what is slotted into them, and what stands beside them", async () => {
    site.files.set(
      "/",
      `<x-card><template shadowrootmode=open><style>b{color:#aa0000}</style><b>In it</b><slot></slot>
        <img src=/in.svg></template><u style="color:#00aa00">Slotted</u><s slot=nowhere>Unseen</s></x-card>
        <img src=/beside.svg><p style="color:#0000aa">Beside</p>`,
    );
    for (const name of ["/in.svg", "/beside.svg"]) site.files.set(name, { type: "image/svg+xml", body: drawing });
    const extraction = await site.extract("/");
    expect(hexesOf(extraction)).toEqual(expect.arrayContaining(["#aa0000", "#00aa00", "#0000aa"]));
    expect(found(extraction, "images").images.map(({ src }) => src)).toEqual([
      "http://site.test/in.svg",
      "http://site.test/beside.svg",
    ]);
  });

  test("follows a page that leads on to another while it is read", async () => {
    site.files.set("/", `<div style="height: 3000px"></div><script>onscroll = () => { location = "/next" }</script>`);
    site.files.set("/next", '<p style="color:#123456">Next</p>');
    expect(hexesOf(await site.extract("/"))).toContain("#123456");
  });

  test("follows a page that leads on to another by itself", async () => {
    site.files.set("/", "<script>location = '/next'</script><p>First</p>");
    site.files.set("/next", '<p style="color:#123456">Next</p>');
    expect(hexesOf(await site.extract("/"))).toContain("#123456");
  });
});

describe("a page that works against it", () => {
  test("that never has loaded is taken as far as it came, without the files that did not", async () => {
    site.files.set("/", '<p style="color:#123456">Here</p><img src=/never.svg><img src=/endless.svg>');
    site.silent.add("/never.svg");
    site.files.set("/endless.svg", { type: "image/svg+xml", body: drawing, isEndless: true });
    const extraction = await site.extract("/");
    expect(hexesOf(extraction)).toContain("#123456");
    expect(extraction.assets).toEqual([]);
  });

  test("that grows without end while it is scrolled is left at the bound", async () => {
    site.files.set(
      "/",
      `<p style="color:#123456">Start</p><script>
        addEventListener("scroll", () => document.body.insertAdjacentHTML("beforeend", "<div style='height:3000px'>More</div>".repeat(3)));
      </script><div style="height:3000px"></div>`,
    );
    expect(hexesOf(await site.extract("/"))).toContain("#123456");
  });

  test("that moves something forever is read after a bound", async () => {
    site.files.set(
      "/",
      `<p id=p style="color: #123456">Here</p><script>(function step() { p.style.left = performance.now() + "px"; requestAnimationFrame(step) })()</script>`,
    );
    expect(hexesOf(await site.extract("/"))).toContain("#123456");
  });

  test("whose script never lets go is read all the same", { timeout: 180_000 }, async () => {
    site.files.set(
      "/",
      '<p style="color:#123456">Here</p><script>addEventListener("scroll", () => { for (;;); }); onload = () => setTimeout(() => { for (;;); }, 50)</script><div style="height:3000px">',
    );
    expect(hexesOf(await site.extract("/"))).toContain("#123456");
  });

  test("that overrides prototypes and names elements after properties changes nothing", async () => {
    const body = `<form id=f><input name=attributes><input name=children><input name=outerHTML><input name=style><fieldset name=shadowRoot><b>In it</b></fieldset></form>
      <img name=documentElement src=/a.svg><p style="color:#123456" __proto__=x constructor=y>Text</p><svg width=20 height=20><path d="M0 0h9v9z"/></svg>`;
    site.files.set("/a.svg", { type: "image/svg+xml", body: drawing });
    site.files.set("/plain", body);
    site.files.set(
      "/",
      `<script>
        for (const type of [Object, Array, String, Map, Set, Promise, Element, HTMLImageElement, Document, Node, CSSStyleSheet, TreeWalker])
          for (const name of Object.getOwnPropertyNames(type.prototype))
            if (name !== "constructor") try { Object.defineProperty(type.prototype, name, { get() { throw new Error("mine") }, configurable: true }) } catch {}
        window.getComputedStyle = window.requestAnimationFrame = window.setTimeout = window.scrollTo = window.Image = () => { throw new Error("mine") };
      </script>${body}`,
    );
    const plain = await site.extract("/plain");
    expect(hexesOf(plain)).toContain("#123456");
    expect(JSON.stringify(await site.extract("/"))).toBe(JSON.stringify(plain));
  });

  test("whose style sheets are too large together is read without those that there is no room for", async () => {
    const bodies = Array.from({ length: 8 }, (_, nth) => `p{margin:${nth}px}`);
    site.files.set(
      "/",
      `<style media=print>@import "/imported.css"; b{}</style><link rel=stylesheet href=/large.css>${bodies.map((text) => `<style>${text}</style>`).join("")}
        <script>document.adoptedStyleSheets = ["2", "1"].map((n) => { const sheet = new CSSStyleSheet(); sheet.replaceSync("i{top:" + n + "px}"); return sheet })</script>`,
    );
    site.files.set("/large.css", { type: "text/css", body: `/*${" ".repeat(16_000_000)}*/` });
    site.files.set("/imported.css", { type: "text/css", body: "u{}" });
    const page = await site.open();
    const { signal } = new AbortController();
    await page.goto("http://site.test/");
    const { sheets } = await collectPage(page, listenToFiles(page, signal), signal);
    expect(sheets.map(({ text, media }) => [text.replaceAll(/\s/g, ""), media])).toEqual([
      ["i{top:1px;}", ""],
      ["i{top:2px;}", ""],
      ["u{}", ""],
      ['@import"/imported.css";b{}', "print"],
      ...bodies.map((text) => [text, ""]),
    ]);
    await page.context().close();
  });

  test("of 20,000 elements is read whole", async () => {
    const row = (nth: number) =>
      `<div><h3>Title ${nth}</h3><p>Some <b>text</b></p><i style="color:#${(0x100000 + nth * 7).toString(16)}">${nth}</i></div>`;
    site.files.set("/", `<style>*{margin:0}</style>${Array.from({ length: 4_000 }, (_, nth) => row(nth)).join("")}`);
    const extraction = await site.extract("/");
    const { colors } = found(extraction, "colors");
    expect(colors.reduce((sum, { count }) => sum + count, 0)).toBe(16_001);
  });
});

describe("no page", () => {
  const refusal = (path: string) => site.extract(path).catch((error: unknown) => error);

  test.each([
    ["an error's page", "/broken", "it answers with status 500"],
    ["an error without a page", "/gone", "it answers with an error and no content"],
    ["a document of another kind", "/data", "it is no web page but application/json"],
    ["nothing", "/empty", "it has no content to show, or is a download"],
    ["a redirect without end", "/loop", "it redirects without end"],
  ])("%s is refused in words for the caller", async (_, path, message) => {
    site.files.set("/broken", { type: "text/html", body: "<p>Broken</p>", status: 500 });
    site.files.set("/data", { type: "application/json", body: "{}" });
    site.files.set("/empty", { type: "text/html", body: "", status: 204 });
    site.files.set("/loop", { type: "text/html", body: "", status: 302, headers: { location: "/loop" } });
    const error = await refusal(path);
    expect(error).toBeInstanceOf(PageUnreachableError);
    expect(error).toMatchObject({ message });
  });

  test("an extraction that is called off ends with the signal's reason", async () => {
    site.files.set("/", "<p>Text</p>");
    const reason = new Error("called off");
    await expect(site.extract("/", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
