const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const moment = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });
const month = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });
const number = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** The time since a moment, in words. `now` in milliseconds of this machine's clock, which may be behind the server's. */
export function timeAgo(at: string, now: number): string {
  const pastMs = Math.max(now - Date.parse(at), 0);
  for (const [unit, ms] of units) if (pastMs >= ms) return ago.format(-Math.floor(pastMs / ms), unit);
  return "just now";
}

/** A moment in the reader's own time zone. */
export function formatMoment(at: string): string {
  return moment.format(new Date(at));
}

/** A day such as `2026-11-24`, in UTC as the server counts. */
export function formatDay(date: string): string {
  return day.format(new Date(`${date}T00:00:00Z`));
}

/** A month such as `2026-11`. */
export function formatMonth(text: string): string {
  return month.format(new Date(`${text}-01T00:00:00Z`));
}

/** A whole number with its thousands set apart. */
export function formatNumber(value: number): string {
  return number.format(value);
}

/** A number in few characters: 12.3K. */
export function formatCompact(value: number): string {
  return compact.format(value);
}

/** A share between 0 and 1. */
export function formatPercent(share: number): string {
  return percent.format(share);
}

/** How long something took: 840 ms, 12.4 s, 3 min 5 s. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `one` or `many` of something, with the number. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${formatNumber(amount)} ${amount === 1 ? one : many}`;
}

/** A code such as `model_refused` as words. */
export function words(code: string): string {
  const text = code.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
