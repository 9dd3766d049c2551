import type { CDPSession } from "playwright-core";
import type { CollectedElements } from "./collect-elements.ts";
import { isShown } from "./shown-elements.ts";
import { type SnapshotElement, styleOf, type TextFont, type TextRole } from "./snapshot.ts";

interface Run {
  readonly node: number;
  readonly role: TextRole;
  readonly text: string;
}

interface Look {
  readonly stack: string;
  readonly weight: number;
  readonly runs: Run[];
}

/**
 * Tells which fonts the page's text was truly rendered in.
 *
 * Text of one look (font list, weight, style) is asked about until every letter in it was: when the answer is one font,
 * it holds for all of it, and else every run is asked about.
 */
export async function collectTextFonts(session: CDPSession, collected: CollectedElements): Promise<TextFont[]> {
  const looks = looksOf(collected);
  await session.send("DOM.getDocument", { depth: 0 });
  const found = new Map<string, TextFont>();
  for (const look of looks) {
    const covering = coveringRuns(look.runs);
    const first = await askAbout(session, covering);
    const [only, ...more] = [...new Map(first.flat().map((font) => [font.familyName, font])).values()];
    if (!only) continue;
    if (more.length === 0) for (const run of look.runs) add(found, look, run, only, lettersOf(run.text));
    else {
      const answers = await askAbout(session, look.runs);
      look.runs.forEach((run, nth) => {
        for (const font of answers[nth] ?? []) add(found, look, run, font, font.glyphCount);
      });
    }
  }
  return [...found.values()];
}

function looksOf(collected: CollectedElements): Look[] {
  const looks = new Map<string, Look>();
  const roles: TextRole[] = [];
  collected.elements.forEach((element, nth) => {
    const role = roleOf(element, roles[element.parent] ?? "running");
    roles.push(role);
    const style = styleOf(collected, element);
    if (!style || element.texts.length === 0 || !isShown(collected, nth)) return;
    const key = [style["font-family"], style["font-weight"], style["font-style"]].join("|");
    const look = looks.get(key) ?? { stack: style["font-family"], weight: Number(style["font-weight"]), runs: [] };
    looks.set(key, look);
    element.texts.forEach(({ text }, at) => {
      const node = collected.textNodes[nth]?.[at];
      if (node === undefined || lettersOf(text) === 0) return;
      look.runs.push({ node, text, role: isSymbols(text) ? "symbol" : role });
    });
  });
  return [...looks.values()].filter(({ runs }) => runs.length > 0);
}

function roleOf({ tag, attributes }: SnapshotElement, around: TextRole): TextRole {
  if (/^h[1-6]$/.test(tag) || attributes["role"] === "heading") return "heading";
  return /^(code|pre|kbd|samp|tt)$/.test(tag) ? "code" : around;
}

function isSymbols(text: string): boolean {
  return /^[\p{Co}\s]+$/u.test(text);
}

function lettersOf(text: string): number {
  return text.replace(/\s+/g, "").length;
}

function coveringRuns(runs: readonly Run[]): Run[] {
  const letters = new Set<string>();
  const texts = new Set<string>();
  return runs.filter(({ text }) => {
    if (texts.has(text)) return false;
    texts.add(text);
    const before = letters.size;
    for (const letter of text) letters.add(letter);
    return letters.size > before;
  });
}

async function askAbout(session: CDPSession, runs: readonly Run[]) {
  const { nodeIds } = await session.send("DOM.pushNodesByBackendIdsToFrontend", {
    backendNodeIds: runs.map(({ node }) => node),
  });
  return Promise.all(
    nodeIds.map(async (nodeId) => (await session.send("CSS.getPlatformFontsForNode", { nodeId })).fonts),
  );
}

function add(
  found: Map<string, TextFont>,
  { stack, weight }: Look,
  { role }: Run,
  { familyName: rendered, isCustomFont: isCustom }: { readonly familyName: string; readonly isCustomFont: boolean },
  characters: number,
): void {
  const key = JSON.stringify([stack, weight, rendered, isCustom, role]);
  const before = found.get(key)?.characters ?? 0;
  found.set(key, { stack, weight, rendered, isCustom, role, characters: before + characters });
}
