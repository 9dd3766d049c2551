import {
  type AgentPage,
  type AgentPageOptions,
  openAgentPage,
} from "../../../packages/worker/src/agent/page/agent-page.ts";
import { parseEgress } from "../../../packages/worker/src/browser/egress.ts";
import { type Cage, openCage } from "../../../packages/worker/src/cage/open-cage.ts";
import { launchTestBrowser, ownTmpDir } from "../chromium.ts";
import { type FaultSite, startFaultSite } from "./fault-site.ts";

/** An agent's page in a context of its own. */
export interface OpenedPage {
  readonly page: AgentPage;
  readonly context: Cage["context"];
}

/** A real Chromium that reaches the fault site and nothing else. */
export interface AgentBrowser {
  readonly site: FaultSite;
  /** An agent's page in a new context, with 6,000 tokens for a view. */
  open(options?: Partial<AgentPageOptions>): Promise<OpenedPage>;
  stop(): Promise<void>;
}

/** Starts the browser and the site, for one test file. */
export async function startAgentBrowser(): Promise<AgentBrowser> {
  const tmp = await ownTmpDir();
  const site = await startFaultSite();
  const chromium = await launchTestBrowser(
    tmp.path,
    parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_HOST_MAP: site.hostMap }),
  );
  return {
    site,
    async open(options) {
      const { context } = await openCage(chromium);
      const { signal } = new AbortController();
      return { context, page: await openAgentPage(context, { viewTokensMax: 6_000, signal, ...options }) };
    },
    async stop() {
      await chromium.destroy();
      await site.stop();
      await tmp.stop();
    },
  };
}

/** The ref that stands before `name` in a view. */
export function refOf(view: string, name: string): number {
  const at = view.indexOf(`] ${name}`);
  const [, ref] = /\[(\d+)$/.exec(view.slice(0, Math.max(at, 0))) ?? [];
  if (!ref) throw new Error(`no ref stands before "${name}" in:\n${view}`);
  return Number(ref);
}
