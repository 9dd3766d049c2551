import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extractorNames } from "@stablehand/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DesignBrowser, found, hexesOf, startDesignBrowser } from "../../../../tests/support/design-browser.ts";
import { runExtractors } from "./extractors.ts";

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
    const saved = JSON.stringify(await site.collect("/"));
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
