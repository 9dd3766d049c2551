import { createHash } from "node:crypto";
import { type ColumnType, type Generated, sql } from "kysely";
import { type AssetStore, AssetStoreError } from "../asset-store.ts";
import { type AssetType, assetTypeOf } from "../asset-type.ts";
import type { Db } from "../database.ts";
import { type AssetId, type BusinessId, newId, type TaskId } from "../ids.ts";

/** The tables of extractions, see migrations/0006-design.ts. */
export interface DesignTables {
  design_results: { task_id: TaskId; results: string };
  design_assets: {
    asset_id: AssetId;
    business_id: BusinessId;
    content_hash: Buffer;
    content_type: AssetType;
    byte_length: number;
    bytes: Buffer | null;
    location: string | null;
    created_at: ColumnType<Date, never, never>;
    unused_since: Generated<Date | null>;
  };
  task_assets: { task_id: TaskId; n: number; source_url: string; asset_id: AssetId };
  installation_secrets: { name: "asset_links"; secret: Buffer; created_at: ColumnType<Date, never, never> };
}

/** A file of a page, as the page's server sent it. */
export interface AssetFile {
  readonly sourceUrl: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** A file that is kept, and what refers to it. */
export interface KeptAsset {
  readonly sourceUrl: string;
  readonly assetId: AssetId;
}

/** What one extraction may keep: so many files, each so large, and so much together. */
export const assetLimits = { count: 200, bytesEach: 5_000_000, bytesTogether: 50_000_000 } as const;

/** Those of `files`, in their order, that `assetLimits` leaves room for; empty ones are none. */
export function withinAssetLimits<File extends AssetFile>(files: readonly File[]): File[] {
  let left: number = assetLimits.bytesTogether;
  const kept: File[] = [];
  for (const file of files) {
    const length = file.bytes.byteLength;
    if (kept.length === assetLimits.count) break;
    if (length === 0 || length > assetLimits.bytesEach || length > left) continue;
    left -= length;
    kept.push(file);
  }
  return kept;
}

/**
 * Stores the files of a business that it does not have yet, one after the other, in the object storage when there is one.
 *
 * The same bytes of the same type are kept once for each business. Until a task refers to it (`keepDesign`), a file is
 * unused, and after an hour it may be swept. Ends early, rejecting, when `signal` fires. Safe at once and twice.
 */
export async function storeAssets(
  db: Db,
  businessId: BusinessId,
  files: readonly AssetFile[],
  { store, signal }: { readonly store: AssetStore | null; readonly signal: AbortSignal },
): Promise<KeptAsset[]> {
  const kept: KeptAsset[] = [];
  for (const { sourceUrl, contentType, bytes } of files) {
    signal.throwIfAborted();
    const type = assetTypeOf(contentType);
    kept.push({ sourceUrl, assetId: await storeOne(db, businessId, { type, bytes }, store) });
  }
  return kept;
}

async function storeOne(
  db: Db,
  businessId: BusinessId,
  { type, bytes }: { readonly type: AssetType; readonly bytes: Uint8Array },
  store: AssetStore | null,
): Promise<AssetId> {
  const hash = createHash("sha256").update(bytes).digest();
  const known = await db
    .updateTable("design_assets")
    .set({ unused_since: sql`CASE WHEN unused_since IS NULL THEN NULL ELSE now() END` })
    .where("business_id", "=", businessId)
    .where("content_hash", "=", hash)
    .where("content_type", "=", type)
    .returning("asset_id")
    .executeTakeFirst();
  if (known) return known.asset_id;
  const assetId = newId<AssetId>();
  const location = store && (await store.put(`${businessId}/${assetId}`, bytes, type));
  const row = await db
    .insertInto("design_assets")
    .values({
      asset_id: assetId,
      business_id: businessId,
      content_hash: hash,
      content_type: type,
      byte_length: bytes.byteLength,
      bytes: location === null ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : null,
      location,
    })
    .onConflict((conflict) =>
      conflict.columns(["business_id", "content_hash", "content_type"]).doUpdateSet({
        unused_since: sql`CASE WHEN design_assets.unused_since IS NULL THEN NULL ELSE now() END`,
      }),
    )
    .returning("asset_id")
    .executeTakeFirstOrThrow();
  if (row.asset_id !== assetId && location !== null) await store?.remove(location); // another was first
  return row.asset_id;
}

/** A stored file, without its bytes. */
export interface StoredAsset {
  readonly assetId: AssetId;
  readonly contentType: AssetType;
  readonly byteLength: number;
  /** Null when the bytes lie in PostgreSQL. */
  readonly location: string | null;
}

/** Finds a file by its id alone: whoever asks has shown an address that was signed for it. */
export async function findAsset(db: Db, assetId: AssetId): Promise<StoredAsset | null> {
  const row = await db
    .selectFrom("design_assets")
    .select(["asset_id", "content_type", "byte_length", "location"])
    .where("asset_id", "=", assetId)
    .executeTakeFirst();
  return row
    ? { assetId: row.asset_id, contentType: row.content_type, byteLength: row.byte_length, location: row.location }
    : null;
}

const sliceBytes = 1024 * 1024;

/**
 * The bytes of a file from wherever it lies, slice by slice: few of them are in memory, and no connection waits for a slow
 * reader.
 *
 * Errors: AssetStoreError when its object storage does not give it or is not set; any other when it is swept meanwhile.
 */
export async function* readAssetBytes(
  db: Db,
  store: AssetStore | null,
  asset: StoredAsset,
): AsyncGenerator<Uint8Array, void> {
  for (let start = 0; start < asset.byteLength; start += sliceBytes) yield await readSlice(db, store, asset, start);
}

async function readSlice(db: Db, store: AssetStore | null, asset: StoredAsset, start: number): Promise<Uint8Array> {
  if (asset.location !== null) {
    if (store) return store.read(asset.location, start, sliceBytes);
    throw new AssetStoreError("the asset lies in an object storage, and ASSET_STORE is not set");
  }
  const row = await db
    .selectFrom("design_assets")
    .select(sql<Buffer>`substring(bytes FROM ${start + 1}::integer FOR ${sliceBytes}::integer)`.as("slice"))
    .where("asset_id", "=", asset.assetId)
    .executeTakeFirst();
  if (!row) throw new Error("the asset was removed while it was read");
  return row.slice;
}

const sweptAtOnce = 100;
const sweepsMax = 50;

/**
 * Removes files that no task has referred to for an hour from wherever they lie, the oldest 5,000; says how many.
 *
 * A file whose object cannot be removed stays, for the next time. Safe at once.
 */
export async function sweepAssets(db: Db, store: AssetStore | null): Promise<number> {
  await sql`UPDATE design_assets SET unused_since = NULL
             WHERE unused_since <= now() - interval '1 hour'
               AND EXISTS (SELECT FROM task_assets WHERE task_assets.asset_id = design_assets.asset_id)`.execute(db);
  let swept = 0;
  for (let sweeps = 0; sweeps < sweepsMax; sweeps++) {
    const removed = await sweepSome(db, store);
    swept += removed;
    if (removed < sweptAtOnce) break;
  }
  return swept;
}

function sweepSome(db: Db, store: AssetStore | null): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ location: string | null }>`
      DELETE FROM design_assets WHERE asset_id IN (
        SELECT asset_id FROM design_assets
         WHERE unused_since <= now() - interval '1 hour'
           AND NOT EXISTS (SELECT FROM task_assets WHERE task_assets.asset_id = design_assets.asset_id)
           AND (location IS NULL OR ${store !== null})
         ORDER BY unused_since LIMIT ${sweptAtOnce} FOR UPDATE SKIP LOCKED)
      RETURNING location`.execute(transaction);
    for (const { location } of rows) if (location !== null) await store?.remove(location);
    return rows.length;
  });
}
