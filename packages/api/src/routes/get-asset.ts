import { Readable } from "node:stream";
import { AppError, getAsset } from "@stablehand/contract";
import { AssetStoreError } from "@stablehand/core/asset-store";
import { extensionOf } from "@stablehand/core/asset-type";
import { type AssetId, parseId } from "@stablehand/core/ids";
import { findAsset, readAssetBytes, type StoredAsset } from "@stablehand/core/store/design-assets";
import type { AppContext } from "../context.ts";
import { handlerFor } from "../handler.ts";

/**
 * Gives the bytes of a file to whoever has its address.
 *
 * They came from a stranger's site: whatever they are, no browser runs them as a page of this server.
 */
export const handleGetAsset = handlerFor(getAsset, async ({ params, query, setHeader }, context) => {
  const verdict = (await context.assetLinks()).check(params.assetId, query.expires, query.signature);
  if (verdict === "forged")
    throw new AppError(
      "asset_signature_invalid",
      "This address was not made here: use a downloadUrl as the task gave it.",
    );
  if (verdict === "expired")
    throw new AppError("asset_expired", "This address has expired. GET the task again for a new downloadUrl.");
  const assetId = parseId<AssetId>(params.assetId);
  const asset = assetId && (await findAsset(context.database.db, assetId));
  if (!asset) throw new AppError("asset_not_found", "This file is not kept any more.");
  const bytes = await open(context, asset);
  setHeader("content-type", asset.contentType);
  setHeader("content-length", String(asset.byteLength));
  setHeader("content-disposition", `attachment; filename="${asset.assetId}.${extensionOf(asset.contentType)}"`);
  setHeader("content-security-policy", "default-src 'none'; sandbox");
  setHeader("x-content-type-options", "nosniff");
  setHeader("cross-origin-resource-policy", "cross-origin"); // a dashboard of the caller's may show it
  setHeader("referrer-policy", "no-referrer");
  setHeader(
    "cache-control",
    `private, max-age=${Math.max(0, query.expires - Math.ceil(Date.now() / 1_000))}, immutable`,
  );
  return bytes;
});

/** Its first bytes are read before the answer begins, so that a storage that is away is an answer too. */
async function open({ assetStore, database, log }: AppContext, asset: StoredAsset): Promise<Readable> {
  const slices = readAssetBytes(database.db, assetStore, asset);
  const first = await slices.next().catch((error: unknown) => {
    if (!(error instanceof AssetStoreError)) throw error;
    log.warn({ err: error, assetId: asset.assetId }, "a file could not be read from the object storage");
    throw new AppError("unavailable", "The file's storage cannot be reached. Try again later.");
  });
  return Readable.from(continued(first.value ?? new Uint8Array(), slices), { objectMode: false });
}

async function* continued(first: Uint8Array, rest: AsyncGenerator<Uint8Array, void>) {
  yield first;
  yield* rest;
}
