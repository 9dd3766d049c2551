import { readFileSync } from "node:fs";
import { ConfigError } from "@stablehand/core/env";
import { z } from "zod";

/** A replay script does not fit what happens; the message says where, in words of ours and of the script. */
export class ReplayError extends Error {
  override readonly name = "ReplayError";
}

const regularExpression = z.string().refine((source) => {
  try {
    return Boolean(new RegExp(source, "gmu"));
  } catch {
    return false;
  }
}, "is no regular expression");

const call = z.strictObject({
  tool: z.string().min(1),
  input: z.record(z.string(), z.json()).default({}),
});

const turn = z
  .strictObject({
    text: z.string().min(1).optional(),
    calls: z.array(call).max(20).default([]),
    usage: z.strictObject({ inputTokens: z.int().min(0), outputTokens: z.int().min(0) }).optional(),
  })
  .refine(({ text, calls }) => text !== undefined || calls.length > 0, "a turn needs a text or calls");

const turns = z.array(turn).min(1).max(1_000);

const file = z.union([
  z.strictObject({ turns }),
  z.strictObject({ scripts: z.array(z.strictObject({ when: regularExpression.optional(), turns })).min(1) }),
]);

/** One answer of a scripted model. */
export type ReplayTurn = z.output<typeof turn>;

/** The answers to one kind of task. */
export interface ReplayScript {
  /** Of tasks whose text it is found in, case aside; every task when absent. */
  readonly when?: string | undefined;
  readonly turns: readonly ReplayTurn[];
}

/**
 * Reads a file of scripts, in their order; see `openReplay` for what they say.
 *
 * Errors: ConfigError when there is no such file, it is no JSON, or has another shape.
 */
export function readReplayScripts(path: string): ReplayScript[] {
  const parsed = file.safeParse(readJson(path));
  if (parsed.success) return "turns" in parsed.data ? [parsed.data] : parsed.data.scripts;
  throw new ConfigError(
    `MODEL names the replay script "${path}", which has another form:\n${z.prettifyError(parsed.error)}`,
  );
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new ConfigError(`MODEL names the replay script "${path}": there is no such file that this user may read`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError(`MODEL names the replay script "${path}": it is no JSON`);
  }
}
