import { type DesignResults, extractorNames } from "@stablehand/contract";
import type { AssetStore } from "@stablehand/core/asset-store";
import { storeAssets, withinAssetLimits } from "@stablehand/core/store/design-assets";
import { keepDesign } from "@stablehand/core/store/design-results";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import { explainRefusal } from "./agent/page/explain-refusal.ts";
import type { Attempt, AttemptContext, AttemptOf } from "./attempt.ts";
import type { EgressLog } from "./cage/egress-log.ts";
import { openCage } from "./cage/open-cage.ts";
import type { extractDesign } from "./design/extract-design.ts";
import { PageUnreachableError } from "./design/page-unreachable-error.ts";

/** What an extraction's attempt works with. */
export interface DesignContext extends AttemptContext {
  readonly extractDesign: typeof extractDesign;
  /** Null when files lie in PostgreSQL. */
  readonly assetStore: AssetStore | null;
}

/**
 * Extracts the design of the task's page in a fresh browser that has no cookies; none are opened.
 *
 * When `signal` fires, the browser is destroyed at once and the attempt fails. Files are stored before the task ends,
 * and belong to it from the transaction that ends it.
 */
export async function attemptDesign(context: DesignContext, task: StoredTask, attempt: AttemptOf): Promise<Attempt> {
  const { signal } = attempt;
  const browser = await context.browsers.take();
  const kill = () => void browser.destroy();
  signal.addEventListener("abort", kill);
  try {
    signal.throwIfAborted();
    const cage = await openCage(browser);
    const page = await cage.context.newPage();
    const wanted = { url: task.startUrl ?? "", extractors: task.extractors, signal };
    const found = await context.extractDesign(page, wanted).catch((error: unknown) => {
      throw explained(error, wanted.url, cage.log);
    });
    signal.throwIfAborted(); // what extractors could not do because the browser was gone is no finding
    browser.destroy().catch(() => undefined); // whoever waits for it below hears of it
    const results = bounded(found.results);
    const files = withinAssetLimits(found.assets);
    const assets = await storeAssets(context.database.db, task.businessId, files, {
      store: context.assetStore,
      signal,
    });
    return {
      outcome: { status: "completed", result: summarise(results) },
      record: null,
      browserGone: browser.destroy(),
      alsoStore: (transaction) => keepDesign(transaction, task.taskId, results, assets),
    };
  } catch (error) {
    await browser.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

/** What the way out refused the browser knows only as a failed connection: the cage's log has the reason. */
function explained(error: unknown, url: string, log: EgressLog): unknown {
  const reason = error instanceof PageUnreachableError ? explainRefusal(url, log) : null;
  return reason === null
    ? error
    : new PageUnreachableError(`The page could not be loaded: ${reason}`, { cause: error });
}

/** Of all results together: an API process has the whole of them in memory for whoever reads the task. */
const resultBytesMax = 8 * 1024 * 1024;

/** A result is kept whole or not at all: for one that there is no room for stands an error, and the others stay. */
function bounded(results: DesignResults): DesignResults {
  const kept: DesignResults = {};
  let left = resultBytesMax;
  for (const name of extractorNames) {
    const result = results[name];
    if (result === undefined) continue;
    const bytes = Buffer.byteLength(JSON.stringify(result));
    const fits = bytes <= left;
    if (fits) left -= bytes;
    const error = `The page has more of it, ${bytes} bytes, than can be kept beside what else was found.`;
    Object.assign(kept, { [name]: fits ? result : { error } });
  }
  return kept;
}

/** What was found, in a line: `12 images, 3 fonts, 24 colors, 9 icons, tokens, a logo`. */
function summarise({ images, fonts, colors, icons, tokens, logo }: DesignResults): string {
  const parts = [
    images && ("error" in images ? "images failed" : `${images.images.length} images`),
    fonts && ("error" in fonts ? "fonts failed" : `${fonts.fonts.length} fonts`),
    colors && ("error" in colors ? "colors failed" : `${colors.colors.length} colors`),
    icons && ("error" in icons ? "icons failed" : `${icons.icons.length} icons`),
    tokens && ("error" in tokens ? "tokens failed" : "tokens"),
    logo && ("error" in logo ? "logo failed" : logo.logo.found ? "a logo" : "no logo"),
  ];
  return parts.filter(Boolean).join(", ");
}
