import type { DesignResults, Task } from "@stablehand/contract";
import type { DesignFound, TaskReport } from "@stablehand/core/store/task-rows";
import type { AppContext } from "./context.ts";
import { toWire } from "./task-wire.ts";

/** A task as its reader gets it: as the wire has it, and with addresses, good from now, of the files that it kept. */
export async function showTask(context: AppContext, baseUrl: string, task: TaskReport): Promise<Task> {
  const wire = toWire(task);
  if (!wire.design || !task.design || task.design.assets.size === 0) return wire;
  const links = await context.assetLinks();
  const linkTo = (sourceUrl: string | undefined) => {
    const assetId = sourceUrl === undefined ? undefined : task.design?.assets.get(sourceUrl);
    return assetId && { downloadUrl: `${baseUrl}${links.pathTo(assetId)}` };
  };
  return { ...wire, design: { ...wire.design, results: withDownloads(task.design, linkTo) } };
}

function withDownloads(
  { results }: DesignFound,
  linkTo: (sourceUrl: string | undefined) => { downloadUrl: string } | undefined,
): DesignResults {
  const { images, fonts, logo } = results;
  return {
    ...results,
    ...(images &&
      "images" in images && {
        images: { images: images.images.map((one) => ({ ...one, ...linkTo(one.originalSrc) })) },
      }),
    ...(fonts &&
      "fonts" in fonts && {
        fonts: { fonts: fonts.fonts.map((one) => ({ ...one, ...linkTo(one.originalFaceUrl) })) },
      }),
    ...(logo && "logo" in logo && { logo: { logo: { ...logo.logo, ...linkTo(logo.logo.src) } } }),
  };
}
