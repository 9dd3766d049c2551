import { existsSync } from "node:fs";
import { openDatabase } from "@stablehand/core/database";
import { createLog } from "@stablehand/core/log";
import { isMigrated } from "@stablehand/core/migrate";
import { currentDatabaseUrl } from "../installation.ts";
import type { Places } from "../places.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

const name = "database";
const oldestVersion = 150_000;
const skewMsMax = 5_000;

/** Whether the database answers, is new enough and has this release's schema; and whether its clock is this one's. */
export async function checkDatabase(env: NodeJS.ProcessEnv, { databaseUrlFile }: Places): Promise<Finding[]> {
  if (!env.DATABASE_URL && !existsSync(databaseUrlFile))
    return [ok(name, "none yet: npm start makes one in the data directory")];
  let url: string;
  try {
    url = currentDatabaseUrl();
  } catch (error) {
    return [problem(name, error instanceof Error ? error.message : String(error), "Run this as another user.")];
  }
  const database = openDatabase(url, { program: "cli", connectionsMax: 1, log: createLog("cli", "silent") });
  try {
    const { rows } = await database.pool.query<{ version: number; now: Date }>(
      "SELECT current_setting('server_version_num')::integer AS version, clock_timestamp() AS now",
    );
    const [row] = rows;
    if (!row) throw new Error("a SELECT without FROM gives one row");
    return judgeDatabase({ ...row, isMigrated: await isMigrated(database.pool) }, new Date());
  } catch (error) {
    const { code } = error as { code?: unknown }; // pg's and Node's errors have one
    const remedy = env.DATABASE_URL
      ? "Start it, or correct DATABASE_URL: host, port, name, password."
      : "Start the server (npm start): it runs its own PostgreSQL.";
    return [problem(name, `it does not answer (${String(code ?? "no answer")})`, remedy)];
  } finally {
    await database.close();
  }
}

/** What a database says of itself. */
interface DatabaseState {
  /** As PostgreSQL numbers itself: 150004 is 15.4. */
  readonly version: number;
  readonly now: Date;
  readonly isMigrated: boolean;
}

/** What is to be said of a database that answers, and of its clock beside this machine's. */
export function judgeDatabase({ version, now, isMigrated: hasSchema }: DatabaseState, here: Date): Finding[] {
  const major = Math.floor(version / 10_000);
  if (version < oldestVersion) return [problem(name, `PostgreSQL is of version ${major}`, "Use 15 or newer.")];
  const remedy = "Run: npm run stablehand -- migrate (npm start does it too).";
  const skewMs = Math.abs(now.getTime() - here.getTime());
  return [
    hasSchema
      ? ok(name, `PostgreSQL ${major} answers, with this release's schema`)
      : warning(name, "the schema is older than this release", remedy),
    skewMs <= skewMsMax
      ? ok("clock", "it agrees with the database's")
      : warning(
          "clock",
          `it is ${Math.round(skewMs / 1_000)} s off the database's`,
          "Let both keep their time by NTP: signatures of webhooks and addresses of files depend on it.",
        ),
  ];
}
