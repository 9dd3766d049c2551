import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DesignBrowser, found, hexesOf, startDesignBrowser } from "../../../../tests/support/design-browser.ts";
import { PageUnreachableError } from "./page-unreachable-error.ts";

let site: DesignBrowser;

beforeAll(async () => {
  site = await startDesignBrowser();
});
beforeEach(() => site.files.clear());
afterAll(() => site.stop());

const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="30"><path d="M0 0h200v30z"/></svg>';

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

  test.each([
    ["when it is scrolled", "onscroll = () => { for (;;); }"],
    ["at once after its load", "onload = () => { setTimeout(() => { for (;;); }) }"],
  ])("whose script never lets go, %s, is read all the same", { timeout: 180_000 }, async (_when, script) => {
    site.files.set("/", `<p style="color:#123456">Here</p><script>${script}</script><div style="height:3000px">`);
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
    const { sheets } = await site.collect("/");
    expect(sheets.map(({ text, media }) => [text.replaceAll(/\s/g, ""), media])).toEqual([
      ["i{top:1px;}", ""],
      ["i{top:2px;}", ""],
      ["u{}", ""],
      ['@import"/imported.css";b{}', "print"],
      ...bodies.map((text) => [text, ""]),
    ]);
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
