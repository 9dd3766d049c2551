import { createHmac, timingSafeEqual } from "node:crypto";
import type { Db } from "@stablehand/core/database";
import type { AssetId } from "@stablehand/core/ids";
import { readAssetLinkKey } from "@stablehand/core/store/design-results";

/** Makes and checks the addresses of files that extractions kept. */
export interface AssetLinks {
  /** The path and query of a file's address, good for as long as the setting says from now. */
  pathTo(assetId: AssetId): string;
  /** What an address may be used for: nothing when another has made it, or when it is over. `assetId` as it was sent. */
  check(assetId: string, expires: number, signature: string): "valid" | "forged" | "expired";
}

/**
 * Gives the links of one process, and reads the installation's key when they are first wanted.
 *
 * The key is made by the migration, 32 random bytes for each installation, and lies in the database: every API process
 * has it without being told, and whoever can read it there can read the files there too.
 */
export function openAssetLinks(db: Db, ttlSeconds: number): () => Promise<AssetLinks> {
  let opened: Promise<AssetLinks> | undefined;
  return () => {
    opened ??= readAssetLinkKey(db)
      .then((key) => createAssetLinks(key, ttlSeconds))
      .catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
    return opened;
  };
}

/** Signs with HMAC-SHA-256 over the id and the end of an address. `now` is in milliseconds since 1970. */
export function createAssetLinks(key: Buffer, ttlSeconds: number, now: () => number = Date.now): AssetLinks {
  const sign = (assetId: string, expires: number) =>
    createHmac("sha256", key).update(`asset\n${assetId}\n${expires}`).digest();
  return {
    pathTo(assetId) {
      const expires = Math.floor(now() / 1_000) + ttlSeconds;
      return `/v1/assets/${assetId}?expires=${expires}&signature=${sign(assetId, expires).toString("base64url")}`;
    },
    check(assetId, expires, signature) {
      const wanted = sign(assetId, expires);
      const given = Buffer.from(signature, "base64url");
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return "forged";
      return expires * 1_000 <= now() ? "expired" : "valid";
    },
  };
}
