import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DesignResults } from "@stablehand/contract";
import { executablePath } from "../../tests/support/chromium.ts";
import type { TruthPage } from "../../tests/support/design-truth/design-truth.ts";
import { directFlag } from "./direct-flags.ts";
import { installPeer } from "./token-peer.ts";

/** What dembrandt found of each page, by the page's name, or why there is nothing. */
export type DembrandtFindings = ReadonlyMap<string, DembrandtPage> | { readonly missing: string };

/** What it found of a page, in our words, and how long it took. */
export interface DembrandtPage {
  readonly results: DesignResults;
  readonly ms: number;
}

/** The release that is compared with. */
export const dembrandtVersion = "0.18.0";
const pageMs = 120_000;
const portMs = 15_000;

/** Has dembrandt look at each page, in a Chromium of its own that finds the same hosts. */
export async function dembrandtFindings(pages: readonly TruthPage[], hostMap: string): Promise<DembrandtFindings> {
  try {
    const peer = await installPeer("dembrandt", dembrandtVersion);
    try {
      const endpoint = await startChromium(join(peer.scratch, "profile"), hostMap);
      const found = new Map<string, DembrandtPage>();
      for (const { name, url } of pages) {
        const startedAt = performance.now();
        const results = await look(join(peer.directory, "dist/index.js"), url, endpoint, peer.scratch);
        found.set(name, { results, ms: performance.now() - startedAt });
      }
      return found;
    } finally {
      await peer.remove(); // ends the browser, too: its profile is in there
    }
  } catch (error) {
    return { missing: error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error) };
  }
}

async function startChromium(profile: string, hostMap: string): Promise<string> {
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const flags = [
    "--headless",
    "--remote-debugging-port=0",
    `--user-data-dir=${profile}`,
    ...sandbox,
    directFlag(hostMap),
  ];
  spawn(executablePath, flags, { stdio: "ignore" });
  const until = performance.now() + portMs;
  for (;;) {
    const [port] = (await readFile(join(profile, "DevToolsActivePort"), "utf8").catch(() => "")).split("\n");
    if (port) return `http://127.0.0.1:${port}`;
    if (performance.now() > until) throw new Error(`no Chromium for dembrandt after ${portMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function look(script: string, url: string, endpoint: string, home: string): Promise<DesignResults> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, url, "--json-only"], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, TMPDIR: home, BROWSER_CDP_ENDPOINT: endpoint },
    timeout: pageMs,
    maxBuffer: 50_000_000,
  }).catch((error: unknown) => {
    process.stderr.write(`dembrandt failed on ${url}: ${error instanceof Error ? error.message.slice(0, 200) : ""}\n`);
    return { stdout: "{}" };
  });
  return inOurWords(JSON.parse(stdout.slice(Math.max(0, stdout.indexOf("{")))) as Partial<DembrandtReport>); // its own form
}

/** The part of its report that can be compared. It lists neither pictures nor icons. */
interface DembrandtReport {
  readonly colors: {
    readonly palette: readonly { readonly normalized: string }[];
    readonly cssVariables?: Readonly<Record<string, string | { readonly value: string }>>;
  };
  readonly typography: { readonly styles: readonly { readonly family: string }[] };
  readonly spacing: { readonly commonValues: readonly { readonly numericValue: number }[] };
  readonly borderRadius: { readonly values: readonly { readonly numericValue: number }[] };
  readonly shadows: readonly { readonly shadow: string }[];
  readonly gradients: readonly { readonly gradient: string }[];
  readonly motion: { readonly durations: readonly { readonly ms: number }[] };
  readonly logo: { readonly url?: string; readonly markup?: string } | null;
}

function inOurWords(report: Partial<DembrandtReport>): DesignResults {
  const families = [...new Set(report.typography?.styles.map(({ family }) => family) ?? [])];
  const { logo } = report;
  return {
    colors: {
      colors: (report.colors?.palette ?? []).map(({ normalized }) => {
        return { hex: normalized, rgb: "", count: 1, role: "neutral" as const };
      }),
      contrastIssues: [],
    },
    fonts: {
      fonts: families.map((family) => ({
        family,
        usage: "body" as const,
        count: 1,
        weights: [],
        source: "system" as const,
      })),
    },
    tokens: {
      tokens: {
        dtcg: {},
        spacing: (report.spacing?.commonValues ?? []).map(({ numericValue }) => numericValue),
        radii: (report.borderRadius?.values ?? []).map(({ numericValue }) => numericValue),
        shadows: (report.shadows ?? []).map(({ shadow }) => shadow),
        gradients: (report.gradients ?? []).map(({ gradient }) => gradient),
        motionDurationsMs: (report.motion?.durations ?? []).map(({ ms }) => ms),
        cssVariables: Object.entries(report.colors?.cssVariables ?? {}).map(([name, of]) => {
          return { name, value: typeof of === "string" ? of : of.value };
        }),
      },
    },
    logo: {
      logo: logo
        ? { found: true, ...(logo.markup ? { svgSource: logo.markup } : { src: logo.url ?? "" }) }
        : { found: false },
    },
  };
}
