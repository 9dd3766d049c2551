import { readFileSync } from "node:fs";
import type { AccessRow } from "@stablehand/core/access-entry";
import type { Db } from "@stablehand/core/database";
import type { BusinessId } from "@stablehand/core/ids";
import { readAccessHeads, readAccessLog } from "@stablehand/core/store/credential-access";
import { type KeptHead, verifyAccessLog } from "@stablehand/core/verify-access-log";
import { Command } from "commander";
import { z } from "zod";
import { CommandError } from "../command-error.ts";
import { existingBusiness } from "../existing-business.ts";
import { withDatabase } from "../installation.ts";

const rowsAtOnce = 5_000;
const progressRows = 100_000;

const headsFile = z.object({
  heads: z.array(
    z.object({
      businessId: z.string().transform((id) => id as BusinessId), // compared with those of the log, nothing else
      sequence: z.int().min(1),
      hash: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

/** `stablehand audit`: the chained access log. */
export function auditCommand(): Command {
  const audit = new Command("audit").description("verify the access log, and keep its end elsewhere");
  audit
    .command("verify")
    .description("check every row of the access log; names the first altered, dropped or swapped one of each business")
    .option("--business <name>", "only this one's log; all by default")
    .option("--head <file>", "also check against an end that `audit head --json` printed earlier")
    .option("--json", "print one JSON object")
    .action(async (options: { business?: string; head?: string; json?: true }) => {
      const kept = options.head === undefined ? [] : readHeads(options.head);
      const { names, ...found } = await withDatabase(async ({ db }) => {
        const businessId = options.business === undefined ? null : await existingBusiness(db, options.business);
        const heads = kept.filter((head) => businessId === null || head.businessId === businessId);
        const verified = await verifyAccessLog(streamLog(db, businessId), heads);
        return { ...verified, names: await namesOf(db, businessId) };
      });
      const broken = found.broken.map((one) => ({ business: names.get(one.businessId) ?? null, ...one }));
      const intact = broken.length === 0;
      if (options.json) print(JSON.stringify({ intact, ...found, broken }));
      else {
        for (const { business, businessId, sequence, kind, reason } of broken)
          print(`${business ?? businessId}: row ${sequence} was ${kind}: ${reason}`);
        const what = `${found.rows} rows of ${found.businesses} businesses`;
        print(intact ? `The access log is intact: ${what}.` : `The access log is NOT intact: ${what} were looked at.`);
      }
      if (!intact) process.exitCode = 1;
    });
  audit
    .command("head")
    .description(
      "show the end of each business's log; kept elsewhere, it shows later that nothing was cut or rewritten",
    )
    .option("--business <name>", "only this one's; all by default")
    .option("--json", "print one JSON object, which `audit verify --head` reads")
    .action(async (options: { business?: string; json?: true }) => {
      const heads = await withDatabase(async ({ db }) =>
        readAccessHeads(db, options.business === undefined ? null : await existingBusiness(db, options.business)),
      );
      if (options.json) return print(JSON.stringify({ at: new Date().toISOString(), heads }));
      for (const { business, businessId, sequence, hash } of heads)
        print(`${business ?? businessId}  row ${sequence}  ${hash}`);
      if (heads.length === 0) print("the log is empty");
    });
  return audit;
}

/** The log part by part, each as it is then: rows are only ever added behind. Tells long logs' progress. */
async function* streamLog(db: Db, businessId: BusinessId | null): AsyncGenerator<AccessRow> {
  let after: AccessRow | null = null;
  for (let rows = 0; ; ) {
    const part: AccessRow[] = await readAccessLog(db, { businessId, after, limit: rowsAtOnce });
    yield* part;
    after = part.at(-1) ?? null;
    rows += part.length;
    if (part.length < rowsAtOnce) return;
    if (rows % progressRows === 0) process.stderr.write(`${rows} rows are verified …\n`);
  }
}

async function namesOf(db: Db, businessId: BusinessId | null): Promise<Map<BusinessId, string | null>> {
  return new Map((await readAccessHeads(db, businessId)).map((head) => [head.businessId, head.business]));
}

function readHeads(file: string): KeptHead[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new CommandError(`--head ${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  try {
    return headsFile.parse(JSON.parse(text)).heads;
  } catch {
    throw new CommandError(`--head ${file} is not what \`stablehand audit head --json\` prints.`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
