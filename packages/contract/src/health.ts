/**
 * What a sign-in check can say of a platform's cookies.
 *
 * `unknown` is the honest answer to everything that is not seen clearly: never checked, changed since, 5xx, time-out.
 */
export const healths = ["unknown", "valid", "expired", "challenged"] as const;

/** One answer of a sign-in check. */
export type Health = (typeof healths)[number];
