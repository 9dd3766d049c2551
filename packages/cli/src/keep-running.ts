import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { exitCodeConfig } from "@stablehand/core/env";
import { CommandError } from "./command-error.ts";
import { forwardLines } from "./forward-lines.ts";
import type { SystemUser } from "./system-users.ts";

/** A program that a supervisor keeps running, with nothing inherited. */
export interface ProgramSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: SystemUser | undefined;
  /** Run before the first start and after each exit; when it rejects `startsMax` times, the program is given up. */
  clean(): Promise<void>;
}

/** How patient the supervisor is; tests are less so. */
export interface Patience {
  readonly readyMs: number;
  readonly firstBackoffMs: number;
  readonly lastBackoffMs: number;
  /** A program that ran this long starts again without waiting longer than the first time. */
  readonly stableMs: number;
  /** Starts that may fail before the program was ever ready. */
  readonly startsMax: number;
}

/** A program that is started again whenever it dies. */
export interface KeptProgram {
  /** What the program first said when it was ready. */
  readonly firstReady: Promise<ReadyWords>;
  /** Resolves after `stop`; rejects, with the program's last words, when it is given up. */
  readonly ended: Promise<void>;
  /** The running process; undefined between two. */
  readonly pid: number | undefined;
  /** SIGTERM, after `timeoutMs` SIGKILL. Resolves when process and leavings are gone. Safe twice. */
  stop(timeoutMs: number): Promise<void>;
}

/** The ready message of core/program.ts. */
export interface ReadyWords {
  readonly url?: string;
  readonly workerId?: string;
}

interface Exit {
  readonly how: string;
  readonly code: number | null;
  readonly words: string;
}

const usualPatience: Patience = {
  readyMs: 30_000,
  firstBackoffMs: 200,
  lastBackoffMs: 10_000,
  stableMs: 60_000,
  startsMax: 5,
};
const lineCharactersMax = 16_384;
const lastWordsLines = 20;

/**
 * Starts a program and starts it again whenever it exits, waiting twice as long each time.
 *
 * Given up when it refuses its configuration (exit code 78) or when it fails `startsMax` times before it was ever ready.
 * Runs in a session of its own, so that Ctrl-C reaches only the supervisor, which then stops everything in order.
 */
export function keepRunning(
  spec: ProgramSpec,
  { onLine, patience = usualPatience }: { onLine: (line: string) => void; patience?: Patience },
): KeptProgram {
  const firstReady = Promise.withResolvers<ReadyWords>();
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  let wasReady = false;
  let failedStarts = 0;
  let backoffMs = patience.firstBackoffMs;

  const runOnce = (): Promise<Exit> => {
    const started = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: { ...spec.env },
      ...(spec.user && { uid: spec.user.uid, gid: spec.user.gid }),
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child = started;
    const words: string[] = [];
    const hear = (line: string): void => {
      words.push(line);
      if (words.length > lastWordsLines) words.shift();
      onLine(line);
    };
    if (started.stdout) forwardLines(started.stdout, lineCharactersMax, hear);
    if (started.stderr) forwardLines(started.stderr, lineCharactersMax, hear);
    const tooLate = setTimeout(() => {
      hear(`${spec.name} was not ready in ${patience.readyMs} ms`);
      killGroup(started);
    }, patience.readyMs);
    started.on("message", (message) => {
      if (!isReady(message)) return;
      clearTimeout(tooLate);
      wasReady = true;
      firstReady.resolve(message);
    });
    return new Promise((resolve) => {
      const end = (how: string, code: number | null): void => {
        clearTimeout(tooLate);
        child = undefined;
        resolve({ how, code, words: words.join("\n") });
      };
      started.once("error", (error) => end(`could not be run: ${error.message}`, null));
      started.once("exit", (code, signal) => {
        killGroup(started);
        const endWithWords = (): void => end(`ended with ${code ?? signal}`, code);
        // "close" comes after the last words, but never while a process outside the group holds the pipes open.
        const enough = setTimeout(endWithWords, 250);
        started.once("close", () => {
          clearTimeout(enough);
          endWithWords();
        });
      });
    });
  };

  const cleanUp = async (): Promise<void> => {
    for (let tries = 1; ; tries++) {
      try {
        return await spec.clean();
      } catch (error) {
        if (tries >= patience.startsMax || stopping.signal.aborted) throw error;
        onLine(`stablehand: what the ${spec.name} left could not be removed; trying again`);
        await delay(patience.firstBackoffMs);
      }
    }
  };

  const loop = async (): Promise<void> => {
    await cleanUp();
    while (!stopping.signal.aborted) {
      const startedAt = Date.now();
      const exit = await runOnce();
      await cleanUp();
      if (stopping.signal.aborted) return;
      const refused = exit.code === exitCodeConfig;
      if (!wasReady) failedStarts++;
      if (refused || failedStarts >= patience.startsMax) {
        const verdict = refused ? "refused its configuration" : `did not start, ${failedStarts} times; it ${exit.how}`;
        throw new CommandError(`The ${spec.name} ${verdict}:\n${exit.words}`);
      }
      if (Date.now() - startedAt >= patience.stableMs) backoffMs = patience.firstBackoffMs;
      onLine(`stablehand: the ${spec.name} ${exit.how}; starting it again in ${backoffMs} ms`);
      await delay(backoffMs, undefined, { signal: stopping.signal }).catch(() => {});
      backoffMs = Math.min(backoffMs * 2, patience.lastBackoffMs);
    }
  };

  const ended = loop();
  ended.catch(firstReady.reject);
  firstReady.promise.catch(() => {}); // told through `ended`
  return {
    firstReady: firstReady.promise,
    ended,
    get pid() {
      return child?.pid;
    },
    async stop(timeoutMs) {
      stopping.abort();
      child?.kill("SIGTERM");
      const kill = setTimeout(() => child && killGroup(child), timeoutMs);
      await ended.catch(() => {});
      clearTimeout(kill);
    },
  };
}

function isReady(message: unknown): message is ReadyWords {
  return typeof message === "object" && message !== null && "type" in message && message.type === "ready";
}

/** The program's own process group; a browser has one of its own and is found by sweep-worker.ts. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}
