import {
  type CredentialField,
  credentialFieldNames,
  fieldsOf,
  isCredentialField,
  type Platform,
  platforms,
} from "@stablehand/contract";
import { Command, Option } from "commander";
import { askSecret } from "../ask-secret.ts";
import { CommandError } from "../command-error.ts";
import { followTask } from "../follow-task.ts";
import { parseDuration } from "../parse-duration.ts";
import { type ServerOptions, serverOf, serverOptions } from "../server-options.ts";

interface CredentialOptions extends ServerOptions {
  readonly platform?: Platform;
  readonly fields?: string;
  readonly json?: true;
}

/** What the server says of an end-user's credentials, as far as it is shown. */
interface Status {
  readonly platforms: Record<Platform, boolean>;
  readonly details: Record<Platform, { readonly health: string; readonly missing: readonly string[] }>;
}

/** `stablehand credentials`: an end-user's cookies, through a running server. No value is ever an argument. */
export function credentialsCommand(): Command {
  const credentials = new Command("credentials").description("store, look at, check and delete an end-user's cookies");
  const add = (name: string, description: string) =>
    serverOptions(
      credentials
        .command(name)
        .description(description)
        .argument("<endUserId>", "whose")
        .option("--json", "print one JSON object"),
    );
  const platform = new Option("--platform <name>", "only this one").choices(platforms);
  add("set", "store values, from standard input (a JSON object, or lines of field=value) or, on a terminal, asked for")
    .addOption(platform)
    .action(set);
  add("status", "say which platforms are configured, and how their last check went").action(status);
  add("check", "check in a real browser that the cookies still sign in; exit code 2 when one does not")
    .addOption(platform)
    .action(check);
  add("delete", "delete values, for good").option("--fields <names>", "only these, with commas between").action(remove);
  add("ticket", "make a link by which the end-user stores its own cookies, once")
    .addOption(new Option("--platform <names...>", "of these platforms").choices(platforms).makeOptionMandatory())
    .option("--ttl <time>", "how long it lasts: 15m at most", "15m")
    .option("--return-url <url>", "where its page goes when it is done")
    .action(makeTicket);
  return credentials;
}

const pathOf = (endUserId: string) => `/v1/end-users/${encodeURIComponent(endUserId)}/credentials`;

async function set(endUserId: string, options: CredentialOptions): Promise<void> {
  const server = serverOf(options);
  const wanted = options.platform ? fieldsOf(options.platform) : credentialFieldNames;
  const values = process.stdin.isTTY ? await askFor(wanted) : readValues(await readInput());
  const other = Object.keys(values).find((field) => !wanted.some((one) => one === field));
  if (other !== undefined) throw new CommandError("A field is not one of the platform that --platform names.");
  await server.call("PUT", pathOf(endUserId), values);
  const fields = Object.keys(values);
  print(options.json ? JSON.stringify({ ok: true, fields }) : `stored ${fields.join(", ")}`);
}

async function askFor(fields: readonly CredentialField[]): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const field of fields) {
    const value = await askSecret(`${field} (not shown; empty leaves it as it is): `);
    if (value !== undefined) values[field] = value;
  }
  if (Object.keys(values).length === 0) throw new CommandError("Nothing was typed, so nothing was stored.");
  return values;
}

const inputCharactersMax = 1_048_576;

async function readInput(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += chunk;
    if (text.length > inputCharactersMax) throw new CommandError("Standard input has more than 1 MiB.");
  }
  return text;
}

/** Messages name no part of the input: it may be a value. */
function readValues(text: string): Record<string, string> {
  const entries = text.trimStart().startsWith("{") ? entriesOfJson(text) : entriesOfLines(text);
  for (const [field, value] of entries) {
    if (!isCredentialField(field))
      throw new CommandError(`Standard input has a field that is none of ${credentialFieldNames.join(", ")}.`);
    if (typeof value !== "string") throw new CommandError(`${field} must be a string.`);
  }
  if (entries.length === 0)
    throw new CommandError(
      'Standard input is empty: give it a JSON object such as {"redditSession":"…"}, or lines of field=value.',
    );
  return Object.fromEntries(entries) as Record<string, string>; // just checked
}

function entriesOfJson(text: string): [string, unknown][] {
  try {
    return Object.entries(JSON.parse(text) as object);
  } catch {
    throw new CommandError("Standard input begins like JSON and is none."); // the parser's message would quote it
  }
}

function entriesOfLines(text: string): [string, unknown][] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.map((line, index) => {
    const at = line.indexOf("=");
    if (at < 1) throw new CommandError(`Line ${index + 1} of standard input is not field=value.`);
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
}

async function status(endUserId: string, options: CredentialOptions): Promise<void> {
  const answer = (await serverOf(options).call("GET", pathOf(endUserId))) as Status; // what the contract says
  if (options.json) return print(JSON.stringify(answer));
  for (const platform of platforms) {
    const { health, missing } = answer.details[platform];
    const isEmpty = missing.length === fieldsOf(platform).length;
    const state = answer.platforms[platform]
      ? `configured, ${health}`
      : isEmpty
        ? "not stored"
        : `without ${missing.join(", ")}`;
    print(`${platform.padEnd(10)} ${state}`);
  }
}

async function check(endUserId: string, options: CredentialOptions): Promise<void> {
  const server = serverOf(options);
  const body = options.platform ? { platforms: [options.platform] } : {};
  const { taskId } = (await server.call("POST", `${pathOf(endUserId)}/check`, body)) as { taskId: string }; // by contract
  const task = await followTask(server, taskId, { step: () => {}, status: () => {} });
  if (task.status !== "completed") throw new CommandError(task.error ?? `The check was ${task.status}.`);
  const found = Object.entries(task.check ?? {});
  const lines = found.map(([name, { health, reason }]) => `${name.padEnd(10)} ${health}${reason ? `: ${reason}` : ""}`);
  print(options.json ? JSON.stringify({ taskId, check: task.check ?? {} }) : lines.join("\n"));
  if (found.some(([, { health }]) => health !== "valid")) process.exitCode = 2;
}

interface TicketOptions extends ServerOptions {
  readonly platform: readonly string[];
  readonly ttl: string;
  readonly returnUrl?: string;
  readonly json?: true;
}

async function makeTicket(endUserId: string, options: TicketOptions): Promise<void> {
  const { platform, ttl, returnUrl, json } = options;
  const ttlMs = parseDuration(ttl);
  if (ttlMs === null) throw new CommandError(`--ttl is "${ttl}": it must look like 10m.`);
  const body = { platforms: platform, ttlSeconds: ttlMs / 1_000, ...(returnUrl && { returnUrl }) };
  const path = `/v1/end-users/${encodeURIComponent(endUserId)}/upload-tickets`;
  const ticket = (await serverOf(options).call("POST", path, body)) as { url: string; expiresAt: string }; // by contract
  print(json ? JSON.stringify(ticket) : `${ticket.url}\ngood once, until ${ticket.expiresAt}`);
}

async function remove(endUserId: string, options: CredentialOptions): Promise<void> {
  const fields = options.fields?.split(",").map((name) => name.trim());
  await serverOf(options).call("DELETE", pathOf(endUserId), fields && { fields });
  print(
    options.json
      ? JSON.stringify({ ok: true, fields: fields ?? credentialFieldNames })
      : `deleted ${fields?.join(", ") ?? "everything"}`,
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
