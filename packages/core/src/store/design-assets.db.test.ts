import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";
import { startObjectStorage, type TestObjectStorage } from "../../../../tests/support/object-storage.ts";
import { type AssetStore, openAssetStore } from "../asset-store.ts";
import type { TaskId } from "../ids.ts";
import {
  type AssetFile,
  assetLimits,
  findAsset,
  readAssetBytes,
  storeAssets,
  sweepAssets,
  withinAssetLimits,
} from "./design-assets.ts";
import { keepDesign } from "./design-results.ts";

let api: TestApi;
let acme: TestBusiness;
let other: TestBusiness;
let storage: TestObjectStorage;
let bucket: AssetStore;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  other = await api.business("other");
  storage = await startObjectStorage();
  bucket = await openAssetStore(storage.setting);
});
beforeEach(async () => {
  await api.context.database.pool.query("DELETE FROM task_assets");
  await age();
  await sweepAssets(api.context.database.db, bucket);
});
afterAll(async () => {
  bucket.close();
  await storage.stop();
  await api.stop();
});

const never = new AbortController().signal;
const file = (text: string, contentType = "image/png"): AssetFile => ({
  sourceUrl: `https://example.com/${text}`,
  contentType,
  bytes: Buffer.from(text),
});

function keep(
  files: readonly AssetFile[],
  { business = acme, store = null as AssetStore | null, signal = never } = {},
) {
  return storeAssets(api.context.database.db, business.businessId, files, { store, signal });
}

async function submit(): Promise<TaskId> {
  const body = { endUserId: "alice", url: "https://example.com" };
  return (await acme.call("POST", "/v1/design/extract", body)).json().taskId;
}

async function use(assets: Awaited<ReturnType<typeof keep>>): Promise<TaskId> {
  const taskId = await submit();
  const { db } = api.context.database;
  await db.transaction().execute((transaction) => keepDesign(transaction, taskId, {}, assets));
  return taskId;
}

async function remove(taskId: TaskId): Promise<void> {
  const { pool } = api.context.database;
  await pool.query("DELETE FROM task_events WHERE task_id = $1", [taskId]);
  await pool.query("DELETE FROM tasks WHERE task_id = $1", [taskId]);
}

/** As if an hour had passed. */
async function age(): Promise<void> {
  await api.context.database.pool.query(
    "UPDATE design_assets SET unused_since = unused_since - interval '1 hour' WHERE unused_since IS NOT NULL",
  );
}

async function count(): Promise<number> {
  return (await api.context.database.pool.query("SELECT count(*)::int AS count FROM design_assets")).rows[0].count;
}

test("the same bytes of the same type are kept once for a business, also when ten store them at once", async () => {
  const kept = await Promise.all(Array.from({ length: 10 }, () => keep([file("a"), file("a")])));
  expect(new Set(kept.flat().map(({ assetId }) => assetId)).size).toBe(1);
  expect(await count()).toBe(1);
  await keep([file("a", "image/gif")]);
  await keep([file("a")], { business: other });
  expect(await count()).toBe(3);
});

test("a row that another business's task names is never one of ours", async () => {
  const [mine] = await keep([file("a")]);
  const [theirs] = await keep([file("a")], { business: other });
  expect(mine?.assetId).not.toBe(theirs?.assetId);
});

describe("the limits of one extraction", () => {
  const sized = (bytes: number): AssetFile => ({
    sourceUrl: "x",
    contentType: "",
    bytes: { byteLength: bytes } as never,
  }); // only its length is looked at

  test("leave out what is empty or too large, and what comes when there is no room, in order", () => {
    const { bytesEach, bytesTogether, count: most } = assetLimits;
    expect(withinAssetLimits([sized(0), sized(bytesEach + 1), sized(bytesEach)])).toHaveLength(1);
    const many = Array.from({ length: 20 }, () => sized(bytesEach));
    const room = Math.floor(bytesTogether / bytesEach);
    expect(withinAssetLimits(many)).toHaveLength(room);
    const nearlyFull = [...many.slice(0, room - 1), sized(bytesEach - 1)];
    expect(withinAssetLimits([...nearlyFull, sized(bytesEach), sized(1)]).at(-1)?.bytes.byteLength).toBe(1);
    expect(withinAssetLimits(Array.from({ length: most + 1 }, () => sized(1)))).toHaveLength(most);
  });
});

describe.each([
  ["PostgreSQL", () => null],
  ["an object storage", () => bucket],
])("files in %s", (_name, storeOf) => {
  test("stay as long as a task refers to them, and are swept an hour after the last of those went", async () => {
    const store = storeOf();
    const { db } = api.context.database;
    const sweep = () => sweepAssets(db, bucket);
    const shared = file("shared");
    const first = await use(await keep([shared, file("own")], { store }));
    const second = await use(await keep([shared], { store }));
    await age();
    expect(await sweep()).toBe(0);
    await remove(first);
    expect(await sweep()).toBe(0); // not before its hour
    await age();
    expect(await sweep()).toBe(1);
    await remove(second);
    await age();
    expect(await sweep()).toBe(1);
    expect([await count(), await storage.keys()]).toEqual([0, []]);
  });

  test("that no task came to refer to are swept after an hour, unless one that comes uses them again", async () => {
    const store = storeOf();
    await keep([file("a"), file("b")], { store });
    await age();
    await keep([file("a")], { store });
    expect(await sweepAssets(api.context.database.db, bucket)).toBe(1);
    expect(await count()).toBe(1);
  });

  test("are not stored any more once the attempt is over", async () => {
    const over = AbortSignal.abort(new Error("over"));
    await expect(keep([file("a")], { store: storeOf(), signal: over })).rejects.toThrow("over");
    expect([await count(), await storage.keys()]).toEqual([0, []]);
  });
});

test("files in an object storage are kept once there too, and are read from there, slice by slice", async () => {
  const bytes = Buffer.alloc(2 * 1024 * 1024 + 5).map((_, n) => (n * 7) % 251);
  const large = { sourceUrl: "https://example.com/large", contentType: "image/png", bytes };
  const kept = await Promise.all(Array.from({ length: 5 }, () => keep([large], { store: bucket })));
  expect(await storage.keys()).toHaveLength(1);
  const full = { ...bucket, put: () => Promise.reject(new Error("nothing is to be sent again")) };
  expect(await keep([large], { store: full })).toEqual(kept[0]);
  const { db } = api.context.database;
  const asset = kept[0]?.[0] && (await findAsset(db, kept[0][0].assetId));
  if (!asset) throw new Error("it was stored");
  expect(asset.location).toMatch(/^s3:\/\/assets\/stablehand\//);
  expect((await buffer(readAssetBytes(db, bucket, asset))).equals(bytes)).toBe(true);
  await expect(readAssetBytes(db, null, asset).next()).rejects.toThrow("ASSET_STORE is not set");
});

test("a file whose object cannot be removed stays, and so does every one while no object storage is set", async () => {
  const { db } = api.context.database;
  await keep([file("a")], { store: bucket });
  await age();
  expect(await sweepAssets(db, null)).toBe(0);
  const away = { ...bucket, remove: () => Promise.reject(new Error("away")) };
  await expect(sweepAssets(db, away)).rejects.toThrow("away");
  expect([await count(), (await storage.keys()).length]).toEqual([1, 1]);
});

test("reading a file that is swept meanwhile fails instead of giving half of it", async () => {
  const bytes = Buffer.alloc(1024 * 1024 + 1, 1);
  const [kept] = await keep([{ sourceUrl: "https://example.com/a", contentType: "image/png", bytes }]);
  const { db } = api.context.database;
  const asset = kept && (await findAsset(db, kept.assetId));
  if (!asset) throw new Error("it was stored");
  const slices = readAssetBytes(db, null, asset);
  await slices.next();
  await age();
  await sweepAssets(db, null);
  await expect(slices.next()).rejects.toThrow("removed while it was read");
});

test("extractions that use the same files, in whatever order and at once, all end", async () => {
  const files = Array.from({ length: 20 }, (_, n) => file(`f${n}`));
  const kept = await keep(files);
  await Promise.all(Array.from({ length: 8 }, (_, n) => use(n % 2 ? kept : [...kept].reverse())));
  const { rows } = await api.context.database.pool.query("SELECT count(*)::int AS count FROM task_assets");
  expect(rows[0].count).toBe(160);
});
