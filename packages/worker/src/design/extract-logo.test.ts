import { expect, test } from "vitest";
import { buildSnapshot, type Planned, type PlannedFacts, planned } from "../../../../tests/support/page-snapshot.ts";
import { extractLogo } from "./extract-logo.ts";
import type { Box, PageSnapshot } from "./snapshot.ts";

const address = (name: string) => `https://site.example/${name}`;

function image(name: string, facts: PlannedFacts = {}): Planned {
  const picture = { source: address(name), alternatives: [], naturalWidth: 240, naturalHeight: 80 };
  return planned("img", { attributes: { src: `/${name}` }, picture, box: [20, 10, 120, 40], ...facts });
}

function svg(
  attributes: Record<string, string> = {},
  inner = '<path d="M0 0h9"></path>',
  box: Box = [20, 10, 100, 30],
): Planned {
  return planned("svg", { attributes, box, markup: `<svg viewBox="0 0 100 30">${inner}</svg>` });
}

const link = (href: string, ...children: Planned[]) => planned("a", { attributes: { href } }, ...children);
const header = (...children: Planned[]) => planned("header", {}, ...children);
const named = (name: string, ...children: Planned[]) => planned("div", { attributes: { class: name } }, ...children);
const icon = (href: string, sizes = "", rel = "icon") =>
  planned("link", { attributes: { rel, href, ...(sizes && { sizes }) }, box: null });

function logo(elements: readonly Planned[], more: Partial<PageSnapshot> = {}) {
  return extractLogo(buildSnapshot(elements, more)).logo;
}

test("a drawing in the header that leads home is the logo", () => {
  const found = logo([header(link("/pricing", image("a.png")), link("/", svg({ "aria-label": "Acme" })))]);
  expect(found).toMatchObject({ found: true, type: "svg", width: 100, height: 30, alt: "Acme" });
  expect(found.svgSource).toContain("M0 0h9");
});

test("a picture in the header that leads home is the logo, as large as it is shown", () => {
  expect(logo([header(link("https://site.example", image("mark.png")))])).toEqual({
    found: true,
    src: address("mark.png"),
    type: "img",
    width: 120,
    height: 40,
    alt: "",
  });
});

test("a logo may be called Home for people", () => {
  const home = planned("a", { attributes: { href: "/", "aria-label": "Acme home" } }, svg());
  expect(logo([header(home)])).toMatchObject({ found: true, type: "svg" });
});

test("a picture in the style of a link home is the logo", () => {
  const style = { "background-image": `url("${address("brand.png")}")` };
  const home = planned("a", { attributes: { href: "/" }, style, box: [0, 0, 90, 40] });
  expect(logo([header(home)])).toMatchObject({ src: address("brand.png"), type: "background" });
});

test.each([
  ["its class", header(image("x.png", { attributes: { class: "site-logo" } }))],
  ["the class around it", header(named("brand", image("x.png")))],
  ["its text", header(image("x.png", { attributes: { alt: "Acme logo" } }))],
  ["its file", named("top", image("acme-logo.png"))],
  ["the symbol it uses", header(svg({}, '<use href="#acme-logo"></use>'))],
])("what is named a logo by %s is one, without a link", (_what, element) => {
  expect(logo([element])).toMatchObject({ found: true });
});

test("what is named a logo and leads home is preferred to what only leads home", () => {
  const found = logo([header(link("/", image("banner.png")), link("/", image("acme-logo.png")))]);
  expect(found.src).toBe(address("acme-logo.png"));
});

test.each([
  ["leads to another site", header(link("https://other.example/", image("partner-logo.png")))],
  ["leads elsewhere on the site", header(link("/pricing", image("promo.png")))],
  ["is a house that leads home", header(link("/", svg({ class: "icon-home" }, "<path/>", [9, 9, 24, 24])))],
  ["is a button", header(link("#", svg({ class: "toggle" })))],
  ["is in an article's header", planned("article", {}, header(link("/", image("a.png"))))],
  ["is in the footer", planned("footer", { box: [0, 10, 900, 90] }, link("/", image("acme-logo.png")))],
  ["is far down", link("/", image("acme-logo.png", { box: [20, 900, 120, 40] }))],
  ["is as large as the page", header(link("/", image("hero.png", { box: [0, 0, 1280, 200] })))],
  ["is not shown", header(link("/", image("acme-logo.png", { box: null })))],
  ["is a picture of the text", planned("main", {}, image("logos-of-the-year.png"))],
])("a picture that %s is not taken for the logo", (_what, element) => {
  expect(logo([element])).toEqual({ found: false });
});

test.each([
  ["https://site.example/docs/start/", "/docs/"],
  ["https://site.example/docs/start/", "../"],
  ["https://site.example/de/kontakt", "/de/"],
  ["https://site.example/kontakt", "/index.html"],
])("from %s the way home is %s too", (url, href) => {
  expect(logo([header(link(href, image("a.png")))], { url })).toMatchObject({ found: true });
});

test("without a logo on the page the largest declared icon is it, a drawing before all", () => {
  const icons = [
    icon("/16.png", "16x16"),
    icon("/s.ico", "16x16 32x32 48x48"),
    icon("/touch.png", "", "apple-touch-icon"),
  ];
  expect(logo(icons)).toEqual({ found: true, src: address("touch.png"), type: "icon", width: 180, height: 180 });
  expect(logo([...icons, icon("/mark.svg", "any", "shortcut icon")])).toMatchObject({ src: address("mark.svg") });
});

test("without an icon the manifest's largest is it, and without these og:logo", () => {
  const meta = planned("meta", { attributes: { property: "og:logo", content: "/og.png" }, box: null });
  const manifestIcons = ["192", "512"].map((side) => {
    return { url: address(`${side}.png`), sizes: `${side}x${side}`, type: "image/png" };
  });
  expect(logo([meta], { manifestIcons })).toMatchObject({ src: address("512.png"), type: "manifest", width: 512 });
  expect(logo([meta])).toMatchObject({ src: address("og.png"), type: "og:logo" });
});

test("addresses are taken from the page's base", () => {
  const base = planned("base", { attributes: { href: "https://cdn.example/a/" }, box: null });
  expect(logo([base, icon("i.png")])).toMatchObject({ src: "https://cdn.example/a/i.png" });
});

test("a page that shows and declares no logo has none", () => {
  expect(logo([header(link("/about", image("team.png")))])).toEqual({ found: false });
});
