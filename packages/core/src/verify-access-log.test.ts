import { expect, test } from "vitest";
import { type AccessRow, accessEntry, hashOfEntry, noPrevious } from "./access-entry.ts";
import type { BusinessId, TaskId } from "./ids.ts";
import { verifyAccessLog } from "./verify-access-log.ts";

const acme = "acme" as BusinessId; // tests make ids up

/** Chains rows as the database does. */
function chained(rows: readonly Partial<AccessRow>[], previous = noPrevious, from = 1): AccessRow[] {
  return rows.map((row, index) => {
    const { hash: _, ...whole } = {
      businessId: acme,
      sequence: index + from,
      at: "2026-11-24T16:00:00.000001Z",
      action: "set" as const,
      endUserId: "alice",
      fields: ["twitterCt0" as const],
      actor: "key:sb_live_00000000",
      taskId: null,
      keyId: "0011223344556677",
      previous,
      ...row,
    } satisfies Omit<AccessRow, "hash"> & { hash?: string };
    previous = hashOfEntry(whole);
    return { ...whole, hash: previous };
  });
}

async function* streamed(rows: readonly AccessRow[]): AsyncGenerator<AccessRow> {
  yield* rows;
}

const log = (count: number) => chained(Array.from({ length: count }, (_, n) => ({ endUserId: `user-${n}` })));
const brokenIn = async (rows: readonly AccessRow[], heads: Parameters<typeof verifyAccessLog>[1] = []) =>
  (await verifyAccessLog(streamed(rows), heads)).broken.map(({ sequence, kind }) => [sequence, kind]);
const changed = (rows: readonly AccessRow[], sequence: number, change: Partial<AccessRow>) =>
  rows.map((row) => (row.sequence === sequence ? { ...row, ...change } : row));
const headOf = (rows: readonly AccessRow[]) => rows.at(-1) ?? (log(1)[0] as AccessRow); // the rows are never none

test("an entry is canonical JSON: sorted keys, no white space, strings escaped no more than JSON demands", () => {
  const [row] = chained([{ endUserId: 'é🍪/"\\\n\u0001\u007f\u2028', taskId: null, keyId: null }]);
  const text = row ? accessEntry(row) : "";
  expect(text).toBe(
    `{"action":"set","actor":"key:sb_live_00000000","at":"2026-11-24T16:00:00.000001Z","business":"acme","endUser":"é🍪/\\"\\\\\\n\\u0001\u007f\u2028","fields":["twitterCt0"],"keyId":null,"previous":"${noPrevious}","sequence":1,"taskId":null}`,
  );
  expect(Object.keys(JSON.parse(text))).toEqual(Object.keys(JSON.parse(text)).sort());
});

test("an untouched log is intact, whatever number of businesses is in it", async () => {
  const other = chained([{ businessId: "other" as BusinessId }, { businessId: "other" as BusinessId }]);
  const found = await verifyAccessLog(streamed([...log(20), ...other]), [headOf(log(7)), headOf(other)]);
  expect(found).toEqual({ rows: 22, businesses: 2, broken: [] });
  expect(await verifyAccessLog(streamed([]), [])).toEqual({ rows: 0, businesses: 0, broken: [] });
});

test.each<[keyof AccessRow, Partial<AccessRow>]>([
  ["at", { at: "2026-11-24T16:00:00.000002Z" }],
  ["action", { action: "delete" }],
  ["endUserId", { endUserId: "bob" }],
  ["fields", { fields: [] }],
  ["actor", { actor: "worker:1" }],
  ["taskId", { taskId: "0b8f4a1e-6d0c-4c0e-9a53-0d4f4a8f2b11" as TaskId }],
  ["keyId", { keyId: null }],
  ["previous", { previous: noPrevious }],
  ["hash", { hash: noPrevious }],
])("a row of which only %s was altered is named", async (_name, change) => {
  expect(await brokenIn(changed(log(20), 7, change))).toEqual([[7, "altered"]]);
});

test("a row that was altered and given a hash that fits is named by the row that was chained to the old one", async () => {
  const forged = (rows: AccessRow[], at: number) => {
    const [row] = chained([{ ...rows[at - 1], endUserId: "bob" }], rows[at - 2]?.hash, at);
    return changed(rows, at, row ?? {});
  };
  expect(await brokenIn(forged(log(20), 7))).toEqual([[7, "altered"]]);
  expect(await brokenIn(forged(log(20), 1))).toEqual([[1, "altered"]]);
});

test("a dropped row is named: the first, one in the middle, several", async () => {
  const without = (...gone: number[]) => log(20).filter(({ sequence }) => !gone.includes(sequence));
  expect(await brokenIn(without(1))).toEqual([[1, "dropped"]]);
  expect(await brokenIn(without(7))).toEqual([[7, "dropped"]]);
  expect(await brokenIn(without(7, 8, 15))).toEqual([[7, "dropped"]]);
});

test("two rows that changed places are found at the first of them, also when they kept their numbers", async () => {
  const rows = log(20);
  const [seventh, twelfth] = [rows[6], rows[11]];
  const contents = changed(changed(rows, 7, { endUserId: "user-11" }), 12, { endUserId: "user-6" });
  expect(await brokenIn(contents)).toEqual([[7, "altered"]]);
  const whole = changed(changed(rows, 7, { ...twelfth, sequence: 7 }), 12, { ...seventh, sequence: 12 });
  expect(await brokenIn(whole)).toEqual([[7, "altered"]]);
});

test("a row of another business, moved here, is found", async () => {
  const [foreign] = chained([{ businessId: "other" as BusinessId }]);
  expect(await brokenIn([{ ...(foreign as AccessRow), businessId: acme }])).toEqual([[1, "altered"]]);
});

test("what was cut off at the end, or chained anew, only a kept head shows", async () => {
  const head = headOf(log(20));
  const cut = log(15);
  expect(await brokenIn(cut)).toEqual([]);
  expect(await brokenIn(cut, [head])).toEqual([[16, "cut"]]);
  expect(await brokenIn([], [head])).toEqual([[1, "cut"]]);
  const rechained = chained(log(25).map((row, n) => ({ endUserId: n === 3 ? "bob" : row.endUserId })));
  expect(await brokenIn(rechained)).toEqual([]);
  expect(await brokenIn(rechained, [head])).toEqual([[20, "altered"]]);
});

test("every business's first fault is named, once", async () => {
  const other = chained(Array.from({ length: 5 }, () => ({ businessId: "other" as BusinessId })));
  const rows = [...log(20).filter((row) => ![3, 9].includes(row.sequence)), ...changed(other, 2, { actor: "x" })];
  const { broken } = await verifyAccessLog(streamed(rows), [headOf(log(30))]);
  expect(broken.map(({ businessId, sequence }) => [businessId, sequence])).toEqual([
    [acme, 3],
    ["other", 2],
  ]);
});
