import { readFile } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import { type ErrorSpec, errors } from "@stablehand/contract";
import { Marked, type Tokens } from "marked";
import { type Chapter, chapters, parts } from "./chapters.ts";
import { guideStyle } from "./guide-style.ts";

/** The user guide, ready to send. */
export interface Guide {
  /** A page by its slug, whole; null when there is none. */
  page(slug: string): string | null;
  /** The guide's contents for programs that read, in the form of llmstxt.org. */
  readonly llmsText: string;
}

/** The directory that holds `docs`. */
const repository = resolve(import.meta.dirname, "../../../..");

/** Reads the guide's files, which are part of the program, and renders them. Throws when one of them is missing. */
export async function readGuide(directory = repository): Promise<Guide> {
  const read = (file: string) => readFile(join(directory, file), "utf8");
  const texts = await Promise.all(
    chapters.map(async ({ slug, file }) => {
      const text = await read(file);
      if (slug === "errors") return `${text}\n${errorTable()}`;
      return slug === "settings" ? `${text}\n\`\`\`sh\n${await read(".env.example")}\`\`\`\n` : text;
    }),
  );
  const pages = new Map(chapters.map((chapter, index) => [chapter.slug, layOut(chapter, texts[index] ?? "")]));
  return { page: (slug) => pages.get(slug) ?? null, llmsText: describeForPrograms(texts) };
}

/** Every error of the contract, by status. */
function errorTable(): string {
  const rows = Object.entries<ErrorSpec>(errors)
    .sort(([, one], [, other]) => one.status - other.status)
    .map(
      ([code, { status, retryable, meaning }]) =>
        `| ${status} | \`${code}\` | ${meaning} | ${retryable ? "yes" : "no"} |`,
    );
  return ["| status | code | meaning | repeat |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function layOut(chapter: Chapter, text: string): string {
  const contents = parts
    .map(({ title, chapters: those }) => {
      const items = those.map(({ slug, title: name }) => {
        const here = slug === chapter.slug ? ' aria-current="page"' : "";
        return `<li><a href="/docs/guide/${slug}"${here}>${escapeHtml(name)}</a></li>`;
      });
      return `<h2>${escapeHtml(title)}</h2><ul>${items.join("")}</ul>`;
    })
    .join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(chapter.title)} · Stablehand</title>
<style>${guideStyle}</style>
</head>
<body>
<nav aria-label="Guide"><p><a href="/docs/guide">Stablehand</a></p>${contents}<p><a href="/docs">API reference</a> · <a href="/v1/openapi.json">OpenAPI</a></p></nav>
<main>${render(chapter, text)}</main>
</body>
</html>
`;
}

/** The HTML of a chapter's Markdown. Raw HTML in it is shown as text: no file of ours needs any, and so none can become markup. */
export function render(chapter: Chapter, text: string): string {
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth, text: title }: Tokens.Heading) {
        return `<h${depth} id="${anchorOf(title)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      html: ({ text: html }: Tokens.HTML | Tokens.Tag) => escapeHtml(html),
      image: ({ text: alternative }: Tokens.Image) => escapeHtml(alternative),
      link({ href, tokens }: Tokens.Link) {
        const inner = this.parser.parseInline(tokens);
        const target = linkTarget(chapter, href);
        return target
          ? `<a href="${escapeHtml(target)}">${inner}</a>`
          : `<span title="${escapeHtml(href)}">${inner}</span>`;
      },
    },
  });
  return marked.parse(text, { async: false });
}

/** Where a link leads on this server; null for a file of the repository that is no page of the guide. */
export function linkTarget(chapter: Chapter, href: string): string | null {
  if (/^(https?:|#)/.test(href)) return href;
  const [path = "", anchor] = href.split("#");
  const file = posix.join(posix.dirname(chapter.file), path);
  const target = chapters.find((one) => one.file === file);
  return target ? `/docs/guide/${target.slug}${anchor ? `#${anchor}` : ""}` : null;
}

/** The anchor of a heading, as GitHub makes it, so that one link is good in both places. */
export function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

function describeForPrograms(texts: readonly string[]): string {
  const firstSentences = new Map(chapters.map(({ slug }, index) => [slug, firstParagraph(texts[index] ?? "")]));
  const sections = parts.map(({ title, chapters: those }) => {
    const lines = those.map(({ slug, title: name }) => `- [${name}](/docs/guide/${slug}): ${firstSentences.get(slug)}`);
    return `## ${title}\n\n${lines.join("\n")}\n`;
  });
  return [
    "# Stablehand\n",
    "> A self-hosted server that keeps end-users' session cookies sealed, and lets browser agents act with them.\n",
    "The HTTP API with every route and status, as OpenAPI 3.1: [/v1/openapi.json](/v1/openapi.json)\n",
    ...sections,
  ].join("\n");
}

/** The first paragraph below the title, on one line, without links and marks. */
function firstParagraph(text: string): string {
  const paragraph = text.split("\n\n").find((block) => /^[^#|>`\s]/.test(block)) ?? "";
  return paragraph
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[*`]/g, "")
    .replaceAll("\n", " ");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
