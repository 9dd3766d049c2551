import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeStart } from "../../packages/cli/src/announce.ts";
import { resolvePlaces } from "../../packages/cli/src/places.ts";
import { clusterDirOf } from "../../packages/cli/src/postgres-cluster.ts";
import { apiProgram, workerProgram } from "../../packages/cli/src/programs.ts";
import { ensureSystemUsers } from "../../packages/cli/src/system-users.ts";
import { checkout } from "../support/checkout.ts";
import { findProgram } from "../support/processes.ts";
import { makeDataDir, runCli, startServer, type TestServer } from "../support/server.ts";

let data: Awaited<ReturnType<typeof makeDataDir>>;
let server: TestServer;
let apiKey: string;
const isRoot = process.getuid?.() === 0;
const at = "/v1/end-users/alice/credentials";

beforeAll(async () => {
  data = await makeDataDir();
  server = await startServer(data.dir);
  apiKey = server.apiKey ?? "";
});
afterAll(async () => {
  await server.stop();
  await data.remove();
});

const postmasterFile = () => join(clusterDirOf(join(data.dir, "postgres")), "postmaster.pid");
const databaseUrl = () => readFileSync(join(data.dir, "database.url"), "utf8").trim();

function postmasterPid(): number {
  return Number(readFileSync(postmasterFile(), "utf8").split("\n", 1)[0]);
}

describe("a first start on an empty directory", () => {
  test("prints a key that works, and a curl line that works when pasted", async () => {
    expect(apiKey).toMatch(/^sb_live_/);
    const text = describeStart({ url: server.url, dataDir: data.dir, apiKey, setup: null, hasModel: true });
    const line = text.split("\n").find((one) => one.trim().startsWith("curl ")) ?? "";
    const { stdout } = spawnSync("sh", ["-c", line], { encoding: "utf8", timeout: 10_000 });
    expect(stdout).toBe('{"ok":true}');
    expect((await server.call("GET", at)).body).toMatchObject({ platforms: { twitter: true } });
  });

  test("prints a link that makes the account of the first key's business; the secret behind it is the API's alone", async () => {
    const { url = "", business } = server.setup ?? {};
    expect([url.startsWith(`${server.url}/setup#token=`), business]).toEqual([true, "default"]);
    const signedUp = await fetch(`${server.url}/auth/sign-up/email`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin: server.url,
        "x-setup-token": new URL(url).hash.replace("#token=", ""),
      },
      body: JSON.stringify({ name: "Ann", email: "ann@example.com", password: "correct horse battery staple" }),
    });
    expect(signedUp.status).toBe(200);
    const cookie = signedUp.headers
      .getSetCookie()
      .map((text) => text.split(";", 1)[0])
      .join("; ");
    const { token } = (await (await fetch(`${server.url}/auth/token`, { headers: { cookie } })).json()) as {
      token: string;
    };
    const keys = await server.call("GET", "/v1/api-keys", undefined, token);
    expect(keys).toMatchObject({ status: 200, body: { keys: [{ prefix: apiKey.slice(0, 16), label: "first key" }] } });
    expect(statSync(join(data.dir, "auth.secret")).mode & 0o777).toBe(0o600);
    expect(findProgram("api", data.dir)?.env).toContain("AUTH_SECRET=");
    expect(findProgram("worker", data.dir)?.env).not.toContain("AUTH_SECRET");
  });

  test("is ready by its own account, and describes itself", async () => {
    expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ ready: true });
    const openapi = (await (await fetch(`${server.url}/v1/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(openapi.paths)).toContain("/v1/end-users/{endUserId}/credentials");
  });
});

describe("the key file", () => {
  const places = () => resolvePlaces({ STABLEHAND_DATA_DIR: data.dir }, { cwd: checkout, isRoot, checkout });

  test("is of mode 0600, and belongs to the worker's user", async () => {
    const stat = statSync(places().vault.keyFile);
    expect(stat.mode & 0o777).toBe(0o600);
    expect(stat.uid).toBe(isRoot ? (await ensureSystemUsers()).worker.uid : process.getuid?.());
  });

  test("cannot be read from the API's side, however the API is started here; from the worker's side it can", async () => {
    const users = isRoot ? await ensureSystemUsers() : undefined;
    // The program's place is the checkout's, or the copy that other users can enter.
    const programDir = isRoot ? statProgramDir(places().stagedProgramDir) : checkout;
    const setup = {
      programDir,
      places: places(),
      databaseUrl: databaseUrl(),
      env: process.env,
      cwd: checkout,
      users,
    };
    const probe = `try { console.log(require("node:fs").readFileSync(${JSON.stringify(places().vault.keyFile)}, "utf8").length) } catch (error) { console.log(error.code) }`;
    const run = (spec: ReturnType<typeof apiProgram>) => {
      const flags = spec.args.filter((arg) => arg.startsWith("--"));
      return spawnSync(spec.command, [...flags, "-e", probe], {
        env: { ...spec.env },
        cwd: spec.cwd,
        ...(spec.user && { uid: spec.user.uid, gid: spec.user.gid }),
        encoding: "utf8",
        timeout: 20_000,
      }).stdout.trim();
    };
    expect(run(apiProgram(setup, "secret"))).toBe("ERR_ACCESS_DENIED");
    expect(run(workerProgram(setup, { chromiumPath: "/bin/true", tmpDir: places().workerTmpDir }))).toBe("44");
    if (isRoot) {
      const withoutPermissionModel = { ...apiProgram(setup, "secret"), args: [] };
      expect(run(withoutPermissionModel), "the operating system's own rule stops it too").toBe("EACCES");
    }
  });

  test("the API's code cannot even name what opens: the export does not exist for it", () => {
    const { stderr } = spawnSync(
      join(checkout, "node_modules/.bin/node"),
      ["--input-type=module", "-e", 'await import("@stablehand/vault/open")'],
      { cwd: join(checkout, "packages/api"), encoding: "utf8", timeout: 20_000 },
    );
    expect(stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });
});

function statProgramDir(staged: string): string {
  return statSync(staged, { throwIfNoEntry: false }) ? staged : checkout;
}

describe("the CLI beside the running server", () => {
  const env = () => ({ STABLEHAND_DATA_DIR: data.dir });

  test("creates a key with one JSON object, lists it and revokes it; the next request with it is refused", async () => {
    const created = JSON.parse(
      (await runCli(["keys", "create", "--business", "acme", "--label", "test", "--json"], env())).stdout,
    );
    expect(Object.keys(created).sort()).toEqual(["businessId", "createdAt", "keyId", "label", "prefix", "secret"]);
    expect((await server.call("GET", at, undefined, created.secret)).status).toBe(200);
    const list = JSON.parse((await runCli(["keys", "list", "--business", "acme", "--json"], env())).stdout);
    expect(list.keys).toMatchObject([{ keyId: created.keyId, label: "test", revokedAt: null }]);
    expect(JSON.stringify(list)).not.toContain(created.secret.slice(17));
    expect((await runCli(["keys", "revoke", created.prefix, "--business", "acme"], env())).code).toBe(0);
    expect((await server.call("GET", at, undefined, created.secret)).status).toBe(403);
    expect((await runCli(["keys", "revoke", created.prefix, "--business", "acme"], env())).code).toBe(0);
  });

  test.each([
    [["keys", "list", "--business", "nobody"], /no business named nobody/],
    [["keys", "revoke", "sb_live_00000000", "--business", "default"], /default has no key sb_live_00000000/],
    [["keys", "create", "--business", " "], /--business is empty/],
    [["keys", "create", "--business", "x", "--label", "x".repeat(61)], /longer than 60/],
    [["keys", "create"], /required option '--business/],
    [["nonsense"], /unknown command 'nonsense'/],
  ])("%j fails with a sentence and no stack", async (args, says) => {
    const { code, stderr } = await runCli(args, env());
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("without a server it says to start one", async () => {
    const empty = await makeDataDir();
    const { code, stderr } = await runCli(["keys", "list", "--business", "x"], {
      STABLEHAND_DATA_DIR: join(empty.dir, "data"),
    });
    await empty.remove();
    expect([code, stderr]).toEqual([1, expect.stringContaining("Start the server first (npm start)")]);
  });

  test("vault init on the same data replaces nothing", async () => {
    const before = readFileSync(join(data.dir, "worker/keyring.json"), "utf8");
    expect((await runCli(["vault", "init"], env())).stdout).toContain("nothing was replaced");
    expect(readFileSync(join(data.dir, "worker/keyring.json"), "utf8")).toBe(before);
  });
});

describe("faults", () => {
  test("a second server on the same data is refused with a sentence", async () => {
    const second = await runCli(["start"], { STABLEHAND_DATA_DIR: data.dir, PORT: "0" });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain("already running");
    expect((await server.call("GET", at)).status).toBe(200);
  });

  test("PostgreSQL killed with kill -9: 503 on /readyz, 500 with a request id on routes, and recovery without a restart", async () => {
    const readiness = async () => (await fetch(`${server.url}/readyz`)).status;
    const answers: { status: number; body: unknown }[] = [];
    process.kill(postmasterPid(), "SIGKILL");
    await expect.poll(readiness, { timeout: 5_000, interval: 20 }).toBe(503);
    const recovered = async () => {
      answers.push(await server.call("GET", at));
      return readiness();
    };
    await expect.poll(recovered, { timeout: 30_000, interval: 20 }).toBe(200);
    const refused = answers.filter((answer) => answer.status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused)
      expect(answer).toEqual({
        status: 500,
        body: { code: "internal", requestId: expect.any(String), error: expect.stringContaining("request id") },
      });
    expect((await server.call("PUT", at, { twitterCt0: "CANARY" })).status).toBe(200);
  });

  test("kill -9 of the supervisor: the next start takes over PostgreSQL, loses nothing and asks nothing", async () => {
    await server.call("PUT", "/v1/end-users/kept/credentials", { redditSession: "CANARY" });
    await server.kill();
    server = await startServer(data.dir);
    expect(server.apiKey, "a secret is shown once").toBeNull();
    expect(server.setup, "there is an account").toBeNull();
    const { body } = await server.call("GET", "/v1/end-users/kept/credentials", undefined, apiKey);
    expect(body).toMatchObject({ platforms: { reddit: true } });
    const client = new pg.Client({ connectionString: databaseUrl() });
    await client.connect();
    const { rows } = await client.query("SELECT count(*) FROM credential_access");
    expect(Number(rows[0].count)).toBeGreaterThan(0);
    await client.end();
  });

  test("Ctrl-C stops everything within 5 s with exit code 0, and the next start has the same data", async () => {
    const { code, ms } = await server.stop("SIGINT");
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5_000);
    expect(() => process.kill(server.pid, 0)).toThrow();
    expect(statSync(postmasterFile(), { throwIfNoEntry: false })).toBeUndefined();
    server = await startServer(data.dir);
    expect((await server.call("GET", "/v1/end-users/kept/credentials", undefined, apiKey)).body).toMatchObject({
      platforms: { reddit: true },
    });
  });

  test("a key file that others can read stops the start with the command that mends it", async () => {
    await server.stop();
    const keyFile = join(data.dir, "worker/vault.key");
    const key = readFileSync(keyFile, "utf8");
    rmSync(keyFile);
    writeFileSync(keyFile, key, { mode: 0o644 });
    await expect(startServer(data.dir)).rejects.toThrow(/chmod 600/);
    const { mode } = statSync(keyFile);
    expect(mode & 0o777).toBe(0o644);
    spawnSync("chmod", ["600", keyFile]);
    if (isRoot) spawnSync("chown", [`--reference=${join(data.dir, "worker")}`, keyFile]);
    server = await startServer(data.dir);
  });
});
