import type { KeyObject } from "node:crypto";
import { credentialFieldNames } from "@stablehand/contract";
import {
  type EndUserPrivateKey,
  OpenError,
  type Owner,
  openEndUserKey,
  openValue,
  type StoredEndUserKey,
} from "@stablehand/vault/open";
import { createEndUserKey, sealValues } from "@stablehand/vault/seal";
import { beforeAll, expect, test } from "vitest";
import { makeKeyring } from "../support/keyring.ts";
import { seededRandom } from "../support/random.ts";

// Two proofs about what is stored, run against what a worker runs to open it, with the worker's own keys.

interface Place {
  readonly owner: Owner;
  readonly field: string;
  readonly value: string;
  readonly sealed: Buffer;
  readonly key: StoredEndUserKey;
}

let keyring: ReadonlyMap<string, KeyObject>;
const places: Place[] = [];

beforeAll(async () => {
  const made = makeKeyring();
  keyring = made.keys;
  for (const businessId of ["acme", "globex", "initech"])
    for (const endUserId of ["alice", "bob", "carol", "self"]) {
      const owner = { businessId, endUserId };
      const key = createEndUserKey(owner, made.current);
      const values = credentialFieldNames.map((field) => [field, `${businessId} ${endUserId} ${field}`] as const);
      for (const { field, sealed } of sealValues(owner, key, values))
        places.push({ owner, field, sealed, key, value: `${businessId} ${endUserId} ${field}` });
    }
});

/** What a worker makes of a row: the value, or null when it does not open. Any other fault is a crash, and thrown. */
function open(owner: Owner, field: string, key: StoredEndUserKey, sealed: Buffer): string | null {
  try {
    const opened = openEndUserKey(owner, key, keyring);
    return opened && openValue(owner, field, opened, sealed);
  } catch (error) {
    if (error instanceof OpenError) return null;
    throw error;
  }
}

test("proof 2: a ciphertext that is moved to another business, end-user or field opens in no place, however it is moved", () => {
  let moves = 0;
  let opened = 0;
  const keyOf = new Map<StoredEndUserKey, EndUserPrivateKey | null>();
  for (const from of places) {
    expect(open(from.owner, from.field, from.key, from.sealed), "the control: in its own place").toBe(from.value);
    for (const to of places) {
      if (to === from) continue;
      moves += 1;
      // Alone, to the key that is there.
      if (!keyOf.has(to.key)) keyOf.set(to.key, openEndUserKey(to.owner, to.key, keyring));
      const key = keyOf.get(to.key);
      if (!key) throw new Error("the key of a place opens");
      const addressed = Buffer.concat([from.sealed.subarray(0, 2), to.key.keyId, from.sealed.subarray(10)]);
      for (const sealed of [from.sealed, addressed])
        try {
          openValue(to.owner, to.field, key, sealed);
          opened += 1;
        } catch (error) {
          if (!(error instanceof OpenError)) throw error;
        }
      // Together with the row of its key, within another field only the field differs.
      if (to.field === from.field && open(to.owner, to.field, from.key, from.sealed) !== null) opened += 1;
    }
  }
  expect(moves).toBe(places.length * (places.length - 1));
  expect(opened).toBe(0);
});

test("proof 3: of 100,000 values and keys with flipped bits or cut off, none opens, and none does anything but not open", () => {
  const random = seededRandom(20_261_124);
  const rounds = 100_000;
  let opened = 0;
  for (let round = 0; round < rounds; round++) {
    const { owner, field, key, sealed } = random.pick(places);
    const isKey = random.chance(0.3);
    const altered = Buffer.from(isKey ? key.sealedPrivateKey : sealed);
    const cut = random.chance(0.3) ? random.integer(0, altered.length - 1) : altered.length;
    if (cut === altered.length || random.chance(0.2))
      for (let flips = random.chance(0.8) ? 1 : random.integer(2, 8); flips > 0; flips--) {
        const at = random.integer(0, altered.length - 1);
        altered[at] = (altered[at] ?? 0) ^ (1 << random.integer(0, 7));
      }
    const bytes = altered.subarray(0, cut);
    if (bytes.equals(isKey ? key.sealedPrivateKey : sealed)) continue; // flipped there and back
    const result = isKey
      ? open(owner, field, { ...key, sealedPrivateKey: bytes }, sealed)
      : open(owner, field, key, bytes);
    if (result !== null) opened += 1;
  }
  expect(opened).toBe(0);
  for (const { owner, field, key, sealed, value } of places)
    expect(open(owner, field, key, sealed), "the control: unaltered").toBe(value);
}, 300_000);
