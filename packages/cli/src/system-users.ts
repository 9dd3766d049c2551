import { CommandError } from "./command-error.ts";
import { runCommand } from "./run-command.ts";

/** A user of the operating system under which a part of Stablehand runs. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The three users, each unable to read what belongs to the other two. */
export interface SystemUsers {
  readonly database: SystemUser;
  readonly api: SystemUser;
  readonly worker: SystemUser;
}

const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C" };

/**
 * The users for PostgreSQL, the API and the worker, created when they are missing. For root only.
 *
 * Safe twice and from two processes at once. Throws a sentence with what to do when they cannot be created.
 */
export async function ensureSystemUsers(): Promise<SystemUsers> {
  return {
    database: await ensureUser("stablehand-db"),
    api: await ensureUser("stablehand-api"),
    worker: await ensureUser("stablehand-worker"),
  };
}

async function ensureUser(name: string): Promise<SystemUser> {
  const present = await findUser(name);
  if (present) return present;
  const args = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"];
  const failure = await runCommand("useradd", [...args, "--shell", "/usr/sbin/nologin", name], {
    timeoutMs: 20_000,
    env,
  })
    .then(() => null)
    .catch((error: Error) => error);
  // Looked up even after a failure: another process may have created it meanwhile.
  const created = await findUser(name);
  if (created) return created;
  throw new CommandError(
    `Started as root, Stablehand needs the system user ${name}, and useradd could not create it. ` +
      `Create the users stablehand-db, stablehand-api and stablehand-worker, or start Stablehand as an ordinary user.\n${failure?.message ?? ""}`,
    failure,
  );
}

async function findUser(name: string): Promise<SystemUser | null> {
  const number = async (flag: string): Promise<number> =>
    Number(await runCommand("id", [flag, name], { timeoutMs: 10_000, env }));
  return Promise.all([number("-u"), number("-g")]).then(
    ([uid, gid]) => ({ name, uid, gid }),
    () => null, // id fails for a user that does not exist
  );
}
