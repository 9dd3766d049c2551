import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { inject } from "vitest";
import { startEmbeddedPostgres } from "../../packages/cli/src/embedded-postgres.ts";
import { placeProgram } from "../../packages/cli/src/program-place.ts";
import { ensureSystemUsers } from "../../packages/cli/src/system-users.ts";
import { checkout } from "./checkout.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The URL under which tests create their databases; set by global-setup.ts. */
    postgresUrl: string;
  }
}

/** A directory for one test: other users can enter it, as PostgreSQL must when the tests run as root. */
export async function makeOpenTempDir(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "stablehand-test-"));
  await chmod(dir, 0o755);
  return { dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

/** What `startEmbeddedPostgres` needs beside a directory, as root and not. `tempDir` takes the program if the checkout is closed. */
export async function postgresSetup(tempDir: string) {
  if (process.getuid?.() !== 0) return { programDir: checkout };
  const users = await ensureSystemUsers();
  return { programDir: placeProgram(checkout, join(tempDir, "program")), user: users.database };
}

/**
 * One PostgreSQL for a whole test run, in a directory of its own that `stop` deletes.
 *
 * The same server as in production except that it does not wait for the disk, since nothing of it is kept.
 */
export async function startTestPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const temp = await makeOpenTempDir();
  try {
    // A database in which an autovacuum worker is at work could not be dropped: it is a superuser's, and the role is none.
    const settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"];
    const postgres = await startEmbeddedPostgres({
      dir: join(temp.dir, "postgres"),
      ...(await postgresSetup(temp.dir)),
      settings,
    });
    return {
      url: postgres.url,
      async stop() {
        await postgres.stop();
        await temp.remove();
      },
    };
  } catch (error) {
    await temp.remove();
    throw error;
  }
}

/**
 * A new, empty database for the caller alone. `drop` ends whoever is still connected to it.
 *
 * Works in tests of a project that has tests/support/global-setup.ts.
 */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const adminUrl = inject("postgresUrl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  const run = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await run(`create database ${name}`); // hex: nothing to escape
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`drop database ${name} with (force)`) };
}
