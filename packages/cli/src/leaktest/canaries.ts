import { randomBytes, randomInt } from "node:crypto";
import { type CredentialField, credentialFieldNames } from "@stablehand/contract";
import type { Sought } from "./search/needles.ts";

/** What one run of a leaktest is about. */
export interface Canaries {
  /** The twelve cookies that are uploaded. */
  readonly values: Readonly<Record<CredentialField, string>>;
  /** No secret: planted where values could come out, and found again, or else the search was blind. Letters and digits. */
  readonly marker: string;
  /** A piece of the marker that is a number. */
  readonly markerNumber: number;
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const randomText = (length: number, alphabet = letters): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");

/** Values in the forms that real ones have: hex, digits, base64, percent signs, and what HTML and URLs escape. */
const forms: readonly (() => string)[] = [
  () => randomBytes(20).toString("hex"),
  () => randomBytes(80).toString("hex"),
  () => `${randomText(12)}.${randomText(24)}.${randomText(16)}`,
  () => randomBytes(32).toString("base64"),
  () => `${randomText(11, "0123456789")}%3A${randomText(14)}%3A${randomText(2, "0123456789")}%3A${randomText(30)}`,
  () => `${randomText(9)}&${randomText(9)}'${randomText(9)}=${randomText(7)}`,
  () => `g.a000${randomText(40, `${letters}-_`)}`,
  () => `${randomText(14)}/${randomText(14)}+${randomText(14)}==`,
  () => `${randomText(16)}~${randomText(16)}|${randomText(8)}!*()`,
  () => randomText(24, "0123456789"),
];

/** Makes twelve values and a marker, new for each run: none of their pieces is anywhere but where they came out. */
export function createCanaries(): Canaries {
  const values = credentialFieldNames.map((field, at) => [field, forms[at % forms.length]?.()] as const);
  const markerNumber = randomInt(100_000_000_000, 200_000_000_000);
  return {
    values: Object.fromEntries(values) as Canaries["values"], // all twelve, as the table's own names say
    marker: `k${randomText(3)}${markerNumber}${randomText(4)}`,
    markerNumber,
  };
}

/** A value for a site to renew a cookie with, as long as those it replaces may be. */
export function createRenewedValue(): string {
  return `${randomText(18)}-${randomText(18)}`;
}

/** What is searched for: the values that were uploaded, and those that the sites renewed. */
export function soughtOf(values: Canaries["values"], renewed: readonly Sought[]): Sought[] {
  return [...Object.entries(values).map(([name, value]) => ({ name, value })), ...renewed];
}
