import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { prompts } from "../../support/dashboard/dashboard-model.ts";
import {
  type DashboardWorld,
  person,
  startDashboardWorld,
  watchPage,
} from "../../support/dashboard/dashboard-world.ts";
import { runCli } from "../../support/server.ts";
import { startWebhookReceiver } from "../../support/webhook-receiver.ts";

// Each page's main path, in the order in which somebody new would go it: a test leans on those before it.

let world: DashboardWorld;
let context: BrowserContext;
let page: Page;
let wrong: readonly string[];
const sent: string[] = [];

beforeAll(async () => {
  world = await startDashboardWorld();
  context = await world.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  page = await world.signIn(context);
  wrong = watchPage(page, world.url);
  page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""}`));
});
afterAll(() => world.stop());

const go = (name: string) => page.getByRole("navigation", { name: "Dashboard" }).getByRole("link", { name }).click();
const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

test("the set-up link makes the account, is taken out of the address, and leads to the overview", async () => {
  expect(page.url()).toBe(`${world.url}/`);
  await page.getByText("First steps").waitFor();
  await page.getByText("No task has ended yet").waitFor();
});

test("a pasted Cookie header fills the boxes, a wrong value is told so at once, and what is sent is sealed", async () => {
  const { twitterAuthToken = "", twitterCt0 = "" } = world.fakes.accounts.alice.values;
  await go("Connect");
  const token = page.getByLabel("auth_token", { exact: true });
  await token.fill("auth_token=abc");
  await page.getByText("Only what comes after the equals sign.").waitFor();
  await page.getByRole("button", { name: "Seal and store" }).click();
  await page.getByText("A value cannot be a cookie: see below its box.").waitFor();

  await page.evaluate(() => navigator.clipboard.writeText("guest_id=1; auth_token=aaa; ct0=bbb"));
  await token.fill("");
  await token.press("ControlOrMeta+v");
  expect(await token.inputValue()).toBe("aaa");
  expect(await page.getByLabel("ct0", { exact: true }).inputValue()).toBe("bbb");

  // By the keyboard: what a test hands to the page's script would stay in its memory.
  for (const [label, value] of [
    ["auth_token", twitterAuthToken],
    ["ct0", twitterCt0],
  ] as const) {
    await page.getByLabel(label, { exact: true }).press("ControlOrMeta+a");
    await page.keyboard.insertText(value);
  }
  await page.getByRole("button", { name: "Seal and store" }).click();
  await page.getByText("Stored for self, and gone from this page.").waitFor();
  expect(await token.inputValue()).toBe("");
  expect(await page.getByLabel("ct0", { exact: true }).inputValue()).toBe("");
});

test("after that no value is in a request, in the browser's storage, or anywhere in the page's memory that script reaches", async () => {
  const { twitterAuthToken = "", twitterCt0 = "" } = world.fakes.accounts.alice.values;
  expect(sent.filter((request) => request.includes("sealed")).length, "the control: it was sent").toBe(1);
  const kept = await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const caches = await globalThis.caches.keys();
    return JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      databases,
      caches,
      history.state,
      document.documentElement.outerHTML,
      [...document.querySelectorAll("input, textarea")].map((box) => (box as HTMLInputElement).value),
    ]);
  });
  const { cookies, origins } = await context.storageState({ indexedDB: true });
  const heap = await heapOf(page);
  expect(heap, "the control: the heap was read").toContain("auth_token");
  for (const value of [twitterAuthToken, twitterCt0]) {
    expect(value.length).toBeGreaterThan(20);
    const places = { sent: sent.join("\n"), kept, storage: JSON.stringify([cookies, origins]), heap };
    const found = Object.entries(places).filter(([, text]) => text.includes(value));
    expect(
      found.map(([place, text]) => [place, text.slice(text.indexOf(value) - 200, text.indexOf(value) + 80)]),
    ).toEqual([]);
  }
});

test("the end-user appears with a flag, is checked in a real browser, and found again by a part of its id", async () => {
  await world.call("PUT", "/v1/end-users/customer-17/credentials", { redditSession: "made-up" });
  await go("End-users");
  await page.getByRole("link", { name: /self.*X.*not checked/ }).waitFor();
  await page.getByLabel("Search end-users").fill("CUSTOMER");
  await page.getByRole("link", { name: /customer-17/ }).waitFor();
  await page.getByRole("link", { name: /self/ }).waitFor({ state: "detached" });
  expect(page.url()).toContain("search=CUSTOMER");
  await page.getByLabel("Search end-users").fill("");
  await page.getByRole("link", { name: /self.*X/ }).click();
  await page.getByRole("button", { name: "Check now: X" }).click();
  await page.getByText("Signed in", { exact: true }).waitFor();
});

test("a task runs as self, its steps appear while it goes on, and its answer is a table", async () => {
  await go("Chat");
  await page.getByRole("button", { name: "Options" }).click();
  const schema = page.getByLabel("JSON Schema of the answer");
  await schema.fill('{"type":"arry"}');
  await page.getByText('type "arry" is none of').waitFor();
  await page.getByLabel("Task", { exact: true }).fill(prompts.read);
  expect(await page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
  await page.getByRole("button", { name: "A list of posts" }).click();
  await page.getByText("The answer's data will conform to it.").waitFor();
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("article").getByText("Completed").waitFor();
  await page.getByText("Your feed has four new posts").waitFor();
  await page.getByRole("cell", { name: "Rye bread, second attempt" }).waitFor();
  await page.getByText("2 steps").click();
  await page.getByText("Use the account on twitter").waitFor();
  expect(new URL(page.url()).searchParams.get("session")).toMatch(/^[0-9a-f-]{36}$/);
});

test("a follow-up belongs to the session and knows what came before; Enter sends it", async () => {
  const session = page.url();
  await page.getByLabel("Follow-up").fill(prompts.followUp);
  await page.getByLabel("Follow-up").press("Enter");
  await page.getByText("pia's post about moving the database").waitFor();
  expect(page.url()).toBe(session);
  expect(await page.getByRole("article").count()).toBe(2);
  expect(world.model.requests.at(-1)?.body).toContain("Your feed has four new posts");
});

test("a task that goes on shows its steps live, and is cancelled", async () => {
  await page.getByRole("link", { name: "New chat" }).first().click();
  await page.getByLabel("Task", { exact: true }).fill(prompts.hold);
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("Use the account on twitter").waitFor();
  await page.getByText("Working", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("It was cancelled.").waitFor();
});

test("sessions are listed and filtered, and a task's page says all of it", async () => {
  await go("Tasks");
  await page.getByLabel("Status of the latest task").selectOption("cancelled");
  await page.getByRole("link", { name: new RegExp(prompts.hold) }).waitFor();
  await page.getByRole("link", { name: new RegExp(prompts.read) }).waitFor({ state: "detached" });
  await page.getByLabel("Status of the latest task").selectOption("");
  await page.getByLabel("Kind of the latest task").selectOption("check");
  await page.getByRole("link", { name: /Sign-in check/ }).waitFor();
  await page.getByLabel("Kind of the latest task").selectOption("browse");
  await page.getByRole("link", { name: new RegExp(prompts.read) }).click();
  await page.getByRole("link", { name: "Details" }).first().click();
  await page.getByRole("heading", { name: "Prompt" }).waitFor();
  const about = page.locator("dl");
  for (const text of ["Completed", "self", "Read only", "x.com"])
    await about.getByText(text, { exact: true }).first().waitFor();
  await page.getByRole("heading", { name: "Network" }).waitFor();
});

test("the last page of a task is shown in a frame in which nothing runs and nothing is loaded", async () => {
  const { body } = await world.call("POST", "/v1/tasks", {
    endUserId: "self",
    task: prompts.read,
    include_html_dump: true,
  });
  const { taskId } = body as { taskId: string };
  const other = await context.newPage();
  const refused = watchPage(other, world.url);
  await other.goto(`${world.url}/tasks/${taskId}`);
  const frame = other.frameLocator('iframe[title="The last page, inert"]');
  await frame.getByRole("heading", { name: "alice's feed" }).waitFor();
  expect(await other.locator("iframe").getAttribute("sandbox")).toBe("");
  expect(await frame.locator("html").evaluate(() => globalThis.origin)).toBe("null");
  expect(refused.filter((what) => what.startsWith("request:"))).toEqual([]);
  expect(refused.join("\n"), "its picture and its style").toMatch(
    /image 'data:,' violates[\s\S]*inline style violates/,
  );
  await other.close();
});

test("an extraction's page is a report", async () => {
  const { body } = await world.call("POST", "/v1/design/extract", {
    endUserId: "self",
    url: "https://www.reddit.com/",
  });
  const { taskId } = body as { taskId: string };
  await page.goto(`${world.url}/tasks/${taskId}`);
  await page.getByRole("heading", { name: "Colours" }).waitFor();
  await page.getByRole("heading", { name: "Fonts" }).waitFor();
  await page.getByText("Design Tokens (DTCG) as JSON").click();
});

test("the overview counts what was done", async () => {
  await go("Overview");
  await page.getByText("Latest sessions").waitFor();
  await page.getByRole("table", { name: "Tasks that ended, by day" }).waitFor({ state: "attached" });
  expect(await page.getByRole("table", { name: "Tasks that ended, by day" }).textContent()).toMatch(/[4-9] tasks/);
});

test("an API key is shown once, works, is revoked, and is then refused at once", async () => {
  await go("API keys");
  await page.getByRole("button", { name: "Create a key" }).first().click();
  await page.getByLabel("Label").fill("Back end");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("button", { name: "Copy the key" }).click();
  await page.getByText("Copied the key").waitFor({ state: "attached" });
  const secret = await clipboard();
  expect(secret).toMatch(/^sb_live_\w{49}$/);
  await page.getByRole("button", { name: "I have it" }).click();
  expect(await page.content()).not.toContain(secret);

  const ask = async () =>
    (await fetch(`${world.url}/v1/usage`, { headers: { authorization: `Bearer ${secret}` } })).status;
  expect(await ask()).toBe(200);
  await page.getByRole("button", { name: "Revoke Back end" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("Back end is revoked.").waitFor();
  expect(await ask()).toBe(403);
  await page.getByRole("row", { name: /Back end.*Revoked/ }).waitFor();
});

test("the access log has every opening, by end-user", async () => {
  await go("Access log");
  await page
    .getByRole("row", { name: /Opened for a task.*self.*A worker, for a task/ })
    .first()
    .waitFor();
  await page.getByRole("row", { name: /Stored.*self.*This dashboard/ }).waitFor();
  await page.getByLabel("Only of this end-user").fill("customer-17");
  await page.getByRole("row", { name: /self/ }).first().waitFor({ state: "detached" });
  await page.getByRole("row", { name: /Stored.*customer-17.*API key/ }).waitFor();
});

test("a webhook endpoint is added, tried, and its delivery seen; then deleted", async () => {
  const receiver = await startWebhookReceiver();
  await go("Settings");
  await page.getByRole("button", { name: "Add an endpoint" }).click();
  await page.getByLabel("Address").fill(receiver.url);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: "Copy the secret" }).click();
  await page.getByText("Copied the secret").waitFor({ state: "attached" });
  expect(await clipboard()).toMatch(/^whsec_/);
  await page.getByRole("button", { name: "I have it" }).click();
  await page.getByRole("button", { name: "Test" }).click();
  await page.getByRole("cell", { name: "answered 200" }).waitFor();
  await page.getByRole("cell", { name: "endpoint.test" }).waitFor();
  expect(receiver.received).toHaveLength(1);
  await page.getByRole("button", { name: /^Delete http/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No endpoint yet").waitFor();
  await receiver.stop();
});

test("allowed hosts are judged while they are typed, and saved", async () => {
  await page.getByRole("tab", { name: "Hosts" }).click();
  const hosts = page.getByLabel("One host a line");
  await hosts.fill("https://example.com");
  await page.getByText("a host looks like example.com").waitFor();
  expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
  await hosts.fill("example.com\n.example.org");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings are saved.").waitFor();
  expect((await world.call("GET", "/v1/settings")).body).toMatchObject({
    allowedHosts: ["example.com", ".example.org"],
  });
  await page.getByRole("tab", { name: "Limits" }).click();
  await page.getByText("Requests a second").waitFor();
});

test("an upload link is made for the platforms that were chosen, shown once, and opens the end-user's page", async () => {
  await page.goto(`${world.url}/end-users/customer-17`);
  await page.getByRole("button", { name: "Upload link" }).click();
  expect(await page.getByRole("button", { name: "Make the link" }).isDisabled()).toBe(true);
  await page.getByRole("checkbox", { name: "Reddit" }).check();
  await page.getByRole("button", { name: "Make the link" }).click();
  await page.getByRole("button", { name: "Copy the link" }).click();
  await page.getByText("Copied the link").waitFor({ state: "attached" });
  const link = await clipboard();
  expect(link).toMatch(new RegExp(`^${world.url}/connect/`));
  await page.getByRole("button", { name: "I have it" }).click();
  const other = await (await world.newContext()).newPage();
  await other.goto(link);
  await other.getByText("reddit_session").first().waitFor();
  await other.context().close();
});

test("an end-user's cookies are deleted only after a confirmation", async () => {
  await page.goto(`${world.url}/end-users/customer-17`);
  await page.getByRole("button", { name: "Delete the cookies of Reddit" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
  expect(await page.getByText("reddit_session").count()).toBeGreaterThan(0);
  await page.getByRole("button", { name: "Delete the cookies of Reddit" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("Deleted.").waitFor();
  expect((await world.call("GET", "/v1/end-users/customer-17/credentials")).body).toMatchObject({
    platforms: { reddit: false },
  });
});

test("signing out ends the session: the way back in is the sign-in, and from there to the page that was asked for", async () => {
  await page.getByRole("button", { name: /ada@example.com/ }).click();
  await page.getByRole("menuitem", { name: "Sign out", exact: true }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.goto(`${world.url}/api-keys`);
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("wrong wrong wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery staple");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "API keys" }).waitFor();
});

test("a link to a new password, as the command prints it, sets one once, and the old one is then none", async () => {
  const { code, stdout } = await runCli(
    ["accounts", "reset-link", "--email", person.email, "--base-url", world.url, "--json"],
    { STABLEHAND_DATA_DIR: world.dataDir },
  );
  expect(code).toBe(0);
  const { url } = JSON.parse(stdout) as { url: string };
  await page.goto(url);
  await page.getByLabel("New password").waitFor();
  expect(page.url(), "the token stays in no address").toBe(`${world.url}/reset`);
  await page.getByLabel("New password").fill("another horse battery staple");
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password", { exact: true }).fill("another horse battery staple");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();

  await page.goto(url);
  await page.getByLabel("New password").fill("a third horse battery staple");
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByRole("alert").waitFor();
});

test("all along nothing broke, the policy refused nothing, and nothing was asked of another origin", () => {
  expect(wrong).toEqual([]);
});

/** The strings that the page's script engine holds. */
async function heapOf(of: Page): Promise<string> {
  const session = await of.context().newCDPSession(of);
  let text = "";
  session.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => {
    text += chunk;
  });
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  await session.detach();
  return text;
}
