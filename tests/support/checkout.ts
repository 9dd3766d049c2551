import { resolve } from "node:path";

/** The repository. */
export const checkout = resolve(import.meta.dirname, "..", "..");
