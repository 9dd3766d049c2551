import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { ConfigError, type Env } from "@stablehand/core/env";

/** Where headful browsers draw. */
export interface Display {
  /** What a browser's environment says of it: DISPLAY, and XAUTHORITY where there is one. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends it, if it is ours. Safe twice. */
  stop(): Promise<void>;
}

const startMs = 10_000;
const stopMs = 2_000;
const screen = "1920x1080x24";
const missing =
  "BROWSER_MODE is headful, but there is no display: install Xvfb (Debian: apt install xvfb), or set DISPLAY, or set BROWSER_MODE=headless";

/**
 * Gives headful browsers the display that `DISPLAY` names, or else one of this worker's own: an Xvfb without a port that
 * only who can read the worker's directory may use.
 *
 * After `kill -9` of the worker whoever empties its TMPDIR finds the Xvfb by it. Errors: ConfigError when there is neither
 * a DISPLAY nor an Xvfb, or it does not start within 10 s. `program` is another Xvfb, for tests.
 */
export async function openDisplay(env: Env, tmpDir: string, program = "Xvfb"): Promise<Display> {
  const { DISPLAY, XAUTHORITY } = env;
  if (DISPLAY) return { env: { DISPLAY, ...(XAUTHORITY && { XAUTHORITY }) }, stop: async () => undefined };
  const directory = await mkdtemp(join(tmpDir, "x-"));
  const authority = join(directory, "authority");
  await writeFile(authority, authorityOf(randomBytes(16)), { mode: 0o600 });
  const args = ["-displayfd", "3", "-screen", "0", screen, "-nolisten", "tcp", "-nolisten", "local", "-noreset"];
  const child = spawn(program, [...args, "-auth", authority], {
    env: { PATH: env.PATH ?? "", TMPDIR: tmpDir, HOME: directory },
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const stop = async () => {
    await end(child, ended);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const number = await numberOf(child, ended);
    return { env: { DISPLAY: `:${number}`, XAUTHORITY: authority }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The line that Xvfb writes to its third pipe when it can be used. */
function numberOf(child: ChildProcess, ended: Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ConfigError("Xvfb did not start within 10 s")), startMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    child.once("error", (cause) => settle(() => reject(new ConfigError(missing, { cause }))));
    void ended.then(() => settle(() => reject(new ConfigError("Xvfb ended at once: see whether it runs by hand"))));
    let said = "";
    const pipe = child.stdio[3] as Readable; // as `stdio` above asks for
    pipe.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const [, number] = /^(\d+)\n/.exec(said) ?? [];
      if (number) settle(() => resolve(Number(number)));
    });
  });
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill("SIGTERM"); // it then removes its socket and lock
  const kill = setTimeout(() => child.kill("SIGKILL"), stopMs);
  await ended;
  clearTimeout(kill);
}

/**
 * An Xauthority file with one MIT-MAGIC-COOKIE-1 for every address and display.
 *
 * Source: Xau(3): family 0xffff, then address, display, name and data, each after its length in two bytes.
 */
function authorityOf(cookie: Buffer): Buffer {
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  const empty = field(Buffer.alloc(0));
  return Buffer.concat([
    Buffer.from([255, 255]),
    empty,
    empty,
    field(Buffer.from("MIT-MAGIC-COOKIE-1")),
    field(cookie),
  ]);
}
