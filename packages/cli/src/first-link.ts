import { openDatabase } from "@stablehand/core/database";
import { createLog } from "@stablehand/core/log";
import { createSetupToken, findBusinessWithoutAccount, hasNoAccount } from "@stablehand/core/store/accounts";
import { ensureBusiness } from "@stablehand/core/store/businesses";

/** A set-up link for the first account of an installation, and the business it is for. */
export interface FirstLink {
  readonly url: string;
  readonly business: string;
}

const firstBusiness = "default";

/** A link for the first account; null when there is one. Made anew at each start until then, and good for 24 hours. */
export async function createFirstLink(databaseUrl: string, baseUrl: string): Promise<FirstLink | null> {
  const database = openDatabase(databaseUrl, { program: "cli", connectionsMax: 1, log: createLog("cli", "silent") });
  try {
    const { db } = database;
    if (!(await hasNoAccount(db))) return null;
    const { businessId, name } = (await findBusinessWithoutAccount(db)) ?? {
      businessId: await ensureBusiness(db, firstBusiness),
      name: firstBusiness,
    };
    const token = await createSetupToken(db, businessId);
    return token === null ? null : { url: `${baseUrl}/setup#token=${token}`, business: name };
  } finally {
    await database.close();
  }
}
