import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { credentialFieldNames, credentialFields, errors, platforms } from "@stablehand/contract";
import { expect, test } from "vitest";
import { checkout } from "../../../../tests/support/checkout.ts";
import { chapters } from "./chapters.ts";
import { anchorOf, linkTarget, readGuide, render } from "./guide.ts";

const guide = await readGuide();
const html = (slug: string) => guide.page(slug) ?? "";

test("every page of the guide is there, and what is none is null", () => {
  for (const { slug } of chapters) expect(html(slug), slug).toMatch(/<main><h1 id=[\s\S]{400}/);
  expect(guide.page("package.json")).toBeNull();
  expect(guide.page("../SECURITY")).toBeNull();
});

test("every document for users is a page: a new one is entered in chapters.ts", () => {
  const files = execFileSync("git", ["ls-files", "docs/*.md"], { cwd: checkout, encoding: "utf8" }).trim().split("\n");
  const users = files.filter((file) => !file.startsWith("docs/decisions/"));
  expect(users.length).toBeGreaterThan(10);
  expect(users.filter((file) => !chapters.some((chapter) => chapter.file === file))).toEqual([]);
});

test("every link of a page leads to a page of the guide and a heading there, to the API, or outside", () => {
  let seen = 0;
  for (const { slug } of chapters)
    for (const [, href = ""] of html(slug).matchAll(/<a href="([^"]*)"/g)) {
      if (/^https?:/.test(href) || ["/docs/guide", "/docs", "/v1/openapi.json"].includes(href)) continue;
      const [path = "", anchor] = href.split("#");
      const target = path === "" ? html(slug) : html(path.replace("/docs/guide/", ""));
      expect(target, `${slug} → ${href}`).not.toBe("");
      if (anchor) expect(target, `${slug} → ${href}`).toContain(` id="${anchor}"`);
      seen++;
    }
  expect(seen).toBeGreaterThan(chapters.length * chapters.length);
});

test("a page loads nothing and runs nothing, and markup in a document is shown as text", () => {
  for (const { slug } of chapters) {
    expect(html(slug), slug).not.toMatch(/<(script|img|iframe|link|object|embed|base|form)\b|\son\w+=|javascript:/i);
    expect(html(slug).match(/<style>/g), slug).toHaveLength(1);
  }
  const [chapter] = chapters;
  if (!chapter) throw new Error("there are chapters");
  const hostile =
    "<script>alert(1)</script>\n\na <b onclick=x>b</b> ![picture](https://x.test/p.png) [c](javascript:alert) `<i>`";
  expect(render(chapter, hostile)).toBe(
    "&lt;script&gt;alert(1)&lt;/script&gt;<p>a &lt;b onclick=x&gt;b&lt;/b&gt; picture " +
      '<span title="javascript:alert">c</span> <code>&lt;i&gt;</code></p>\n',
  );
});

test("the errors page has every code of the contract with its status, and the settings page every setting", () => {
  for (const [code, { status }] of Object.entries(errors))
    expect(html("errors")).toContain(`<td>${status}</td>\n<td><code>${code}</code></td>`);
  const settings = readFileSync(join(checkout, ".env.example"), "utf8").matchAll(/^# ([A-Z_]+)=/gm);
  const names = [...settings].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(30);
  for (const name of names) expect(html("settings")).toContain(`# ${name}=`);
});

test("each platform's page names its fields and cookies, those alone, and every domain they are set for", () => {
  const pages = { twitter: "x", reddit: "reddit", tiktok: "tiktok", youtube: "youtube", instagram: "instagram" };
  for (const platform of platforms) {
    const text = readFileSync(join(checkout, `docs/platforms/${pages[platform]}.md`), "utf8");
    const rows = [...text.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)].map(([, field, cookie]) => [field, cookie]);
    const fields = credentialFieldNames.filter((field) => credentialFields[field].platform === platform);
    expect(rows).toEqual(fields.map((field) => [field, credentialFields[field].cookie]));
    for (const field of fields)
      for (const domain of credentialFields[field].domains) expect(text, field).toContain(`\`${domain}\``);
  }
});

test("llms.txt names every page with its first sentence", () => {
  for (const { slug, title } of chapters)
    expect(guide.llmsText).toMatch(new RegExp(`- \\[${title}\\]\\(/docs/guide/${slug}\\): \\w`));
});

test("anchors are those of GitHub, and a link to a file that is no page leads nowhere", () => {
  expect(anchorOf("How a task can end")).toBe("how-a-task-can-end");
  expect(anchorOf("2. Store an end-user's cookies")).toBe("2-store-an-end-users-cookies");
  const chapter = { slug: "x", file: "docs/platforms/x.md", title: "X" };
  expect(linkTarget(chapter, "../tasks.md#order")).toBe("/docs/guide/tasks#order");
  expect(linkTarget(chapter, "../../packages/api/src/main.ts")).toBeNull();
});
