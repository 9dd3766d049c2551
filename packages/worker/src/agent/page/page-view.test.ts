import { expect, test } from "vitest";
import type { FrameWorld } from "./frame-world.ts";
import type { PageLine, PageSnapshot } from "./page-snapshot.ts";
import { createPageView, endOfPage } from "./page-view.ts";
import { estimateTokens } from "./token-estimate.ts";

function worldOf(identity: string): FrameWorld {
  const unused = () => Promise.reject(new Error("a view never asks the page"));
  return { identity, parent: null, call: unused, enter: unused };
}

/** A page of these lines; `*` stands for a ref, numbered through the document. */
function pageOf(texts: readonly string[], more: Partial<PageSnapshot> = {}): PageSnapshot {
  const identity = more.identity ?? "one";
  const world = worldOf(identity);
  let next = 0;
  const lines = texts.map((text): PageLine => {
    const elements = [...text.matchAll(/\*/g)].map(() => ({ world, index: next++ }));
    return { text: text.replaceAll("*", "\uE001"), elements };
  });
  return { identity, title: "", lines, dialogs: [], main: null, inView: 0, cut: false, ...more };
}

const many = (count: number) => Array.from({ length: count }, (_, at) => `Line number ${at} of a long page`);

test("a ref stays the same for an element, and is never used again for one of another document", () => {
  const view = createPageView(6_000);
  expect(view.show(pageOf(["* A", "* B"]))).toBe("[1] A\n[2] B");
  expect(view.show(pageOf(["* A", "* B", "* C"]))).toBe("[1] A\n[2] B\n[3] C");
  expect(view.show(pageOf(["* A"], { identity: "two" }))).toBe("[4] A");
  expect(view.find(2)).toMatchObject({ index: 1, world: { identity: "one" } });
  expect(view.find(4)).toMatchObject({ index: 0, world: { identity: "two" } });
  for (const ref of [0, -1, 5, 1.5, Number.NaN]) expect(view.find(ref)).toBeNull();
});

test("no text is over its budget, and read to the end every line came once", () => {
  const page = pageOf(many(1_500));
  const view = createPageView(800);
  const texts = [view.show(page)];
  while (!texts.at(-1)?.startsWith(endOfPage)) texts.push(view.showNext(page));
  for (const text of texts) expect(estimateTokens(text)).toBeLessThan(830);
  const lines = texts.flatMap((text) => text.split("\n")).filter((line) => !line.startsWith("! "));
  expect(lines).toEqual(many(1_500));
});

test("equal lines are told apart by their number: none is lost, none comes twice", () => {
  const page = pageOf([...many(200), "same", ...many(200), "same", ...many(200), "same"]);
  const view = createPageView(500);
  const texts = [view.show(page)];
  while (!texts.at(-1)?.startsWith(endOfPage)) texts.push(view.showNext(page));
  const lines = texts.join("\n").split("\n");
  expect(lines.filter((line) => line === "same")).toHaveLength(3);
  expect(lines.filter((line) => line === "Line number 7 of a long page")).toHaveLength(3);
});

test("what came while the page was read is read too, and nothing again", () => {
  const view = createPageView(500);
  view.show(pageOf(many(100)));
  const texts: string[] = [];
  const grown = pageOf(["New at the top", ...many(100)]);
  while (!texts.at(-1)?.startsWith(endOfPage)) texts.push(view.showNext(grown));
  expect(texts[0]?.split("\n")[0]).toBe("New at the top");
  expect(texts.join("\n").match(/number 0 of/)).toBeNull();
  expect(texts.join("\n").match(/number 99 of/g)).toHaveLength(1);
});

test("a change is told as what went and what came; an element that changed has only its new line", () => {
  const view = createPageView(6_000);
  view.show(pageOf([...many(20), "* field Name", "Sum 3"]));
  const after = view.showChange(pageOf([...many(20), '* field Name: "Ann"', "Sum 4"]));
  expect(after).toEqual({ text: '- Sum 3\n+ [1] field Name: "Ann"\n+ Sum 4', isWhole: false });
});

test("another document, or a change longer than the page, is a new and whole view", () => {
  const view = createPageView(6_000);
  view.show(pageOf(["A", "B", "C"]));
  expect(view.showChange(pageOf(["A", "B"], { identity: "two" }))).toEqual({ text: "A\nB", isWhole: true });
  expect(view.showChange(pageOf(["X", "Y"], { identity: "two" }))).toEqual({ text: "X\nY", isWhole: true });
});

test("of many lines that came, the budget is shown and the rest can be read", () => {
  const view = createPageView(400);
  view.show(pageOf(["Start"]));
  const before = many(400).map((line) => `Old ${line}`);
  view.showChange(pageOf(before));
  while (!view.showNext(pageOf(before)).startsWith(endOfPage));
  const grown = pageOf([...before, ...many(200)]);
  const { text } = view.showChange(grown);
  expect(text).toContain("+ Line number 0 of");
  expect(text).toMatch(/! \d+ more lines: read, or find$/);
  expect(view.showNext(grown)).toMatch(/^Line number \d+ of/);
});

test("a page that was only scrolled is shown from there, once", () => {
  const view = createPageView(1_000);
  const lines = many(600);
  view.show(pageOf(lines));
  const scrolled = pageOf(lines, { inView: 300 });
  expect(view.showChange(scrolled).text.split("\n").slice(0, 2)).toEqual([
    "! Nothing changed, but the page was scrolled to here:",
    "Line number 300 of a long page",
  ]);
  expect(view.showChange(scrolled).text).toBe("! Nothing visible changed");
});

test("dialogs come first, then a little of what stands above the main content, then that", () => {
  const head = Array.from({ length: 100 }, (_, at) => `Menu entry number ${at}`);
  const page = pageOf([...head, "Content", "Footer", "Accept cookies"], { main: [100, 101], dialogs: [[102, 103]] });
  const lines = createPageView(6_000).show(page).split("\n");
  expect(lines[0]).toBe("Accept cookies");
  expect(lines.indexOf("Content")).toBeLessThan(80);
  expect(lines.indexOf("Menu entry number 99")).toBeGreaterThan(lines.indexOf("Content"));
  expect(lines.at(-1)).toBe("Footer");
});
