import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { buildDashboard } from "../../../packages/dashboard/build/build-dashboard.ts";
import { executablePath } from "../chromium.ts";
import { type FakeModel, startFakeModel } from "../fake-model/fake-model.ts";
import { type FakePlatforms, startFakePlatforms } from "../fake-platforms/fake-platforms.ts";
import { callApi, makeDataDir, startProgram } from "../server.ts";
import { answerFor } from "./dashboard-model.ts";

/** Who signs in to the dashboard in tests. */
export const person = { name: "Ada", email: "ada@example.com", password: "correct horse battery staple" } as const;

/** Another name of the server, at which browsers offer it what they offer plain http in a network. */
export const plainHost = "plain.test";

/** Fills in the form that is shown, to sign in or to make the account, as `person`. */
export async function submitPerson(page: Page): Promise<void> {
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: /^(Create the account|Sign in)$/ }).click();
}

/** A whole server with fake platforms and a fake model, and a browser that looks at its dashboard. */
export interface DashboardWorld {
  readonly url: string;
  readonly dataDir: string;
  /** The link with which the first account is made. */
  readonly setupUrl: string;
  readonly fakes: FakePlatforms;
  readonly model: FakeModel;
  readonly apiKey: string;
  /** A request with the first API key, whose business is that of the account. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  query(text: string, values?: readonly unknown[]): Promise<pg.QueryResult>;
  /** Another browser profile, signed in to nothing. */
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A page of a profile that is signed in as `person`, whose account it makes when there is none. */
  signIn(context: BrowserContext): Promise<Page>;
  stop(): Promise<void>;
}

/** Builds the dashboard if need be, and starts everything. */
export async function startDashboardWorld(env: Readonly<Record<string, string>> = {}): Promise<DashboardWorld> {
  await buildDashboard();
  const data = await makeDataDir();
  const fakes = await startFakePlatforms();
  fakes.setMode("twitter", "feed");
  const model = await startFakeModel(answerFor);
  const server = await startProgram<{ url: string; apiKey: string; setup: { url: string } }>("start", {
    STABLEHAND_DATA_DIR: data.dir,
    PORT: "0",
    MODEL: "openai-compatible:fake",
    MODEL_BASE_URL: model.baseUrl,
    MODEL_TIMEOUT_MS: "600000",
    WEBHOOK_ALLOW_PRIVATE: "1",
    ...fakes.env,
    ...env,
  });
  const { url, apiKey, setup } = server.facts;
  const database = new pg.Client({ connectionString: (await readFile(join(data.dir, "database.url"), "utf8")).trim() });
  await database.connect();
  const browser: Browser = await chromium.launch({
    executablePath,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [`--host-resolver-rules=MAP ${plainHost} 127.0.0.1`],
  });
  let hasAccount = false;

  return {
    url,
    dataDir: data.dir,
    setupUrl: setup.url,
    fakes,
    model,
    apiKey,
    call: (method, path, body) => callApi(url, apiKey, method, path, body),
    query: (text, values = []) => database.query(text, [...values]),
    newContext: (options) => browser.newContext({ viewport: { width: 1280, height: 800 }, ...options }),
    async signIn(context) {
      const page = await context.newPage();
      if (!hasAccount) {
        await page.goto(setup.url);
        await page.getByLabel("Name").fill(person.name);
        hasAccount = true;
      } else await page.goto(`${url}/sign-in`);
      await submitPerson(page);
      await page.getByRole("heading", { name: "Overview" }).waitFor();
      return page;
    },
    async stop() {
      await browser.close();
      await database.end();
      await server.stop();
      await model.stop();
      await fakes.stop();
      await data.remove();
    },
  };
}

/** What a page did that it must not: errors, refusals by its policy, and requests that leave its origin. */
export function watchPage(page: Page, origin: string): readonly string[] {
  const seen: string[] = [];
  page.on("pageerror", (error) => seen.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // The browser writes down each answer that is no success; what the page does about it is its own matter.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) seen.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, origin: other } = new URL(request.url());
    if (/^https?:|^wss?:/.test(protocol) && other !== new URL(origin).origin) seen.push(`request: ${request.url()}`);
  });
  return seen;
}
