import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { ConfigError } from "@stablehand/core/env";
import { internet } from "../cage/internet.ts";
import type { WorkerConfig } from "../config.ts";

/** Stands beside the keyring in a data directory that `stablehand leaktest` made, and in no other. */
export const leaktestMark = "made-by-leaktest";

/**
 * Throws ConfigError unless a worker with these settings works in a leaktest's own data directory, and can reach neither
 * the internet nor a model beyond this machine.
 */
export function refuseElsewhere({ keyringFile, egress, model, allowPrivateWebhooks }: WorkerConfig): void {
  const isMarked = existsSync(join(dirname(keyringFile), leaktestMark));
  const isOffline = egress.internet !== internet && allowPrivateWebhooks;
  const isModelHere =
    model?.provider === "openai-compatible" && new URL(model.baseUrl).hostname === "127.0.0.1" && model.apiKey === null;
  if (isMarked && isOffline && isModelHere) return;
  throw new ConfigError(
    "this worker redacts nothing: only `stablehand leaktest --without-redaction` may run it, in a directory that it made itself",
  );
}
