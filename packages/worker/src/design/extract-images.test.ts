import { expect, test } from "vitest";
import { buildSnapshot, type Planned, planned } from "../../../../tests/support/page-snapshot.ts";
import { extractImages } from "./extract-images.ts";
import type { PageSnapshot } from "./snapshot.ts";

const address = (name: string) => `https://site.example/${name}`;

function image(name: string, { alternatives = [] as string[], ...facts } = {}): Planned {
  const picture = {
    source: address(name),
    alternatives: alternatives.map(address),
    naturalWidth: 40,
    naturalHeight: 30,
  };
  return planned("img", { attributes: { alt: name }, picture, ...facts });
}

function background(name: string, more = {}): Planned {
  return planned("div", { style: { "background-image": `url("${address(name)}")` }, ...more });
}

function sources(elements: readonly Planned[], more: Partial<PageSnapshot> = {}): string[] {
  return extractImages(buildSnapshot(elements, more)).images.map(({ src }) => src.replace("https://site.example/", ""));
}

test("an img is told with its natural size, its text and what else it offers", () => {
  expect(extractImages(buildSnapshot([image("a.png", { alternatives: ["a-2x.png"] })])).images).toEqual([
    {
      src: address("a.png"),
      type: "img",
      naturalWidth: 40,
      naturalHeight: 30,
      alt: "a.png",
      originalSrc: address("a.png"),
      alternatives: [address("a-2x.png")],
    },
  ]);
});

test("a picture is told once: by its address, and when two sizes of one offer were chosen", () => {
  const small = image("s.png", { alternatives: ["l.png"] });
  const large = image("l.png", { alternatives: ["s.png"] });
  expect(sources([image("a.png"), image("a.png"), background("a.png"), small, large])).toEqual(["a.png", "s.png"]);
});

test("pictures that only share a placeholder are two", () => {
  const one = image("1.png", { alternatives: ["empty.gif"] });
  const two = image("2.png", { alternatives: ["empty.gif"] });
  expect(sources([one, two])).toEqual(["1.png", "2.png"]);
});

test("an img that is not displayed is told, and one that did not load too, of no size", () => {
  const picture = { source: address("late.png"), alternatives: [], naturalWidth: 0, naturalHeight: 0 };
  const { images } = extractImages(buildSnapshot([planned("img", { box: null, picture })]));
  expect(images).toMatchObject([{ src: address("late.png"), naturalWidth: 0, naturalHeight: 0, alt: "" }]);
});

test("a picture of one pixel is none", () => {
  const picture = { source: address("count.gif"), alternatives: [], naturalWidth: 1, naturalHeight: 1 };
  expect(sources([planned("img", { picture })])).toEqual([]);
});

test("pictures in styles have the size of their file, and need a box to be in", () => {
  const files = { [address("b.png")]: { contentType: "image/png", naturalWidth: 64, naturalHeight: 32 } };
  const elements = [
    background("b.png"),
    background("c.png", { box: null }),
    background("d.png", { box: [0, 0, 0, 9] }),
  ];
  expect(extractImages(buildSnapshot(elements, { files })).images).toEqual([
    {
      src: address("b.png"),
      type: "background",
      naturalWidth: 64,
      naturalHeight: 32,
      alt: "",
      originalSrc: address("b.png"),
    },
  ]);
});

test("a style may hold several pictures", () => {
  const style = {
    "background-image": `url("${address("1.png")}"), linear-gradient(red, blue), url("${address("2.png")}")`,
    "list-style-image": `url("${address("3.png")}")`,
  };
  expect(sources([planned("ul", { style })])).toEqual(["1.png", "2.png", "3.png"]);
});

test("a video's poster is told with its file's size", () => {
  const files = { [address("p.jpg")]: { contentType: "image/jpeg", naturalWidth: 320, naturalHeight: 180 } };
  const picture = { source: address("p.jpg"), alternatives: [], naturalWidth: 0, naturalHeight: 0 };
  const { images } = extractImages(buildSnapshot([planned("video", { picture })], { files }));
  expect(images).toMatchObject([{ type: "poster", naturalWidth: 320, naturalHeight: 180 }]);
});

test("an inline drawing is told with its markup, its own size and its title, and stands alone in its address", () => {
  const markup = '<svg viewBox="0 0 40 20"><title>Plan</title><path d="M0 0h9"></path></svg>';
  const drawing = planned("svg", { attributes: { viewbox: "0 0 40 20" }, markup, box: [0, 0, 400, 200] });
  const { images } = extractImages(buildSnapshot([drawing, drawing]));
  expect(images).toMatchObject([{ type: "svg", naturalWidth: 40, naturalHeight: 20, alt: "Plan", svgSource: markup }]);
  expect(decodeURIComponent(images[0]?.src ?? "")).toContain('<svg xmlns="http://www.w3.org/2000/svg" viewBox');
});

test("a drawing that uses a symbol has the symbol in its markup; the sprite itself is no picture", () => {
  const sprite = planned(
    "svg",
    { box: null, markup: '<svg><symbol id="star" viewBox="0 0 8 8"><path d="M1 1h6v6z"></path></symbol></svg>' },
    planned("symbol", { attributes: { id: "star" }, box: null }),
  );
  const user = planned("svg", { markup: '<svg><use href="#star"></use></svg>' });
  const { images } = extractImages(buildSnapshot([sprite, user]));
  expect(images).toHaveLength(1);
  expect(images[0]?.svgSource).toContain('<path d="M1 1h6v6z"/>');
});

test("a site's icon in a link of the head is no picture", () => {
  const link = planned("link", { attributes: { rel: "icon", href: "/favicon.png" }, box: null });
  const files = { [address("favicon.png")]: { contentType: "image/png", naturalWidth: 0, naturalHeight: 0 } };
  expect(sources([link], { files })).toEqual([]);
});

test("drawings that only a gradient of the page's rules tells apart are two, and of one gradient one", () => {
  const circle = (fill: string) =>
    planned(
      "svg",
      { markup: '<svg viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>' },
      planned("circle", { style: { fill } }),
    );
  const all = [circle("rgb(0, 0, 0)"), circle('url("#sky")'), circle('url("#sky")'), circle("rgb(0, 0, 0)")];
  expect(sources(all)).toHaveLength(2);
});
