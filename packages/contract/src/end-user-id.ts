import { z } from "zod";

/** The longest `endUserId`, in Unicode code points. */
export const endUserIdMax = 256;

/** Counts Unicode code points: what "characters" means everywhere on the wire. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The end-user of an account's own tasks. */
export const ownEndUser = "self";

/** A business's own name for one of its users: opaque, never parsed or normalised. */
export const endUserId = z
  .string("endUserId must be a string")
  .min(1, "endUserId is empty: put your own id for the user into the path, percent-encoded")
  .refine((id) => countCharacters(id) <= endUserIdMax, `endUserId is longer than ${endUserIdMax} characters`)
  .refine((id) => !id.includes("\0"), "endUserId contains a NUL character")
  .meta({ id: "EndUserId", minLength: 1, maxLength: endUserIdMax, pattern: "^[^\\u0000]+$", example: "alice" });
