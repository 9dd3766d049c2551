import type { Db } from "@stablehand/core/database";
import type { BusinessId } from "@stablehand/core/ids";
import { findBusiness } from "@stablehand/core/store/businesses";
import { CommandError } from "./command-error.ts";

/** The business of that name; a sentence for whoever typed it when there is none. */
export async function existingBusiness(db: Db, name: string): Promise<BusinessId> {
  const businessId = await findBusiness(db, name);
  if (!businessId) throw new CommandError(`There is no business named ${name}.`);
  return businessId;
}
