import type { BenchRecord } from "./bench.ts";
import type { Written } from "./readings.ts";

/** A piece of a text with figures in it that are a bench's. */
export interface Citation {
  readonly bench: string;
  /** Path in the checkout. */
  readonly file: string;
  /** What stands around the figures: one piece more than there are figures. All of it in one line. */
  readonly pieces: readonly string[];
  readonly figures: readonly Written[];
}

/** A citation, written as the text has it with the figures' readings in their places. */
export function cite(bench: string, file = "README.md") {
  return (pieces: TemplateStringsArray, ...figures: Written[]): Citation => ({ bench, file, pieces, figures });
}

/** The citation as `record` has it. */
function fill({ pieces, figures }: Citation, record: BenchRecord): string {
  return pieces.map((piece, at) => piece + (figures[at]?.(record) ?? "")).join("");
}

/** The citation as `text` has it; null when it is not there. */
export function findIn(text: string, { pieces }: Citation): string | null {
  const escaped = pieces.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(escaped.join("[\\d,.]*\\d")).exec(text)?.[0] ?? null;
}

/** What is wrong with a text's figures, in words for whoever wrote it; empty when nothing is. */
export function compareCitations(
  citations: readonly Citation[],
  textOf: (file: string) => string,
  recordOf: (bench: string) => BenchRecord | null,
): string[] {
  return citations.flatMap((citation) => {
    const { bench, file, pieces } = citation;
    const record = recordOf(bench);
    if (!record) return [`${file} cites the bench ${bench}, which has no result: npm run bench -- ${bench}`];
    const said = findIn(textOf(file), citation);
    if (said === null) return [`${file} does not say “${pieces.join("…")}”: change it in bench/figures.ts as well`];
    const known = fill(citation, record);
    return said === known ? [] : [`${file} says “${said}”, and ${bench}.json says “${known}”: npm run bench -- --mark`];
  });
}

/** The text with the figures that the results have. */
export function withFigures(
  text: string,
  citations: readonly Citation[],
  recordOf: (bench: string) => BenchRecord | null,
): string {
  return citations.reduce((before, citation) => {
    const said = findIn(before, citation);
    const record = recordOf(citation.bench);
    return said !== null && record ? before.replace(said, () => fill(citation, record)) : before;
  }, text);
}
