import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { executablePath } from "../../tests/support/chromium.ts";
import { savedPages } from "../pages/pages.ts";
import { type InstalledPeer, installPeer } from "./token-peer.ts";
import type { TokenSite } from "./token-site.ts";

/** The tree of each saved page, or why there is none. */
export type StagehandTrees = ReadonlyMap<string, string> | { readonly missing: string };

/** The part of the package that is used. */
interface StagehandModule {
  readonly localBrowser: {
    launch(options: {
      executablePath: string;
      userDataDir: string;
      headless: boolean;
      chromiumSandbox: boolean;
      args: string[];
    }): Promise<StagehandBrowser>;
  };
  readonly Stagehand: {
    create(options: { browser: StagehandBrowser; logging: { level: string } }): Promise<{ close(): Promise<void> }>;
  };
}

interface StagehandBrowser {
  readonly context: { newPage(): Promise<StagehandPage> };
  close(): Promise<void>;
}

interface StagehandPage {
  goto(url: string): Promise<unknown>;
  /** `formattedTree` is the text that its act, observe and extract give to the model. */
  snapshot(options: { timeout: number }): Promise<{ formattedTree: string }>;
}

/** The release that is compared with. */
export const stagehandVersion = "4.4.0";
const treesMs = 180_000;

/** What Stagehand would show a model of each saved page: its own tree, from its own extension in its own Chromium. */
export async function stagehandTrees(site: TokenSite): Promise<StagehandTrees> {
  try {
    const peer = await installPeer("@browserbasehq/stagehand", stagehandVersion);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no trees after ${treesMs / 1_000} s`)), treesMs);
    });
    try {
      return await Promise.race([readTrees(peer, site), late]);
    } finally {
      clearTimeout(timer);
      await peer.remove();
    }
  } catch (error) {
    return { missing: error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error) };
  }
}

async function readTrees({ directory, scratch }: InstalledPeer, site: TokenSite): Promise<Map<string, string>> {
  // Its types are not here: it is never in our package.json. A change of its interface ends in a clear TypeError.
  const { localBrowser, Stagehand } = (await import(
    pathToFileURL(join(directory, "dist/index.mjs")).href
  )) as StagehandModule;
  const browser = await localBrowser.launch({
    executablePath,
    userDataDir: join(scratch, "profile"),
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...site.directFlags], // its extension calls back to loopback, which they leave open
  });
  const stagehand = await Stagehand.create({ browser, logging: { level: "error" } });
  const page = await browser.context.newPage();
  const trees = new Map<string, string>();
  for (const { name } of savedPages) {
    await page.goto(site.urlOf(name));
    trees.set(name, (await page.snapshot({ timeout: 60_000 })).formattedTree);
  }
  await stagehand.close();
  await browser.close();
  return trees;
}
