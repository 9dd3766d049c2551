const minute = 60;
const hour = 60 * minute;

/** The waits after the first attempt, the second and so on; the last one repeats until the event is given up. */
const waitsSeconds = [5, 30, 2 * minute, 10 * minute, 30 * minute, hour, 2 * hour, 4 * hour, 8 * hour] as const;

const longestPauseSeconds = hour;

/** How long to wait after attempt `attempt`, from 1, has failed. */
export function retryDelaySeconds(attempt: number): number {
  return waitsSeconds[Math.min(attempt, waitsSeconds.length) - 1] ?? waitsSeconds[0];
}

/**
 * How long an endpoint asks to be left alone, in seconds, an hour at most; null when it does not ask.
 *
 * Only with 429 and 503, and only as a number of seconds or an HTTP date. Source: RFC 9110 §10.2.3.
 */
export function pauseSecondsOf(status: number, retryAfter: string | undefined, now: Date): number | null {
  if ((status !== 429 && status !== 503) || !retryAfter) return null;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now.getTime()) / 1000;
  return seconds > 0 ? Math.min(Math.ceil(seconds), longestPauseSeconds) : null; // NaN asks for nothing
}
