import { type AccessRow, hashOfEntry, noPrevious } from "./access-entry.ts";
import type { BusinessId } from "./ids.ts";

/** Where a chain is broken: the first row that is not as it was written, and how that shows. */
export interface BrokenChain {
  readonly businessId: BusinessId;
  readonly sequence: number;
  /** `altered`: also put in another's place. `dropped`: not there, while later ones are. `cut`: gone from there to the end. */
  readonly kind: "altered" | "dropped" | "cut";
  readonly reason: string;
}

/** The end that a chain had at some earlier time, kept elsewhere. */
export interface KeptHead {
  readonly businessId: BusinessId;
  readonly sequence: number;
  readonly hash: string;
}

/** What a verification found. */
export interface VerifiedLog {
  readonly rows: number;
  readonly businesses: number;
  /** One for each business whose chain is broken. */
  readonly broken: readonly BrokenChain[];
}

/**
 * Checks every row of the log against its hash, against the row before it, and against kept heads.
 *
 * `rows` come business by business, in the order of their sequence. Holds one row at a time. A log that was cut at its end,
 * or chained anew from some row on, is found only by a head that was kept before.
 */
export async function verifyAccessLog(
  rows: AsyncIterable<AccessRow>,
  keptHeads: readonly KeptHead[],
): Promise<VerifiedLog> {
  const heads = new Map(keptHeads.map((head) => [head.businessId, head]));
  const broken = new Map<BusinessId, BrokenChain>();
  let count = 0;
  let businesses = 0;
  let before: AccessRow | null = null;

  function end(last: AccessRow | null, head: KeptHead | undefined): void {
    if (!head) return;
    heads.delete(head.businessId);
    const at = last?.sequence ?? 0;
    if (at >= head.sequence || broken.has(head.businessId)) return;
    const reason = `the log ends at row ${at}, while the kept head is row ${head.sequence}`;
    broken.set(head.businessId, { businessId: head.businessId, sequence: at + 1, kind: "cut", reason });
  }

  for await (const row of rows) {
    count += 1;
    const isFirst: boolean = before?.businessId !== row.businessId;
    if (isFirst) {
      businesses += 1;
      if (before) end(before, heads.get(before.businessId));
    }
    const found = broken.has(row.businessId) ? null : judge(isFirst ? null : before, row, heads.get(row.businessId));
    if (found) broken.set(row.businessId, { businessId: row.businessId, ...found });
    before = row;
  }
  if (before) end(before, heads.get(before.businessId));
  for (const head of [...heads.values()]) end(null, head);
  return { rows: count, businesses, broken: [...broken.values()] };
}

type Fault = Omit<BrokenChain, "businessId">;

function judge(before: AccessRow | null, row: AccessRow, head: KeptHead | undefined): Fault | null {
  const { sequence } = row;
  const expected = (before?.sequence ?? 0) + 1;
  if (sequence > expected)
    return { sequence: expected, kind: "dropped", reason: `row ${expected} is missing; row ${sequence} comes next` };
  if (sequence < expected) return { sequence, kind: "altered", reason: `there are two rows ${sequence}` };
  if (hashOfEntry(row) !== row.hash)
    return { sequence, kind: "altered", reason: `row ${sequence} is not what was written: its hash is another` };
  if (row.previous !== (before?.hash ?? noPrevious))
    return before
      ? {
          sequence: before.sequence,
          kind: "altered",
          reason: `row ${before.sequence} is not the one that row ${sequence} was chained to`,
        }
      : { sequence, kind: "altered", reason: `row ${sequence} is not the first of its chain` };
  if (head?.sequence === sequence && head.hash !== row.hash)
    return {
      sequence,
      kind: "altered",
      reason: `row ${sequence} is not the one of the kept head: it or a row before it was altered, and the rest chained anew`,
    };
  return null;
}
