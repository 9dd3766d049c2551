import { createLog } from "@stablehand/core/log";
import { modelPatience } from "../../packages/worker/src/agent/call-model.ts";
import { openReplay } from "../../packages/worker/src/agent/replay.ts";
import type { ReplayTurn } from "../../packages/worker/src/agent/replay-script.ts";
import { createRedactor } from "../../packages/worker/src/redact/redactor.ts";
import type { RunContext } from "../../packages/worker/src/run-task.ts";

/** What a test has to bring of a worker's context; all else has its default. */
export type RunContextParts = Pick<RunContext, "database" | "opener" | "browsers" | "held"> & Partial<RunContext>;

/** A worker's context whose model plays `turns`; null is a worker without a model. It extracts no design unless told how. */
export function runContextOf(turns: readonly ReplayTurn[] | null, parts: RunContextParts): RunContext {
  return {
    log: createLog("test", "silent"),
    workerId: "worker-1",
    patience: modelPatience,
    model: turns && openReplay([{ turns }], "test"),
    tokensPerTaskMax: null,
    healthMaxAgeMs: 3_600_000,
    accountWaitMs: 20,
    extractDesign: () => Promise.reject(new Error("no extraction here")),
    assetStore: null,
    observeRun: () => ({ stepped: () => {}, ended: () => {} }),
    onLost: () => {},
    onSealed: () => {},
    createRedactor,
    redactors: new Set(),
    taskTimeoutMs: 60_000,
    stopping: new AbortController().signal,
    ...parts,
  };
}
