import type { CDPSession, Page } from "playwright-core";
import { TooLateError, within } from "../agent/page/within.ts";
import { type CollectedElements, collectElements, collectPaint } from "./collect-elements.ts";
import { collectFluidLengths } from "./collect-fluid-lengths.ts";
import { collectSheets } from "./collect-sheets.ts";
import { collectTextFonts } from "./collect-text-fonts.ts";
import { type DesignWorld, openDesignWorld } from "./design-world.ts";
import { PageMovedError } from "./link-elements.ts";
import type { PageFiles } from "./page-files.ts";
import { darkSwitchOf, hasSchemes } from "./sheet-facts.ts";
import {
  type ManifestIcon,
  type PageSnapshot,
  type PageView,
  paintProperties,
  type SnapshotFile,
  type SnapshotSheet,
} from "./snapshot.ts";
import { urlsIn } from "./style-urls.ts";

const scrollStepsMax = 60;
const scrollMs = 10_000;
const graceMs = 2_000;
const settleMs = 5_000;
const measureMs = 3_000;
const manifestMs = 3_000;
const readsMax = 3;

/**
 * Scrolls the page to its end, waits until what that brought is there, and takes its snapshot.
 *
 * All bounded. Scripts of the page stand still for the snapshot, and animations are at their end: all parts are of one moment.
 * A page of two schemes is left in its dark one. `session` is of before the page was visited: none can be had of one
 * whose script does not let go.
 */
export async function collectPage(
  page: Page,
  session: CDPSession,
  files: PageFiles,
  signal: AbortSignal,
): Promise<PageSnapshot> {
  const isStuck = !(await prepare(page, session, signal));
  if (isStuck) await stopScripts(session, signal);
  const world = await openDesignWorld(session);
  await session.send("Emulation.setScriptExecutionDisabled", { value: true });
  const still = await collectStill(page, session, world);
  const types = files.types(); // before scripts of the page learn of the other scheme
  if (!isStuck) await session.send("Emulation.setScriptExecutionDisabled", { value: false });
  return {
    ...still,
    manifestIcons: await manifestIconsOf(session, signal),
    files: await filesOf(still, types, world, files, signal),
  };
}

/** Lets the page bring what it has; false when a script of it does not let go meanwhile. */
async function prepare(page: Page, session: CDPSession, signal: AbortSignal): Promise<boolean> {
  try {
    await within(session.send("Emulation.setScriptExecutionDisabled", { value: false }), settleMs, signal);
    await within(page.emulateMedia({ colorScheme: "light" }), settleMs, signal);
    const world = await within(openDesignWorld(session), settleMs, signal);
    await within(world.call("scrollThrough", scrollStepsMax, scrollMs), scrollMs + graceMs, signal);
    await within(world.call("settle", settleMs), settleMs + graceMs, signal);
    return true;
  } catch (error) {
    if (!(error instanceof TooLateError)) throw error;
    return false;
  }
}

/** Both take effect in the middle of a loop: the one that runs ends, and no other begins. */
async function stopScripts(session: CDPSession, signal: AbortSignal): Promise<void> {
  const stops = [
    session.send("Emulation.setScriptExecutionDisabled", { value: true }),
    session.send("Runtime.terminateExecution"),
  ];
  await within(Promise.all(stops), settleMs, signal);
}

type StillPage = Omit<PageSnapshot, "manifestIcons" | "files">;

async function collectStill(page: Page, session: CDPSession, world: DesignWorld): Promise<StillPage> {
  const collected = await readElements(session, world);
  const sheets = await collectSheets(session, collected.mediaOf);
  const rootProperties = await world.call("readRootProperties");
  const fluidLengths = await collectFluidLengths(world, collected);
  const textFonts = await collectTextFonts(session, collected);
  const { elements, styles, pageWidth, pageHeight } = collected;
  const view = { elements, styles, pageWidth, pageHeight };
  const still = { url: page.url(), ...view, sheets, rootProperties, fluidLengths, textFonts };
  return { ...still, scheme: "light", ...(await readOther(page, session, world, still)) };
}

async function readElements(session: CDPSession, world: DesignWorld): Promise<CollectedElements> {
  for (let read = 1; ; read += 1) {
    await world.call("calm");
    try {
      return await collectElements(session, world);
    } catch (error) {
      if (!(error instanceof PageMovedError) || read === readsMax) throw error;
    }
  }
}

type PaintedElements = Pick<PageView, "elements" | "styles">;

type First = Pick<PageSnapshot, "elements" | "styles" | "rootProperties"> & {
  readonly sheets: readonly SnapshotSheet[];
};

async function readOther(
  page: Page,
  session: CDPSession,
  world: DesignWorld,
  first: First,
): Promise<Pick<PageSnapshot, "darkRootProperties" | "other">> {
  const dark = darkSwitchOf(first.sheets);
  const switched = dark && (await world.call("readRootPropertiesWith", dark));
  // A class that changes nothing that the root has is one for other elements.
  const isSwitch = switched && Object.entries(first.rootProperties).some(([name, value]) => switched[name] !== value);
  const bySwitch = isSwitch ? switched : null;
  if (!hasSchemes(first)) return { darkRootProperties: bySwitch, other: null };
  await page.emulateMedia({ colorScheme: "dark" }); // and left so: to paint it light once more would take as long
  await world.call("calm");
  const paint = await collectPaint(session);
  const darkRootProperties = await world.call("readRootProperties");
  const isSame =
    isSamePaint(first, paint) && JSON.stringify(darkRootProperties) === JSON.stringify(first.rootProperties);
  if (isSame) return { darkRootProperties: bySwitch, other: null };
  return { darkRootProperties, other: { scheme: "dark", ...paint } };
}

function isSamePaint(one: PaintedElements, other: PaintedElements): boolean {
  const texts = [one, other].map(({ styles }) =>
    styles.map((style) => paintProperties.map((property) => style[property]).join("\n")),
  );
  const [ones = [], others = []] = texts;
  return (
    one.elements.length === other.elements.length &&
    one.elements.every(({ style }, nth) => ones[style] === others[other.elements[nth]?.style ?? -1])
  );
}

async function manifestIconsOf(session: CDPSession, signal: AbortSignal): Promise<ManifestIcon[]> {
  try {
    const { url, data = "" } = await within(session.send("Page.getAppManifest"), manifestMs, signal);
    const { icons }: { icons?: unknown } = JSON.parse(data);
    return (Array.isArray(icons) ? icons : []).flatMap((icon: unknown) => {
      if (typeof icon !== "object" || icon === null || !("src" in icon) || typeof icon.src !== "string") return [];
      const text = (key: "sizes" | "type") => {
        const value: unknown = Reflect.get(icon, key);
        return typeof value === "string" ? value : "";
      };
      return [{ url: new URL(icon.src, url).href, sizes: text("sizes"), type: text("type") }];
    });
  } catch {
    signal.throwIfAborted();
    return []; // there is none, or it is none
  }
}

async function filesOf(
  still: StillPage,
  types: ReadonlyMap<string, string>,
  world: DesignWorld,
  files: PageFiles,
  signal: AbortSignal,
): Promise<Record<string, SnapshotFile>> {
  const backgrounds = [...new Set(still.styles.flatMap(urlsIn))];
  const posters = still.elements.flatMap(({ picture }) =>
    picture?.source && picture.naturalWidth === 0 && !picture.source.startsWith("data:") ? [picture.source] : [],
  );
  const measured = [...new Set([...backgrounds, ...posters])];
  const sizes = await within(world.call("measure", measured, measureMs), measureMs * 2, signal).catch(() => {
    signal.throwIfAborted();
    return [];
  });
  const sizeOf = new Map(measured.map((url, nth) => [url, sizes[nth]]));
  const found: Record<string, SnapshotFile> = {};
  for (const url of [...new Set([...types.keys(), ...measured])].sort()) {
    const contentType = types.get(url) ?? "";
    const text = contentType === "image/svg+xml" ? await files.textOf(url) : null;
    const { width = 0, height = 0 } = sizeOf.get(url) ?? {};
    found[url] = { contentType, naturalWidth: width, naturalHeight: height, ...(text !== null && { text }) };
  }
  return found;
}
