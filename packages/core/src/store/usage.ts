import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { BusinessId } from "../ids.ts";

/** What a business has used in the current calendar month, UTC. */
export interface MonthlyUsage {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly used: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly modelCalls: number;
}

/** Reads this month's usage; zeros when there is none yet. */
export async function getUsage(db: Db, businessId: BusinessId): Promise<MonthlyUsage> {
  const { rows } = await sql<Record<keyof MonthlyUsage, string | null>>`
    SELECT to_char(current.month, 'YYYY-MM') AS month, used, input_tokens AS "inputTokens",
           output_tokens AS "outputTokens", model_calls AS "modelCalls"
      FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC')::date AS month) AS current
      LEFT JOIN task_usage ON task_usage.month = current.month AND business_id = ${businessId}`.execute(db);
  const row = rows[0];
  return {
    month: row?.month ?? "",
    used: Number(row?.used ?? 0),
    inputTokens: Number(row?.inputTokens ?? 0),
    outputTokens: Number(row?.outputTokens ?? 0),
    modelCalls: Number(row?.modelCalls ?? 0),
  };
}
