import { type Account, createResetToken, createSetupToken, listAccounts } from "@stablehand/core/store/accounts";
import { ensureBusiness } from "@stablehand/core/store/businesses";
import { Command } from "commander";
import { CommandError } from "../command-error.ts";
import { withDatabase } from "../installation.ts";

/** `stablehand accounts`: the people who sign in to the dashboard. */
export function accountsCommand(): Command {
  const accounts = new Command("accounts").description("the people who sign in to the dashboard");
  accounts
    .command("list")
    .description("list the accounts, each with its business")
    .option("--json", "print one JSON object")
    .action(async (options: { json?: true }) => {
      const list = await withDatabase(({ db }) => listAccounts(db));
      print(options.json ? JSON.stringify({ accounts: list }) : list.map(describeAccount).join("\n") || "no accounts");
    });
  baseUrlOption(
    accounts
      .command("setup-link")
      .description("print a link with which the account of a business is made: good once, for 24 hours")
      .requiredOption("--business <name>", "whose account; the business is made when there is none of that name"),
  ).action(async (options: LinkOptions & { business: string }) => {
    if (options.business.trim() === "") throw new CommandError("--business is empty: give the business a name.");
    const baseUrl = readBaseUrl(options);
    const token = await withDatabase(async ({ db }) =>
      createSetupToken(db, await ensureBusiness(db, options.business)),
    );
    if (!token)
      throw new CommandError(`${options.business} has its account already: a business has one. See: accounts list`);
    printLink(
      options,
      `${baseUrl}/setup#token=${token}`,
      "It is good once, for 24 hours, and replaces the one before.",
    );
  });
  baseUrlOption(
    accounts
      .command("reset-link")
      .description("print a link to a new password: good once, for an hour; using it signs the account out everywhere")
      .requiredOption("--email <address>", "whose password"),
  ).action(async (options: LinkOptions & { email: string }) => {
    const baseUrl = readBaseUrl(options);
    const token = await withDatabase(({ db }) => createResetToken(db, options.email));
    if (!token) throw new CommandError(`No account has the e-mail address ${options.email}. See: accounts list`);
    printLink(options, `${baseUrl}/reset#token=${token}`, "It is good once, for an hour.");
  });
  return accounts;
}

interface LinkOptions {
  readonly baseUrl?: string;
  readonly json?: true;
}

function baseUrlOption(command: Command): Command {
  return command
    .option("--base-url <url>", "where the link leads; PUBLIC_URL, or http://127.0.0.1:8787")
    .option("--json", "print one JSON object");
}

function readBaseUrl({ baseUrl }: LinkOptions): string {
  const url = baseUrl || process.env.PUBLIC_URL || "http://127.0.0.1:8787";
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CommandError(`The base URL is "${url}": it must look like https://stablehand.example.com`);
  return url.replace(/\/+$/, "");
}

function printLink({ json }: LinkOptions, url: string, what: string): void {
  print(json ? JSON.stringify({ url }) : `${url}\n\n${what}`);
}

function describeAccount({ email, business, createdAt, sessions }: Account): string {
  const signedIn = sessions === 1 ? "1 session" : `${sessions} sessions`;
  return `${email}  business ${business}  created ${createdAt.toISOString()}  ${signedIn}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
