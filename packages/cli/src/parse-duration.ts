const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A length of time such as `30m`, `24h` or `90d`, in ms; null when it is not one, or over ten years. */
export function parseDuration(text: string): number | null {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count === undefined) return null;
  const ms = Number(count) * units[unit as keyof typeof units]; // the pattern allows no other
  return ms <= 3_650 * units.d ? ms : null;
}
