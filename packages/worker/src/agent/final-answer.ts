import type { SchemaCheck } from "@stablehand/core/json-schema";
import { z } from "zod";
import type { Redactor } from "../redact/redactor.ts";

/** What a task came to. */
export interface FinalAnswer {
  readonly result: string;
  /** Conforms to the caller's schema; absent when there is none. */
  readonly structuredContent?: unknown;
}

/** The longest result that is kept, in characters. */
export const resultLengthMax = 32_768;

/**
 * What the tool `done` takes.
 *
 * The caller's schema is not in it: each provider takes another subset of JSON Schema for tools, without recursion or
 * with an object at the root only. The model reads it in its first message, and `judgeDone` checks.
 */
export function doneInput(hasSchema: boolean): z.ZodObject {
  const result = z.string().describe("The answer in a few words");
  return hasSchema
    ? z.strictObject({ result, data: z.unknown().describe("Conforms to the JSON Schema of the task") })
    : z.strictObject({ result });
}

/** Why `done` is not taken: what the model is told, and whether it was the data. */
export interface Rejection {
  readonly problem: string;
  readonly isDataWrong: boolean;
}

/**
 * Takes or rejects the input of a `done` call.
 *
 * Secrets are removed before the data is checked, so that what is kept conforms. Data that was sent as JSON text is read
 * as what it says if it only conforms that way.
 */
export function judgeDone(input: unknown, check: SchemaCheck | null, redactor: Redactor): FinalAnswer | Rejection {
  const parsed = doneInput(check !== null).safeParse(input);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error).slice(0, 1_000), isDataWrong: false };
  const { result, data } = parsed.data;
  const text = cutResult(redactor.text(String(result)));
  if (text === "") return { problem: "result is empty: answer in words.", isDataWrong: false };
  if (!check) return { result: text };

  const [first, ...others] = readings(data).map((reading) => {
    const value = redactor.deep(reading);
    return { value, problems: check(value) };
  });
  const conforming = [first, ...others].find((reading) => reading?.problems.length === 0);
  if (conforming) return { result: text, structuredContent: conforming.value };
  const problems = first?.problems.map((problem) => `data: ${redactor.text(problem)}`) ?? [];
  return { problem: problems.join("\n"), isDataWrong: true };
}

/** Within the bound, and without half a surrogate pair at its end. */
export function cutResult(text: string): string {
  return text.trim().slice(0, resultLengthMax).toWellFormed();
}

function readings(data: unknown): unknown[] {
  if (typeof data !== "string") return [data];
  try {
    return [data, JSON.parse(data)];
  } catch {
    return [data];
  }
}
