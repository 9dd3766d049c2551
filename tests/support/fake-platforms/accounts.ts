import { type CredentialField, credentialFields, fieldsOf, type Platform } from "@stablehand/contract";

/** A user of all five platforms: the twelve values that sign in as `name`. */
export interface FakeAccount {
  readonly name: string;
  readonly values: Readonly<Record<CredentialField, string>>;
}

/** Makes an account whose values cannot be overlooked: `CANARY-twitterAuthToken-alice`. */
export function createAccount(name: string): FakeAccount {
  const fields = Object.keys(credentialFields);
  return {
    name,
    // all twelve, as the table's own keys say
    values: Object.fromEntries(fields.map((field) => [field, `CANARY-${field}-${name}`])) as FakeAccount["values"],
  };
}

/**
 * Finds who is signed in on `platform` with this Cookie header.
 *
 * Only exactly the platform's cookies count: one too few, too many, twice, or of another account, and it is nobody.
 */
export function signedInAs(accounts: readonly FakeAccount[], platform: Platform, cookie: string): FakeAccount | null {
  const sent = cookie ? cookie.split("; ").sort().join("; ") : "";
  const expected = (account: FakeAccount) =>
    fieldsOf(platform).map((field) => `${credentialFields[field].cookie}=${account.values[field]}`);
  return accounts.find((account) => expected(account).sort().join("; ") === sent) ?? null;
}
