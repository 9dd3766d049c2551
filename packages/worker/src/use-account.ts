import { setTimeout } from "node:timers/promises";
import { type Platform, platforms } from "@stablehand/contract";
import { getCredentialStatus } from "@stablehand/core/store/credentials";
import { takeOneMoreLogin } from "@stablehand/core/store/login-leases";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import { z } from "zod";
import { defineTool, type Tool } from "./agent/tools/tool.ts";
import type { AttemptContext, AttemptOf } from "./attempt.ts";
import { CookieRefusedError } from "./browser/signed-in-context.ts";
import type { Cage } from "./cage/open-cage.ts";
import type { Logins } from "./logins.ts";
import { TaskFailure } from "./task-failure.ts";

/** What a further account is opened with, in a run. */
export interface AccountRun {
  readonly attempt: AttemptOf;
  readonly logins: Logins;
  readonly cage: Cage;
  /** How long to wait for an account that another task uses. Less than a tool may take. */
  readonly waitMs: number;
}

const pollMs = 500;

const answers = {
  ready: "Signed in. What was open is closed: open the site now.",
  busy: "Another task is using this account. Go on without it, or ask again later.",
  gone: "This account is not stored any more.",
  refused: "The browser refused what is stored for this account.",
} as const;

type Answer = keyof typeof answers;

/**
 * The tool by which an agent opens an account that its task did not name: one platform a call. It names the platforms
 * that are wholly stored; without any such, there is no tool.
 */
export async function accountTools(context: AttemptContext, task: StoredTask, run: AccountRun): Promise<Tool[]> {
  const status = await getCredentialStatus(context.database.pool, task.businessId, task.endUserId);
  const isOffered = (platform: Platform) => status[platform].missing.length === 0 && !task.platforms.includes(platform);
  const [first, ...others] = platforms.filter(isOffered);
  if (!first) return [];
  const opened = new Set<Platform>();
  const tool = defineTool({
    name: "use_account",
    description: "Sign in with the user's stored account, before you open its site",
    inputSchema: z.strictObject({ platform: z.enum([first, ...others]) }),
    acts: false,
    describe: ({ platform }) => `use the account on ${platform}`,
    async handle(page, { platform }) {
      const answer = opened.has(platform) ? "ready" : await openAccount(context, run, platform);
      if (answer === "ready") opened.add(platform);
      const seen = await page.observe(); // signing in has closed what was open
      return { ...seen, ok: answer === "ready", text: [answers[answer], seen.text].join("\n") };
    },
  });
  return [tool];
}

async function openAccount(context: AttemptContext, run: AccountRun, platform: Platform): Promise<Answer> {
  if (!(await holdLogin(context, run, platform))) return "busy";
  const values = await run.logins.open([platform]);
  if (Object.keys(values).length === 0) return "gone";
  try {
    await run.cage.signIn(values);
    return "ready";
  } catch (error) {
    if (error instanceof CookieRefusedError) return "refused";
    throw error;
  }
}

/** False when another task used the login for as long as could be waited. */
async function holdLogin(
  { database }: AttemptContext,
  { attempt, waitMs }: AccountRun,
  platform: Platform,
): Promise<boolean> {
  const late = AbortSignal.timeout(waitMs);
  while (true) {
    const answer = await database.db
      .transaction()
      .execute((transaction) => takeOneMoreLogin(transaction, attempt, platform));
    if (answer === "lost") throw new TaskFailure("worker_lost", "Another worker has this task now.");
    if (answer === "taken") return true;
    if (late.aborted) return false;
    await setTimeout(Math.min(pollMs, waitMs), undefined, { signal: attempt.signal });
  }
}
