import type { Db } from "../database.ts";
import { type BusinessId, newId } from "../ids.ts";

/** Gives the business of that name, making it when there is none. Safe to call twice at once. */
export async function ensureBusiness(db: Db, name: string): Promise<BusinessId> {
  const row = await db
    .insertInto("businesses")
    .values({ business_id: newId<BusinessId>(), name })
    .onConflict((conflict) => conflict.column("name").doUpdateSet((row) => ({ name: row.ref("excluded.name") })))
    .returning("business_id")
    .executeTakeFirstOrThrow();
  return row.business_id;
}

/** The business of that name, or null. */
export async function findBusiness(db: Db, name: string): Promise<BusinessId | null> {
  const row = await db.selectFrom("businesses").select("business_id").where("name", "=", name).executeTakeFirst();
  return row?.business_id ?? null;
}

/** True when there is no business at all: a fresh installation. */
export async function hasNoBusiness(db: Db): Promise<boolean> {
  const row = await db.selectFrom("businesses").select("business_id").limit(1).executeTakeFirst();
  return row === undefined;
}
