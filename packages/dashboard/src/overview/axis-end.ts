/** The least of 4, 10, 20, 40, 100, 200 … that is not below `most`: where an axis ends, and half of it is whole too. */
export function axisEnd(most: number): number {
  for (let power = 1; ; power *= 10)
    for (const step of [1, 2, 4]) if (step * power >= Math.max(most, 4)) return step * power;
}
