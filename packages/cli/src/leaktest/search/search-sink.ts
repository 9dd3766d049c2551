import { setImmediate as immediate } from "node:timers/promises";
import { createByteSearch } from "./byte-search.ts";
import { needlesOf, type Sought } from "./needles.ts";
import { plainerViews } from "./plainer-views.ts";

/** A part of what came out somewhere. */
export interface SinkPart {
  /** Where in the sink: a table and column, a file, a task. Never a value. */
  readonly where: string;
  readonly bytes: Uint8Array;
}

/** A place where values might have come out. */
export interface Sink {
  readonly name: string;
  readonly parts: Iterable<SinkPart> | AsyncIterable<SinkPart>;
  /** True for text, of which plainer views are searched too; false for large files of bytes. */
  readonly isText: boolean;
}

/** One value in one encoding at one place. */
export interface Hit {
  readonly name: string;
  readonly encoding: string;
  readonly where: string;
}

/** What the search of one sink came to. */
export interface SinkReport {
  readonly sink: string;
  readonly parts: number;
  /** As they came; views of them are not counted. */
  readonly bytes: number;
  /** Of the values; at most `hitsMax` are listed, all are counted. */
  readonly hits: readonly Hit[];
  readonly hitCount: number;
  /** Encodings in which the marker was found; none means that the search of this sink was blind. */
  readonly markerFound: readonly string[];
}

/** Looks for values, and for a marker that has to be there, in one sink. */
export type SinkSearch = (sink: Sink) => Promise<SinkReport>;

const hitsMax = 200;

/** Prepares the search. `marker` is planted in every sink by whoever runs it. */
export function createSinkSearch(values: readonly Sought[], marker: Sought): SinkSearch {
  const search = createByteSearch(needlesOf([...values, marker]));

  return async ({ name: sink, parts, isText }) => {
    const hits = new Map<string, Hit>();
    const markerFound = new Set<string>();
    let bytes = 0;
    let count = 0;
    for await (const part of parts) {
      await immediate(); // a signal is heard between two parts
      count += 1;
      bytes += part.bytes.length;
      const told = new Set<string>(); // a value that a plainer form has told of needs none that is further off
      for (const { how, bytes } of isText ? viewsOf(part.bytes) : [{ how: "", bytes: part.bytes }]) {
        const found = new Map<string, Hit>();
        search(bytes, ({ name, encoding: written }) => {
          const encoding = how === "" ? written : `${written}, ${how}`;
          if (name === marker.name) markerFound.add(encoding);
          else if (!told.has(name)) found.set(`${name} ${encoding}`, { name, encoding, where: part.where });
        });
        for (const hit of found.values()) {
          told.add(hit.name);
          hits.set(JSON.stringify(hit), hit);
        }
      }
    }
    const listed = [...hits.values()];
    return {
      sink,
      parts: count,
      bytes,
      hits: listed.slice(0, hitsMax),
      hitCount: listed.length,
      markerFound: [...markerFound],
    };
  };
}

function* viewsOf(bytes: Uint8Array): Generator<{ how: string; bytes: Uint8Array }> {
  for (const { how, text } of plainerViews(Buffer.from(bytes).toString("latin1")))
    yield { how, bytes: Buffer.from(text, "latin1") };
}
