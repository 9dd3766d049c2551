import { openAgentPage } from "../packages/worker/src/agent/page/agent-page.ts";
import { openCage } from "../packages/worker/src/cage/open-cage.ts";
import { launchTestBrowser, ownTmpDir } from "../tests/support/chromium.ts";
import type { BenchResult } from "./bench.ts";
import { savedPages } from "./pages/pages.ts";
import { tokensOf } from "./support/token-count.ts";
import { type JobCost, mcpJob } from "./support/token-job.ts";
import { playwrightMcpVersion, startPlaywrightMcp } from "./support/token-mcp.ts";
import { ownJob } from "./support/token-own-job.ts";
import type { BrowserContext, Page } from "./support/token-playwright.ts";
import { checkReach, type ReachReport } from "./support/token-reach.ts";
import { startTokenSite, type TokenSite } from "./support/token-site.ts";
import { type StagehandTrees, stagehandTrees, stagehandVersion } from "./support/token-stagehand.ts";
import { readWholeView, type ViewCost, viewTokensMax } from "./support/token-view.ts";

/** What a model has to read of pages and of a whole job: with our view, Playwright's aria snapshot and Stagehand's tree. */
export async function benchTokens({ quick }: { quick: boolean }): Promise<BenchResult> {
  const site = await startTokenSite();
  const temporary = await ownTmpDir();
  try {
    const single = await launchTestBrowser(temporary.path, site.egress);
    let pages: PageCost[];
    let times: ViewTimes;
    let job: JobCost;
    try {
      const { context } = await openCage(single);
      pages = await measurePages(context, site);
      times = await measureTimes(context, site, quick ? 3 : 11);
      tell("our agent: the job");
      job = await ownJob(context, site);
    } finally {
      await single.destroy();
    }
    tell("Stagehand: installing it, then its tree of each page");
    const trees = await stagehandTrees(site);
    tell("Playwright MCP: installing it, then the job");
    return report(pages, times, trees, { own: job, peers: await measurePeerJobs(site) });
  } finally {
    await temporary.stop();
    await site.stop();
  }
}

interface PageCost {
  readonly name: string;
  readonly raw: number;
  readonly ours: ViewCost;
  readonly reach: ReachReport;
}

async function measurePages(context: BrowserContext, site: TokenSite): Promise<PageCost[]> {
  const page = await context.newPage();
  const costs: PageCost[] = [];
  for (const { name } of savedPages) {
    tell(`${name}: raw snapshot, our view to the end, every named element`);
    await page.goto(site.urlOf(name));
    const raw = tokensOf(await page.ariaSnapshot({ mode: "ai" }));
    const reach = await checkReach(page);
    for (const { role, name: missing } of reach.missing)
      tell(`${name}: our view does not lead to ${role} "${missing}"`);
    costs.push({ name, raw, ours: await readWholeView(context, site.urlOf(name)), reach });
  }
  await page.close();
  return costs;
}

interface ViewTimes {
  readonly oursMs: number;
  readonly rawMs: number;
}

/** The long article, again and again, the two in turns; medians. */
async function measureTimes(context: BrowserContext, site: TokenSite, rounds: number): Promise<ViewTimes> {
  tell(`article: ${rounds} views and ${rounds} raw snapshots`);
  const ours = await openAgentPage(context, { viewTokensMax, signal: new AbortController().signal });
  await ours.navigate(site.urlOf("article"));
  const raw: Page = await context.newPage();
  await raw.goto(site.urlOf("article"));
  const oursMs: number[] = [];
  const rawMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    oursMs.push(await timed(() => ours.observe()));
    rawMs.push(await timed(() => raw.ariaSnapshot({ mode: "ai" })));
  }
  await raw.close();
  await ours.close();
  return { oursMs: median(oursMs), rawMs: median(rawMs) };
}

interface Jobs {
  readonly own: JobCost;
  readonly peers: readonly JobCost[];
}

async function measurePeerJobs(site: TokenSite): Promise<JobCost[]> {
  const mcp = await startPlaywrightMcp(site);
  try {
    return [await mcpJob(mcp, site, false), await mcpJob(mcp, site, true)];
  } finally {
    await mcp.stop();
  }
}

function report(pages: readonly PageCost[], times: ViewTimes, trees: StagehandTrees, jobs: Jobs): BenchResult {
  const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
  const raw = total(pages.map((page) => page.raw));
  const ours = total(pages.map((page) => page.ours.wholeTokens));
  const missing = total(pages.map((page) => page.reach.missing.length));
  const own = total(jobs.own.requests);
  const peer = Math.min(...jobs.peers.map(({ requests }) => total(requests)));
  const treesOf = (names: readonly string[]) =>
    "missing" in trees ? "none" : total(names.map((name) => tokensOf(trees.get(name) ?? "")));
  return {
    title: `Tokens (o200k) of ${pages.length} pages, each read to its end`,
    table: [
      ...pages.map(({ name, raw, ours, reach }) => ({
        page: name,
        "raw snapshot": raw,
        Stagehand: treesOf([name]),
        ours: ours.wholeTokens,
        "ours / raw": ratio(ours.wholeTokens, raw),
        "first view": ours.firstTokens,
        reads: ours.reads,
        "named and reached": `${reach.total - reach.missing.length} of ${reach.total}`,
      })),
      {
        page: "all",
        "raw snapshot": raw,
        Stagehand: treesOf(pages.map(({ name }) => name)),
        ours,
        "ours / raw": ratio(ours, raw),
      },
    ],
    bars: [
      { bar: "all pages / their raw snapshots ≤ 0.30", measured: `${ratio(ours, raw)}`, met: ours <= 0.3 * raw },
      {
        bar: "the job / the smaller peer's input tokens ≤ 0.05",
        measured: `${ratio(own, peer)}, ${own} of ${peer}`,
        met: own <= 0.05 * peer,
      },
      {
        bar: "visible links, buttons, fields and headings that our view does not name and lead to = 0",
        measured: `${missing}`,
        met: missing === 0,
      },
      {
        bar: "a view of the 1 MB article ≤ 300 ms",
        measured: `${Math.round(times.oursMs)} ms; the raw snapshot ${Math.round(times.rawMs)} ms`,
        met: times.oursMs <= 300,
      },
    ],
    notes: [
      "The job: open the list, follow its third post, fill two fields and submit, open the article, find a passage.",
      ...[jobs.own, ...jobs.peers].map(
        ({ who, requests }) =>
          `  ${who}: ${total(requests)} input tokens in ${requests.length} calls, the largest ${Math.max(...requests)}`,
      ),
      `Playwright MCP ${playwrightMcpVersion}, Stagehand ${stagehandVersion}: its tree of each page, as its act and observe send it.`,
      ...("missing" in trees ? [`Stagehand has no column: ${trees.missing}.`] : []),
    ],
  };
}

function ratio(part: number, whole: number): number {
  return Number((part / whole).toFixed(3));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
