import type { Page } from "playwright-core";
import { prompts } from "./dashboard-model.ts";
import type { DashboardWorld } from "./dashboard-world.ts";

/** Things that a filled dashboard shows a page of. */
export interface Filled {
  readonly taskId: string;
  readonly sessionId: string;
  readonly designTaskId: string;
}

/** A page as tests and pictures open it. */
export interface DashboardPage {
  readonly name: string;
  readonly path: string;
  readonly isSignedOut?: boolean;
  /** Waits until it shows what it is for. */
  readonly ready: (page: Page) => Promise<void>;
}

/** Every page, with something to show. */
export function dashboardPages({ taskId, sessionId, designTaskId }: Filled): readonly DashboardPage[] {
  const heading = (name: string) => (page: Page) => page.getByRole("heading", { name }).first().waitFor();
  const text = (what: string) => (page: Page) => page.getByText(what).first().waitFor();
  return [
    { name: "sign-in", path: "/sign-in", isSignedOut: true, ready: heading("Sign in") },
    { name: "set-up", path: "/setup", isSignedOut: true, ready: heading("Set up your account") },
    { name: "reset-password", path: "/reset", isSignedOut: true, ready: heading("Set a new password") },
    {
      name: "overview",
      path: "/",
      async ready(page) {
        await page.getByText("Latest sessions").waitFor();
        await page.getByText("Nothing failed").or(page.getByText("Model refused")).waitFor();
        await page.getByRole("link", { name: prompts.read }).first().waitFor();
      },
    },
    { name: "chat", path: `/chat?session=${sessionId}`, ready: text("Your feed has four new posts") },
    {
      name: "chat-new",
      path: "/chat",
      async ready(page) {
        await page.getByText("What is to be done?").waitFor();
        await page
          .getByRole("navigation", { name: "Earlier chats" })
          .getByRole("link")
          .first()
          .waitFor({ state: "attached" });
      },
    },
    { name: "tasks", path: "/tasks", ready: text(prompts.read) },
    { name: "session", path: `/sessions/${sessionId}`, ready: text("Your feed has four new posts") },
    { name: "task", path: `/tasks/${taskId}`, ready: heading("Network") },
    { name: "design-task", path: `/tasks/${designTaskId}`, ready: heading("Colours") },
    { name: "end-users", path: "/end-users", ready: text("customer-0003") },
    { name: "end-user", path: "/end-users/self", ready: text("auth_token") },
    { name: "connect", path: "/connect-account", ready: heading("Where to find them") },
    { name: "api-keys", path: "/api-keys", ready: text("Active") },
    { name: "access-log", path: "/access-log", ready: text("Stored") },
    { name: "settings", path: "/settings", ready: text("example.com/webhooks") },
  ];
}

const made = [
  ["customer-0001", { twitterAuthToken: "example", twitterCt0: "example", redditSession: "example" }],
  ["customer-0002", { instagramSessionId: "example", instagramCsrfToken: "example", instagramDsUserId: "17" }],
  ["customer-0003", { tiktokSessionId: "example" }],
] as const;

/** Gives the pages something to show: end-users, tasks that really ran, an endpoint, settings, and a history of 30 days. */
export async function fillDashboard(world: DashboardWorld): Promise<Filled> {
  const { call } = world;
  for (const [endUserId, values] of made) await call("PUT", `/v1/end-users/${endUserId}/credentials`, values);
  const { twitterAuthToken, twitterCt0 } = world.fakes.accounts.alice.values;
  await call("PUT", "/v1/end-users/self/credentials", { twitterAuthToken, twitterCt0 });
  await call("POST", "/v1/end-users/self/credentials/check");
  await call("POST", "/v1/webhook-endpoints", {
    url: "http://127.0.0.1:9/example.com/webhooks",
    description: "Order service",
  });
  await call("PUT", "/v1/settings", { allowedHosts: [".example.com"], embedOrigins: ["https://app.example.com"] });
  const schema = {
    type: "array",
    items: {
      type: "object",
      properties: { author: { type: "string" }, text: { type: "string" }, likes: { type: "integer" } },
    },
  };
  const first = await submit(world, "/v1/tasks", { endUserId: "self", task: prompts.read, mode: "read", schema });
  await submit(world, "/v1/tasks", {
    endUserId: "self",
    task: prompts.followUp,
    mode: "read",
    sessionId: first.sessionId,
  });
  const design = await submit(world, "/v1/design/extract", {
    endUserId: "customer-0001",
    url: "https://www.reddit.com/",
  });
  await makeHistory(world, first.taskId);
  return { taskId: first.taskId, sessionId: first.sessionId, designTaskId: design.taskId };
}

/** Submits a task and waits for its end. */
async function submit(
  { call }: DashboardWorld,
  path: string,
  body: object,
): Promise<{ taskId: string; sessionId: string }> {
  const accepted = (await call("POST", path, body)).body as { taskId: string; sessionId: string }; // as the contract says
  for (;;) {
    const { status } = (await call("GET", `/v1/tasks/${accepted.taskId}`)).body as { status: string };
    if (status === "completed") return accepted;
    if (status === "failed" || status === "cancelled") throw new Error(`the task ${path} is ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A session of tasks that ended on days before, some of them failed: no test waits for 30 days. */
async function makeHistory({ query }: DashboardWorld, taskId: string): Promise<void> {
  await query(
    `with older as (
       insert into sessions
       select made.* from sessions original join tasks using (session_id), lateral jsonb_populate_record(original, jsonb_build_object(
         'session_id', gen_random_uuid(), 'end_user_id', 'customer-0002',
         'created_at', now() - interval '30 days', 'active_at', now() - interval '1 day')) made
       where tasks.task_id = $1 returning session_id)
     insert into tasks select made.* from older, tasks original,
       generate_series(1, 29) day, lateral generate_series(1, 3 + (day * 7919 + day * day * 31) % 11) nth,
       lateral jsonb_populate_record(original, jsonb_build_object(
         'task_id', gen_random_uuid(),
         'session_id', older.session_id,
         'end_user_id', 'customer-0002',
         'created_at', now() - make_interval(days => day, mins => nth),
         'updated_at', now() - make_interval(days => day, mins => nth),
         'started_at', now() - make_interval(days => day, mins => nth),
         'completed_at', now() - make_interval(days => day, mins => nth) + make_interval(secs => 4 + (day * 31 + nth * 17) % 40),
         'turn', (original.turn::bigint - day * 100 - nth)::text
       ) || case when (day * 13 + nth * 7) % 17 = 0
         then jsonb_build_object('status', 'failed', 'result', null, 'structured_content', null, 'error', 'It did not work.',
           'error_code', (array['model_refused', 'time_limit', 'auth_expired'])[1 + (day * nth + nth) % 3])
         else '{}'::jsonb end) made
     where original.task_id = $1`,
    [taskId],
  );
}
