import { credentialCookies, credentialValueMax } from "./contract/tables.ts";
import { StablehandError } from "./errors.ts";

/** One of the twelve. */
export type CredentialField = keyof typeof credentialCookies;

/** Values to be stored; a field that is absent or undefined keeps what is stored. */
export type CredentialValues = { readonly [Field in CredentialField]?: string | undefined };

const fields = Object.keys(credentialCookies) as CredentialField[]; // the keys of a literal
const neverInACookie = /[\p{Cc}\p{Cs}\s",;\\]/u;

/**
 * Checks values as the server checks those that it can read, and trims them.
 *
 * Throws StablehandError, which names fields and never values.
 */
export function readCredentialValues(values: CredentialValues): [CredentialField, string][] {
  const unknown = Object.keys(values).some((name) => !Object.hasOwn(credentialCookies, name));
  if (unknown) throw new StablehandError(`a name is no credential field; there are ${fields.join(", ")}`);
  const given = fields.flatMap((field): [CredentialField, string][] => {
    const value: unknown = values[field];
    return value === undefined ? [] : [[field, readValue(field, value)]];
  });
  if (given.length === 0) throw new StablehandError(`no credential field is given: give one of ${fields.join(", ")}`);
  return given;
}

function readValue(field: CredentialField, given: unknown): string {
  if (typeof given !== "string") throw new StablehandError(`${field} must be a string`);
  const value = given.trim();
  const cookie = credentialCookies[field];
  if (value === "") throw new StablehandError(`${field} is empty: leave it out to keep what is stored, or delete it`);
  if (value.length > credentialValueMax && [...value].length > credentialValueMax)
    throw new StablehandError(`${field} is longer than ${credentialValueMax} characters`);
  if (value.startsWith(`${cookie}=`))
    throw new StablehandError(`${field} starts with "${cookie}=": give only what comes after the equals sign`);
  if (neverInACookie.test(value)) throw new StablehandError(`${field} has a character that no cookie value can have`);
  return value;
}
