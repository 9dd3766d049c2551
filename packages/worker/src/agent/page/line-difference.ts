/** How a list of lines became another: where the old one had what left, and the new one has what came, in order. */
export interface LineDifference {
  readonly removed: readonly number[];
  readonly added: readonly number[];
}

/**
 * The shortest difference of two lists of lines; null when more than `changesMax` lines changed.
 *
 * Myers' greedy algorithm (An O(ND) Difference Algorithm, 1986): time and memory grow with the changes, not the lists.
 */
export function differenceOf(
  before: readonly string[],
  after: readonly string[],
  changesMax: number,
): LineDifference | null {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let ends = 0;
  const shorter = Math.min(before.length, after.length) - start;
  while (ends < shorter && before[before.length - 1 - ends] === after[after.length - 1 - ends]) ends += 1;
  const old = before.slice(start, before.length - ends);
  const fresh = after.slice(start, after.length - ends);

  const furthest = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let changes = 0; changes <= Math.min(changesMax, old.length + fresh.length); changes += 1) {
    trace.push(new Map(furthest));
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      let x = stepFrom(furthest, diagonal, changes);
      while (x < old.length && x - diagonal < fresh.length && old[x] === fresh[x - diagonal]) x += 1;
      furthest.set(diagonal, x);
      if (x >= old.length && x - diagonal >= fresh.length) return walkBack(trace, old.length, fresh.length, start);
    }
  }
  return null;
}

function comesDown(furthest: ReadonlyMap<number, number>, diagonal: number, changes: number): boolean {
  if (diagonal === -changes) return true;
  return diagonal !== changes && (furthest.get(diagonal - 1) ?? -1) < (furthest.get(diagonal + 1) ?? -1);
}

function stepFrom(furthest: ReadonlyMap<number, number>, diagonal: number, changes: number): number {
  return comesDown(furthest, diagonal, changes)
    ? (furthest.get(diagonal + 1) ?? 0)
    : (furthest.get(diagonal - 1) ?? 0) + 1;
}

function walkBack(
  trace: readonly ReadonlyMap<number, number>[],
  oldLength: number,
  freshLength: number,
  start: number,
): LineDifference {
  const removed: number[] = [];
  const added: number[] = [];
  let x = oldLength;
  let y = freshLength;
  for (let changes = trace.length - 1; changes > 0; changes -= 1) {
    const furthest = trace[changes] ?? new Map<number, number>();
    const diagonal = x - y;
    const down = comesDown(furthest, diagonal, changes);
    const previous = down ? diagonal + 1 : diagonal - 1;
    x = furthest.get(previous) ?? 0;
    y = x - previous;
    if (down) added.push(start + y);
    else removed.push(start + x);
  }
  return { removed: removed.reverse(), added: added.reverse() };
}
