import { Kysely, PostgresDialect } from "kysely";
import { Migrator } from "kysely/migration";
import { Pool } from "pg";
import * as credentialPlane from "../migrations/0001-credential-plane.ts";
import * as tasks from "../migrations/0002-tasks.ts";
import * as webhooks from "../migrations/0003-webhooks.ts";
import * as loginLeases from "../migrations/0004-login-leases.ts";
import * as leaks from "../migrations/0005-leaks.ts";
import * as design from "../migrations/0006-design.ts";
import * as taskMode from "../migrations/0007-task-mode.ts";
import * as allowedHosts from "../migrations/0008-allowed-hosts.ts";
import * as custody from "../migrations/0010-custody.ts";
import * as access from "../migrations/0011-access.ts";
import * as loginOrder from "../migrations/0012-login-order.ts";
import * as accounts from "../migrations/0013-accounts.ts";
import { installQueues } from "./queue.ts";

const migrations = {
  "0001-credential-plane": credentialPlane,
  "0002-tasks": tasks,
  "0003-webhooks": webhooks,
  "0004-login-leases": loginLeases,
  "0005-leaks": leaks,
  "0006-design": design,
  "0007-task-mode": taskMode,
  "0008-allowed-hosts": allowedHosts,
  "0010-custody": custody,
  "0011-access": access,
  "0012-login-order": loginOrder,
  "0013-accounts": accounts,
};

/**
 * Brings the database's schema to what this release needs, the queue's own included.
 *
 * Safe to run twice at once: the second waits. Returns the names that were applied, none when it was current.
 */
export async function migrate(databaseUrl: string): Promise<{ applied: string[] }> {
  const pool = new Pool({ connectionString: databaseUrl, max: 2, connectionTimeoutMillis: 5_000 });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
    const { error, results } = await migrator.migrateToLatest();
    if (error) throw error;
    await installQueues(databaseUrl);
    return { applied: (results ?? []).map((result) => result.migrationName) };
  } finally {
    await db.destroy();
  }
}

/** The names of the migrations that the database has, in order. */
export async function migrationsOf(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>("SELECT name FROM kysely_migration ORDER BY name");
  return rows.map((row) => row.name);
}

/** True when every migration of this release has been applied; later ones, of a newer release, do no harm. */
export async function isMigrated(pool: Pool): Promise<boolean> {
  const names = new Set(await migrationsOf(pool));
  return Object.keys(migrations).every((name) => names.has(name));
}
