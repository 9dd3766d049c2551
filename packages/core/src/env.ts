/** What a program was started with, as `process.env` gives it. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Says which setting is missing or wrong and what it should be; a program that meets it refuses to start. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** The exit code of a program that refused its configuration; a supervisor does not start it again. */
export const exitCodeConfig = 78;

/** Reads a setting that has no default. An empty value counts as missing. */
export function required(env: Env, name: string, what: string): string {
  const value = env[name];
  if (!value) throw new ConfigError(`${name} is not set: ${what}`);
  return value;
}

/** Reads a whole number within bounds, inclusive. */
export function integer(env: Env, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (!text) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new ConfigError(`${name} is "${text}": it must be a whole number from ${min} to ${max}`);
  return value;
}

/** Reads one of a fixed set of words. */
export function oneOf<const Word extends string>(env: Env, name: string, words: readonly Word[], fallback: Word): Word {
  const text = env[name];
  if (!text) return fallback;
  const word = words.find((one) => one === text);
  if (!word) throw new ConfigError(`${name} is "${text}": it must be one of ${words.join(", ")}`);
  return word;
}

/** Reads a setting that is 1 or not set. */
export function flag(env: Env, name: string): boolean {
  const text = env[name];
  if (text && text !== "1") throw new ConfigError(`${name} is "${text}": it must be 1 or not set`);
  return text === "1";
}
