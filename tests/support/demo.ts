import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { checkout } from "./checkout.ts";
import { startFakePlatforms } from "./fake-platforms/fake-platforms.ts";
import { makeDataDir, startServer } from "./server.ts";

// `npm run demo`: the product from upload to a signed-in browser, offline, without a key of anybody's.

const say = (text: string) => process.stdout.write(`${text}\n`);
const at = "/v1/end-users/alice/credentials";

say("Starting Stablehand (PostgreSQL, API, worker) on a temporary directory, and five fake platforms beside it …\n");
const data = await makeDataDir();
const fakes = await startFakePlatforms();
const server = await startServer(data.dir, {
  EGRESS_TEST_MODE: "1",
  EGRESS_HOST_MAP: fakes.hostMap,
  EGRESS_CA_FILE: fakes.caFile,
  MODEL: `replay:${join(checkout, "tests/support/read-feed.json")}`,
});

try {
  const { twitterAuthToken, twitterCt0 } = fakes.accounts.alice.values;
  say(`1. The business uploads alice's cookies for X.    PUT ${at}`);
  say(`   {"twitterAuthToken":"${twitterAuthToken}","twitterCt0":"${twitterCt0}"}`);
  say(`   → ${JSON.stringify((await server.call("PUT", at, { twitterAuthToken, twitterCt0 })).body)}\n`);

  say("2. What the database has of them, sealed to a key that only workers can open:");
  for (const { field, sealed } of await storedRows()) say(`   ${field.padEnd(18)} ${sealed.slice(0, 72)}…`);

  say("\n3. Are they still good?                          POST …/credentials/check");
  await check("A real Chromium opens https://x.com/home, signed in with them");

  fakes.setMode("twitter", "feed");
  say("\n4. An agent reads alice's feed, as alice.         POST /v1/tasks");
  say("   (the model is replayed from tests/support/read-feed.json; browser, cookies, page and answer are not)");
  await readFeed();

  fakes.setMode("twitter", "logged-out");
  say("\n5. X ends alice's session. Checked again:");
  await check("The same page now sends the browser to the sign-in");

  say(`\n6. The cookies are deleted, and their key with them.  DELETE ${at}`);
  say(`   → ${JSON.stringify((await server.call("DELETE", at)).body)}, rows left: ${(await storedRows()).length}\n`);
  say("That was all of it: nothing left this machine. Start your own with: npm start");
} finally {
  await server.stop();
  await fakes.stop();
  await data.remove();
}

async function storedRows(): Promise<{ field: string; sealed: string }[]> {
  const client = new pg.Client({ connectionString: (await readFile(join(data.dir, "database.url"), "utf8")).trim() });
  await client.connect();
  const { rows } = await client.query("SELECT field, encode(sealed, 'hex') AS sealed FROM credentials ORDER BY field");
  await client.end();
  return rows;
}

async function readFeed(): Promise<void> {
  const post = { type: "object", required: ["author", "text", "likes"] };
  const task = "Read the newest posts of my feed on X";
  const submitted = await server.call("POST", "/v1/tasks", {
    endUserId: "alice",
    task,
    schema: { type: "array", items: post },
  });
  say(`   "${task}" …`);
  const { structured_content, stepSummaries = [] } = await whenEnded((submitted.body as { taskId: string }).taskId);
  for (const { n, type, msg } of stepSummaries) say(`          step ${n}, ${type}: ${msg}`);
  for (const found of structured_content ?? []) say(`          ${JSON.stringify(found)}`);
}

/** Submits a check and tells its progress until it has ended. */
async function check(expectation: string): Promise<void> {
  const { taskId } = (await server.call("POST", `${at}/check`)).body as { taskId: string };
  say(`   ${expectation} …`);
  await whenEnded(taskId);
  const { details } = (await server.call("GET", at)).body as { details: { twitter: { health: string } } };
  say(`   GET …/credentials says: twitter is ${details.twitter.health}`);
}

interface Task {
  readonly status: string;
  readonly result?: string;
  readonly error?: string;
  readonly stepSummaries?: readonly { n: number; type: string; msg: string }[];
  readonly structured_content?: readonly object[];
}

/** Tells a task's progress until it has ended. */
async function whenEnded(taskId: string): Promise<Task> {
  const startedAt = performance.now();
  for (let seen = "pending"; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const task = (await server.call("GET", `/v1/tasks/${taskId}`)).body as Task;
    if (task.status !== seen)
      say(
        `   ${((performance.now() - startedAt) / 1_000).toFixed(1)} s  ${task.status}  ${task.result ?? task.error ?? ""}`,
      );
    seen = task.status;
    if (seen !== "pending" && seen !== "running") return task;
  }
}
