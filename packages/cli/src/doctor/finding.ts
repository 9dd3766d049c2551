/** What a check of the installation found. A warning leaves Stablehand able to run. */
export interface Finding {
  readonly name: string;
  readonly state: "ok" | "warning" | "problem";
  /** What is so. */
  readonly says: string;
  /** What to do; only of a warning or a problem. */
  readonly remedy?: string;
}

/** Nothing to do. */
export function ok(name: string, says: string): Finding {
  return { name, state: "ok", says };
}

/** Something will not work, or not for long. */
export function warning(name: string, says: string, remedy: string): Finding {
  return { name, state: "warning", says, remedy };
}

/** Stablehand cannot run like this. */
export function problem(name: string, says: string, remedy: string): Finding {
  return { name, state: "problem", says, remedy };
}
