import type { PageSnapshot, SnapshotElement } from "./snapshot.ts";
import { completeSvg, type NormalDrawing, normalizeSvg, withoutMarks } from "./svg-text.ts";

/** The SVG drawings of one page. */
export interface PageDrawings {
  /** The complete markup of an inline drawing: what it uses from elsewhere is in it. */
  markupOf(drawing: SnapshotElement): string;
  /** The text of an SVG file by its address, `data:` too; null for anything else. */
  textOf(address: string): string | null;
  /** The normal form of a drawing's text; null when it has none. */
  normalOf(text: string): NormalDrawing | null;
}

/** Characters that may be read for what `use` takes from elsewhere: drawings may use one another without end. */
const usedLengthMax = 16_000_000;
/** Characters that are normalised: of more, the rest is compared as it is written. */
const normalizedLengthMax = 4_000_000;

const known = new WeakMap<PageSnapshot, PageDrawings>();

/** The drawings of the page; the same for the same snapshot, so that each is completed once. Bounded for the whole page. */
export function drawingsOf(snapshot: PageSnapshot): PageDrawings {
  const before = known.get(snapshot);
  if (before) return before;
  const complete = new Map<string, string>();
  const normals = new Map<string, NormalDrawing | null>();
  let holders: ReadonlyMap<string, string> | null = null;
  let usedLength = 0;
  let normalizedLength = 0;

  function findDrawing(address: string): string | null {
    const drawing = drawingAt(address);
    usedLength += drawing?.length ?? 0;
    return usedLength > usedLengthMax ? null : drawing;
  }

  function drawingAt(address: string): string | null {
    const [file = ""] = address.split("#", 1);
    if (file !== "") return textOf(new URL(file, snapshot.url).href);
    holders ??= drawingsById(snapshot);
    return holders.get(decodeURIComponent(address.slice(1))) ?? null;
  }

  function textOf(address: string): string | null {
    return address.startsWith("data:") ? textInUrl(address) : (snapshot.files[address]?.text ?? null);
  }

  const drawings: PageDrawings = {
    textOf,
    normalOf(text) {
      const bare = withoutMarks(text); // pages number their drawings, and normalising each anew takes long
      const before = normals.get(bare);
      if (before !== undefined) return before;
      normalizedLength += bare.length;
      const normal = normalizedLength > normalizedLengthMax ? null : normalizeSvg(bare);
      normals.set(bare, normal);
      return normal;
    },
    markupOf({ markup = "" }) {
      const whole = complete.get(markup) ?? completeSvg(markup, findDrawing);
      complete.set(markup, whole);
      return whole;
    },
  };
  known.set(snapshot, drawings);
  return drawings;
}

/** For each id in an inline drawing: the markup of the outermost drawing around it. The first one of an id counts. */
function drawingsById({ elements }: PageSnapshot): Map<string, string> {
  const around: (string | undefined)[] = [];
  const byId = new Map<string, string>();
  for (const element of elements) {
    const markup = element.markup ?? around[element.parent];
    around.push(markup);
    const { id } = element.attributes;
    if (id && markup !== undefined && !byId.has(id)) byId.set(id, markup);
  }
  return byId;
}

function textInUrl(url: string): string | null {
  const [, type = "", data = ""] = /^data:([^,]*),(.*)$/s.exec(url) ?? [];
  if (!type.toLowerCase().startsWith("image/svg+xml")) return null;
  try {
    return /;\s*base64$/i.test(type) ? Buffer.from(data, "base64").toString() : decodeURIComponent(data);
  } catch {
    return null; // a percent sign that encodes nothing
  }
}
