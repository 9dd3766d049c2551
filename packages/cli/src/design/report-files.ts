import type { Design } from "@stablehand/contract";

/** The files of an extraction as `data:` addresses, by their `downloadUrl`. */
export type ReportFiles = ReadonlyMap<string, string>;

const fileBytesMax = 4 * 1024 * 1024;
const allBytesMax = 32 * 1024 * 1024;
const deadlineMs = 20_000;
const servable = /^(image|font)\/[a-z0-9.+-]+$|^application\/(x-)?font-[a-z0-9]+$/;

/**
 * Downloads what the results name, one after the other, until there are 32 MiB; a file over 4 MiB is left out.
 *
 * Whatever cannot be downloaded, or is neither image nor font, is left out: the report then shows its place empty.
 */
export async function downloadFiles(design: Design): Promise<ReportFiles> {
  const { images, fonts, logo } = design.results ?? {};
  const named = [
    logo && "logo" in logo ? logo.logo.downloadUrl : undefined,
    ...(fonts && "fonts" in fonts ? fonts.fonts.map((one) => one.downloadUrl) : []),
    ...(images && "images" in images ? images.images.map((one) => one.downloadUrl) : []),
  ];
  const files = new Map<string, string>();
  let left = allBytesMax;
  for (const url of new Set(named)) {
    const file = url === undefined ? null : await download(url, Math.min(fileBytesMax, left));
    if (!file || url === undefined) continue;
    left -= file.bytes.length;
    files.set(url, `data:${file.type};base64,${file.bytes.toString("base64")}`);
  }
  return files;
}

async function download(url: string, bytesMax: number): Promise<{ type: string; bytes: Buffer } | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(deadlineMs), redirect: "error" });
    const type = response.headers.get("content-type") ?? "";
    const length = Number(response.headers.get("content-length"));
    if (response.ok && servable.test(type) && length > 0 && length <= bytesMax)
      return { type, bytes: Buffer.from(await response.arrayBuffer()) };
    await response.body?.cancel();
    return null;
  } catch {
    return null; // the report is about the design; a file that is away leaves its place empty
  }
}
