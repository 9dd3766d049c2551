import vm from "node:vm";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";

/** A caller's JSON Schema cannot be used; the message is a sentence for that caller. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
}

/** Why a value does not conform, one entry a place, in words; empty when it conforms. Never throws, and takes a bounded time. */
export type SchemaCheck = (value: unknown) => string[];

/** The longest schema that is taken, in UTF-16 units of its JSON. */
export const schemaLengthMax = 65_536;

const depthMax = 100;
const compileMsMax = 500;
const checkMsMax = 500;
const valueLengthMax = 1_048_576;
const problemsMax = 20;
const problemLengthMax = 300;

/**
 * Compiles a JSON Schema (2020-12) that a stranger wrote.
 *
 * `$schema` is not looked at, formats are annotations, and a `$ref` is never fetched: it leads somewhere in the schema or
 * does not compile. Compiling and checking run under a time limit that also ends a regular expression or a generated
 * function that would not return; meanwhile nothing else in this process runs.
 * Errors: SchemaError.
 */
export function compileSchema(schema: object): SchemaCheck {
  const text = toJson(schema);
  if (text === undefined || Array.isArray(schema)) throw new SchemaError("schema must be a JSON object");
  if (text.length > schemaLengthMax)
    throw new SchemaError(`schema is ${text.length} characters of JSON: at most ${schemaLengthMax} are taken`);
  if (depthOf(text) > depthMax) throw new SchemaError(`schema is nested more than ${depthMax} levels deep`);
  const validate = compileWithin(text);
  return (value) => problemsOf(value, validate);
}

function compileWithin(text: string): ValidateFunction {
  // A copy, because Ajv keeps the object. `$async` would make the check answer with a promise, which is no "no".
  const { $schema: _dialect, $async: _async, ...schema } = JSON.parse(text);
  try {
    return within(compileMsMax, () => openAjv().compile(schema));
  } catch (error) {
    throw new SchemaError(`schema does not compile: ${sayFailure(error)}`);
  }
}

function openAjv(): Ajv2020 {
  return new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: false,
    inlineRefs: false,
    logger: false,
    code: { optimize: false },
  });
}

function problemsOf(value: unknown, validate: ValidateFunction): string[] {
  const text = toJson(value);
  if (text === undefined) return ["the value is no JSON"];
  if (text.length > valueLengthMax) return [`the value is over ${valueLengthMax} characters of JSON`];
  try {
    return within(checkMsMax, () =>
      validate(value) ? [] : (validate.errors ?? []).slice(0, problemsMax).map(sayError),
    );
  } catch (error) {
    return [`the value could not be checked against the schema: ${sayFailure(error)}`];
  }
}

function sayError({ instancePath, message = "does not conform", params }: ErrorObject): string {
  const detail = Object.values(params).filter((value) => typeof value === "string" || Array.isArray(value));
  const rest = detail.length > 0 && !message.includes(String(detail[0])) ? ` (${JSON.stringify(detail)})` : "";
  return `${instancePath || "the value"} ${message}${rest}`.slice(0, problemLengthMax);
}

function sayFailure(error: unknown): string {
  // The error of a timeout belongs to the context's realm: it is no `instanceof Error` here.
  const { message } = Object(error);
  if (isTimeout(error)) return "it takes too long; use fewer patterns, or simpler ones";
  if (error instanceof RangeError) return "it refers to itself without end, or is too large";
  return String(message).slice(0, problemLengthMax);
}

function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // it refers to itself, or is nested too deep to be written
  }
}

/** How deep the brackets go, without recursion. Takes JSON text. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{}\]]/g)) {
    if (bracket === "{" || bracket === "[") deepest = Math.max(deepest, ++depth);
    else if (bracket === "}" || bracket === "]") depth--;
  }
  return deepest;
}

const call = new vm.Script("run()");
const isTimeout = (error: unknown) => Object(error).code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
const starvedMax = 3;

/**
 * Runs a function and ends it after `ms`, wherever it is; it is begun anew, at most three times, when this process got less
 * than half of that time from the machine, so that a simple schema is not refused because others are busy.
 *
 * The limit of `vm` holds for all that the script calls, functions of this realm and regular expressions included.
 */
function within<Result>(ms: number, run: () => Result): Result {
  for (let starved = 0; ; starved++) {
    const before = process.cpuUsage();
    try {
      return call.runInContext(vm.createContext({ run }), { timeout: ms });
    } catch (error) {
      const { user, system } = process.cpuUsage(before);
      if (!isTimeout(error) || starved >= starvedMax || user + system > ms * 500) throw error;
    }
  }
}
