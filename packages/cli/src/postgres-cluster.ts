import { randomBytes } from "node:crypto";
import { chmod, chown, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { CommandError } from "./command-error.ts";
import { type DatabaseUser, type PostgresPrograms, runPostgresProgram } from "./postgres-programs.ts";

const connectionFormat = z.object({ port: z.int().min(0).max(65_535), password: z.string().min(1) });

/** What is kept about a cluster from start to start. Port 0: none chosen yet. */
export type Connection = z.infer<typeof connectionFormat>;

/** The one role that can log in, and the name of its database. */
export const roleName = "stablehand";

/** PostgreSQL's own directory within `dir`; the database user's, closed to all others. */
export function clusterDirOf(dir: string): string {
  return join(dir, "cluster");
}

/**
 * Makes a cluster in `dir` when there is none, and checks that an existing one fits `programs`.
 *
 * Shape: `dir/cluster` (the database user's) and `dir/connection.json` (ours, 0600). Made aside as `dir.init-…` and renamed
 * when whole, so that an interrupted first start leaves nothing that counts. Nobody can log in but the role `stablehand`,
 * over loopback, with its password; it is no superuser, because a superuser of PostgreSQL may read files and run programs
 * as the user PostgreSQL runs under, which would give the API the worker's key when all run under one user.
 */
export async function ensureCluster(
  dir: string,
  { programs, user, log }: { programs: PostgresPrograms; user: DatabaseUser; log: (line: string) => void },
): Promise<"created" | "present"> {
  await removeInterrupted(dir);
  if (await lstat(dir).catch(nullWhenMissing)) {
    await checkVersion(dir, programs);
    return "present";
  }
  log("Creating the database (first start only) …");
  // A name of its own: after a kill -9 PostgreSQL's initdb goes on for a moment in the directory it was given.
  const made = `${dir}.init-${randomBytes(4).toString("hex")}`;
  const cluster = clusterDirOf(made);
  const password = randomBytes(24).toString("base64url");
  await mkdir(cluster, { recursive: true, mode: 0o711 });
  await chmod(made, 0o711);
  await chmod(cluster, 0o700);
  if (user) await chown(cluster, user.uid, user.gid);
  const locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
  await runPostgresProgram(
    programs.initdb,
    [`--pgdata=${cluster}`, "--username=postgres", "--auth=reject", ...locale, "--data-checksums", "--no-instructions"],
    { user, timeoutMs: 120_000 },
  );
  await createRole(cluster, password, { programs, user });
  await writeConnection(made, { port: 0, password });
  await rename(made, dir);
  return "created";
}

/** The kept connection of the cluster in `dir`. Throws a sentence when `dir` is not one that `ensureCluster` made. */
export async function readConnection(dir: string): Promise<Connection> {
  try {
    return connectionFormat.parse(JSON.parse(await readFile(join(dir, "connection.json"), "utf8")));
  } catch (error) {
    throw new CommandError(
      `${dir} is there, but connection.json in it cannot be read, so it is no database that Stablehand made, or not this user's. ` +
        "Move it away, start Stablehand as the user who made it, or choose another STABLEHAND_DATA_DIR.",
      error,
    );
  }
}

/** Replaces the kept connection in one step: a reader sees the old one or the new one. */
export async function writeConnection(dir: string, connection: Connection): Promise<void> {
  const file = join(dir, "connection.json");
  await rm(`${file}.new`, { force: true });
  await writeFile(`${file}.new`, JSON.stringify(connection), { mode: 0o600, flag: "wx", flush: true });
  await rename(`${file}.new`, file);
}

/** Single-user mode, since nobody can log in yet. It reports SQL errors on its output and exits 0 all the same. */
async function createRole(
  cluster: string,
  password: string,
  { programs, user }: { programs: PostgresPrograms; user: DatabaseUser },
): Promise<void> {
  const statements = [
    `create role ${roleName} login createdb password '${password}'`, // base64url: nothing to escape
    `create database ${roleName} owner ${roleName}`,
  ];
  const output = await runPostgresProgram(programs.postgres, ["--single", "-D", cluster, "postgres"], {
    user,
    timeoutMs: 60_000,
    input: `${statements.join("\n")}\n`,
  });
  if (/\b(ERROR|FATAL|PANIC):/.test(output)) {
    throw new CommandError(`PostgreSQL did not create its role:\n${output.replaceAll(password, "[password]")}`);
  }
  const rule = `host all ${roleName} 127.0.0.1/32 scram-sha-256\n`;
  await runPostgresProgram("/bin/sh", ["-c", 'cat > "$1"', "sh", join(cluster, "pg_hba.conf")], {
    user,
    timeoutMs: 10_000,
    input: rule,
  });
}

async function checkVersion(dir: string, programs: PostgresPrograms): Promise<void> {
  const versionFile = join(clusterDirOf(dir), "PG_VERSION");
  const made = (await readFile(versionFile, "utf8").catch(nullWhenMissing))?.trim();
  if (made === undefined) {
    throw new CommandError(
      `${dir} is there, but it is no database that Stablehand made. Move it away or choose another STABLEHAND_DATA_DIR.`,
    );
  }
  const version = await runPostgresProgram(programs.postgres, ["--version"], { user: undefined, timeoutMs: 10_000 });
  const ours = /(\d+)/.exec(version)?.[1];
  if (made !== ours) {
    throw new CommandError(
      `The database in ${dir} was made by PostgreSQL ${made}, and this release brings PostgreSQL ${ours}. ` +
        `Start the release that brought ${made}, save the data with pg_dump, move ${dir} away, start this release and restore.`,
    );
  }
}

async function removeInterrupted(dir: string): Promise<void> {
  try {
    await mkdir(dirname(dir), { recursive: true });
    const interrupted = (await readdir(dirname(dir))).filter((name) => name.startsWith(`${basename(dir)}.init-`));
    for (const name of interrupted)
      await rm(join(dirname(dir), name), { recursive: true, force: true, maxRetries: 10 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`Stablehand cannot write where its data should go, ${dirname(dir)}: ${reason}`, error);
  }
}

function nullWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
