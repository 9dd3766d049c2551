import { Kysely, PostgresDialect } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
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
import * as uploadTickets from "../migrations/0014-upload-tickets.ts";
import * as dashboard from "../migrations/0015-dashboard.ts";
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
  "0014-upload-tickets": uploadTickets,
  "0015-dashboard": dashboard,
};

const undefinedTable = "42P01";

/**
 * Brings the database's schema to what this release needs, the queue's own included.
 *
 * Safe to run twice at once: the second waits. Returns the names that were applied, none when it was current, or newer:
 * programs of the release before are started anew while an upgrade goes on.
 */
export async function migrate(databaseUrl: string): Promise<{ applied: string[] }> {
  const pool = new Pool({ connectionString: databaseUrl, max: 2, connectionTimeoutMillis: 5_000 });
  pool.on("error", () => {}); // an idle connection broke: the next statement tells, and after the last it does not matter
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const getMigrations = async () => ({ ...migrations, ...(await laterMigrations(pool)) });
    const migrator = new Migrator({ db, provider: { getMigrations } });
    const { error, results } = await migrator.migrateToLatest();
    if (error) throw error;
    await installQueues(databaseUrl);
    return { applied: (results ?? []).map((result) => result.migrationName) };
  } finally {
    await db.destroy();
  }
}

/** Those that a newer release has applied: the migrator refuses a database with migrations that it does not know. */
async function laterMigrations(pool: Pool): Promise<Record<string, Migration>> {
  const later = (await migrationsOf(pool)).filter((name) => !Object.hasOwn(migrations, name));
  return Object.fromEntries(later.map((name) => [name, { up: async () => {} }]));
}

/** The names of the migrations that the database has, in order. */
export async function migrationsOf(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>("SELECT name FROM kysely_migration ORDER BY name");
  return rows.map((row) => row.name);
}

/** True when every migration of this release has been applied; later ones, of a newer release, do no harm. */
export async function isMigrated(pool: Pool): Promise<boolean> {
  const names = await migrationsOf(pool).catch((error: unknown): string[] => {
    if ((error as { code?: unknown }).code === undefinedTable) return []; // PostgreSQL's errors have one
    throw error;
  });
  return Object.keys(migrations).every((name) => names.includes(name));
}
