import { setTimeout as delay } from "node:timers/promises";
import { Command } from "commander";
import { CommandError } from "../command-error.ts";
import { currentPlaces, withDatabase } from "../installation.ts";
import { describeProgress, readVaultState, type VaultState } from "../vault-state.ts";

const lookEveryMs = 1_000;
// A job whose worker was killed is handed out again after 10 s, and the re-sealing waits 3 s for APIs.
const stuckAfterMs = 60_000;

/** `stablehand vault status`. */
export function statusCommand(): Command {
  return new Command("status")
    .description("show the keyring's keys, how many end-users' keys and webhook secrets each one holds, and what waits")
    .option("--follow", "go on showing what waits, each second, until nothing does")
    .option("--json", "print one JSON object; with --follow one a second")
    .action(async (options: { follow?: true; json?: true }) => {
      const { keyringFile } = currentPlaces().vault;
      await withDatabase(async ({ db }) => {
        const look = () => readVaultState(db, keyringFile);
        if (options.follow) return await follow(look, options.json ? toJson : describeProgress);
        const state = await look();
        print(options.json ? toJson(state) : describe(state));
      });
    });
}

/** Ends when nothing waits. Throws when a run has ended and left something, and when nothing has moved for a minute. */
async function follow(look: () => Promise<VaultState>, show: (state: VaultState) => string): Promise<void> {
  let last = "";
  let movedAt = performance.now();
  for (;;) {
    const state = await look();
    const { waiting, rotationsWaiting, run } = state;
    const line = show(state);
    if (line !== last) {
      print(line);
      last = line;
      movedAt = performance.now();
    }
    if (waiting === 0 && rotationsWaiting === 0) return;
    if (run?.finishedAt && run.unreadable > 0 && run.unreadable >= waiting + rotationsWaiting)
      throw new CommandError(
        `${run.unreadable} do not open and stay as they are: see the log of worker ${run.workerId}.`,
      );
    if (performance.now() - movedAt > stuckAfterMs)
      throw new CommandError(
        "Nothing has moved for a minute: is a worker running? It goes on by itself once one does.",
      );
    await delay(lookEveryMs);
  }
}

function describe(state: VaultState): string {
  const keys = state.keys.map(({ keyId, createdAt, current, endUsers, webhooks }) => {
    const since = createdAt === null ? "not in this keyring" : `created ${createdAt}`;
    return `${keyId}  ${since}  ${endUsers} end-users  ${webhooks} webhooks${current ? "  current" : ""}`;
  });
  return [`provider ${state.provider}`, ...keys, describeProgress(state)].join("\n");
}

function toJson(state: VaultState): string {
  return JSON.stringify(state);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
