import type { DesignResults } from "@stablehand/contract";
import type { Db, StoreTransaction } from "../database.ts";
import type { TaskId } from "../ids.ts";
import type { KeptAsset } from "./design-assets.ts";

/** Stores what an extraction found and which files it refers to; they are then used as long as the task is there. */
export async function keepDesign(
  transaction: StoreTransaction,
  taskId: TaskId,
  results: DesignResults,
  assets: readonly KeptAsset[],
): Promise<void> {
  await transaction
    .insertInto("design_results")
    .values({ task_id: taskId, results: JSON.stringify(results) })
    .execute();
  if (assets.length === 0) return;
  const used = [...new Set(assets.map(({ assetId }) => assetId))];
  await transaction
    .insertInto("task_assets")
    .values(
      assets.map(({ sourceUrl, assetId }, n) => ({ task_id: taskId, n, source_url: sourceUrl, asset_id: assetId })),
    )
    .execute();
  await transaction
    .updateTable("design_assets")
    .set({ unused_since: null })
    .where("asset_id", "in", used)
    .where("unused_since", "is not", null)
    .execute();
}

/** The key that signs addresses of files, made by the migration. Throws when that has not run. */
export async function readAssetLinkKey(db: Db): Promise<Buffer> {
  const row = await db
    .selectFrom("installation_secrets")
    .select("secret")
    .where("name", "=", "asset_links")
    .executeTakeFirstOrThrow();
  return row.secret;
}
