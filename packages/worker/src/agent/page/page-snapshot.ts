import { type FrameWorld, WorldGoneError } from "./frame-world.ts";
import type { DocumentWalk, WalkLimits } from "./in-page/document-walker.ts";

/** An element of one document. */
export interface ElementPlace {
  readonly world: FrameWorld;
  readonly index: number;
}

/** One line of a page and the elements that its refs stand for; the text has U+E001 where each ref goes. */
export interface PageLine {
  readonly text: string;
  readonly elements: readonly ElementPlace[];
}

/** A page with all its frames, at one moment. */
export interface PageSnapshot {
  /** Of the main document. */
  readonly identity: string;
  readonly title: string;
  /** In the document's order. */
  readonly lines: readonly PageLine[];
  readonly dialogs: readonly (readonly [number, number])[];
  readonly main: readonly [number, number] | null;
  readonly inView: number;
  /** True when the page is larger than what is read of a page. */
  readonly cut: boolean;
}

const limits: WalkLimits = { nodesMax: 150_000, charactersMax: 2_000_000, timeMs: 1_500 };
const frameLimits: WalkLimits = { nodesMax: 30_000, charactersMax: 500_000, timeMs: 500 };
const frameMs = 600;
const framesMax = 20;
const deadFramesMax = 3;
const depthMax = 4;

/** Reads a page. Never resolves when its main document hangs; a frame that hangs is named and passed over. */
export async function takeSnapshot(world: FrameWorld): Promise<PageSnapshot> {
  let frames = 0;
  let deadFrames = 0;

  async function linesOf(from: FrameWorld, walk: DocumentWalk, depth: number): Promise<PageLine[][]> {
    const blocks: PageLine[][] = [];
    for (const line of walk.lines) {
      if (!line.startsWith(frameMark)) blocks.push([toPageLine(from, line)]);
      else blocks.push(mayEnter(depth) ? await frameLines(from, line, depth) : []);
    }
    return blocks;
  }

  const mayEnter = (depth: number) => depth < depthMax && frames++ < framesMax && deadFrames < deadFramesMax;

  async function frameLines(from: FrameWorld, mark: string, depth: number): Promise<PageLine[]> {
    const read = async () => {
      const inside = await from.enter(Number(mark.slice(frameMark.length)));
      if (!inside) return [];
      return (await linesOf(inside, await inside.call("walk", frameLimits), depth + 1)).flat();
    };
    const lines = await Promise.race([read().catch(nothingIfGone), afterMs(frameMs, deadFrame)]);
    if (lines === deadFrame) deadFrames += 1;
    return lines;
  }

  const walk = await world.call("walk", limits);
  const blocks = await linesOf(world, walk, 0);
  // Frames make a line of the main document into many, or none: the ranges move along.
  const starts = [0];
  for (const block of blocks) starts.push((starts.at(-1) ?? 0) + block.length);
  const at = (line: number) => starts[line] ?? starts.at(-1) ?? 0;
  return {
    identity: world.identity,
    title: walk.title,
    lines: blocks.flat(),
    dialogs: walk.dialogs.map(([from, to]) => [at(from), at(to)] as const),
    main: walk.main && [at(walk.main[0]), at(walk.main[1])],
    inView: at(walk.inView),
    cut: walk.cut,
  };
}

const frameMark = "\uE003";
const deadFrame: PageLine[] = [{ text: "(a frame that does not answer)", elements: [] }];

function toPageLine(world: FrameWorld, line: string): PageLine {
  const elements: ElementPlace[] = [];
  const text = line.replace(/\uE001(\d+)\uE002/g, (_, index) => {
    elements.push({ world, index: Number(index) });
    return "\uE001";
  });
  return { text, elements };
}

function nothingIfGone(error: unknown): PageLine[] {
  if (error instanceof WorldGoneError) return [];
  throw error;
}

function afterMs<Value>(ms: number, value: Value): Promise<Value> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, value).unref();
  });
}
