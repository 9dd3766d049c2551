import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
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

  fakes.setMode("twitter", "logged-out");
  say("\n4. X ends alice's session. Checked again:");
  await check("The same page now sends the browser to the sign-in");

  say(`\n5. The cookies are deleted, and their key with them.  DELETE ${at}`);
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

/** Submits a check and tells its progress until it has ended. */
async function check(expectation: string): Promise<void> {
  const startedAt = performance.now();
  const { taskId } = (await server.call("POST", `${at}/check`)).body as { taskId: string };
  say(`   ${expectation} …`);
  for (let seen = "pending"; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const task = (await server.call("GET", `/v1/tasks/${taskId}`)).body as {
      status: string;
      result?: string;
      error?: string;
    };
    if (task.status !== seen)
      say(
        `   ${((performance.now() - startedAt) / 1_000).toFixed(1)} s  ${task.status}  ${task.result ?? task.error ?? ""}`,
      );
    seen = task.status;
    if (seen !== "pending" && seen !== "running") break;
  }
  const { details } = (await server.call("GET", at)).body as { details: { twitter: { health: string } } };
  say(`   GET …/credentials says: twitter is ${details.twitter.health}`);
}
