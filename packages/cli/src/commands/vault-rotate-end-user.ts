import { setTimeout as delay } from "node:timers/promises";
import { findBusiness } from "@stablehand/core/store/businesses";
import { askAllRotations, askRotation, isRotationAsked } from "@stablehand/core/store/end-user-rotations";
import { Command } from "commander";
import { CommandError } from "../command-error.ts";
import { withDatabase } from "../installation.ts";
import { askForResealing } from "../rotation.ts";

const lookEveryMs = 100;
const waitMs = 30_000;

/** `stablehand vault rotate-end-user`. */
export function rotateEndUserCommand(): Command {
  return new Command("rotate-end-user")
    .description("have a worker give an end-user a new key, seal the values to it and destroy the old key")
    .argument("[endUserId]", "whose key")
    .option("--business <name>", "whose end-user")
    .option("--all", "every end-user, of the business or of all")
    .option("--json", "print one JSON object")
    .action(async (endUserId: string | undefined, options: { business?: string; all?: true; json?: true }) => {
      const { business, all, json } = options;
      if ((endUserId !== undefined) === (all ?? false) || (!all && !business))
        throw new CommandError("Name an end-user and their --business, or say --all.");
      await withDatabase(async (database) => {
        const { db } = database;
        const businessId = business === undefined ? null : await findBusiness(db, business);
        if (business !== undefined && !businessId) throw new CommandError(`There is no business named ${business}.`);
        if (endUserId === undefined || !businessId) {
          const asked = await askAllRotations(db, businessId);
          await askForResealing(database);
          const text = `New keys are asked for ${asked} end-users. Follow it with: npm run stablehand -- vault status --follow`;
          return print(json ? JSON.stringify({ asked }) : text);
        }
        const endUser = { businessId, endUserId };
        if (!(await askRotation(db, endUser)))
          throw new CommandError(`${business} has no end-user ${endUserId} with stored credentials.`);
        await askForResealing(database);
        const deadline = performance.now() + waitMs;
        while (await isRotationAsked(db, endUser)) {
          if (performance.now() > deadline)
            throw new CommandError(
              `It is asked for, and not done yet after ${waitMs / 1_000} s: a worker does it when it comes to it. ` +
                "If one runs, its log says whether a value does not open.",
            );
          await delay(lookEveryMs);
        }
        print(
          json ? JSON.stringify({ endUserId, rotated: true }) : `${endUserId} has a new key; the old one is destroyed.`,
        );
      });
    });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
