import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@stablehand/core/log";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";
import { executablePath } from "../../../../tests/support/chromium.ts";
import { openedCredentials } from "../../../../tests/support/opened-credentials.ts";

let api: TestApi;
let acme: TestBusiness;
let url: string;
/** A page of the business: at localhost, an origin that it lists, and at 127.0.0.1, one that it does not. */
let embedder: Server;
let embedderPort: number;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What the page's browser sent, with its body. */
let sent: string[];
let complaints: string[];
let logged = "";

const launchOptions = {
  executablePath,
  chromiumSandbox: process.getuid?.() !== 0,
  args: ["--host-resolver-rules=MAP plain.test 127.0.0.1"],
};
const canary = "CANARY-0123456789-abcdef";

beforeAll(async () => {
  const log = createLog("api", "debug", { write: (line) => (logged += line) });
  api = await startTestApi({}, log);
  acme = await api.business("acme");
  url = await api.app.listen({ host: "127.0.0.1", port: 0 });
  embedder = createServer((request, response) => {
    const frame = new URL(request.url ?? "/", "http://x").searchParams.get("frame") ?? "about:blank";
    response.writeHead(200, { "content-type": "text/html" });
    response.end(
      `<!doctype html><title>app</title><script>messages=[];addEventListener("message",(e)=>messages.push([e.origin,e.data]))</script>
       <iframe src="${frame}" width="400" height="600"></iframe>`,
    );
  });
  await once(embedder.listen(0), "listening");
  embedderPort = (embedder.address() as AddressInfo).port; // of a server that listens on TCP
  const embedOrigins = [`http://localhost:${embedderPort}`, "https://elsewhere.example"];
  await acme.call("PUT", "/v1/settings", { allowedHosts: [], embedOrigins });
  browser = await chromium.launch(launchOptions);
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await watched(context);
  return () => context.close();
});
afterAll(async () => {
  await browser.close();
  embedder.close();
  await api.stop();
});

/** A page of a browser, whose requests and complaints are kept. */
async function watched(of: BrowserContext): Promise<Page> {
  sent = [];
  complaints = [];
  const opened = await of.newPage();
  opened.on("request", (request) => sent.push(`${request.method()} ${request.url()} ${request.postData() ?? ""}`));
  opened.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  opened.on("pageerror", (error) => complaints.push(String(error)));
  opened.on("dialog", (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return opened;
}

interface Ticket {
  readonly ticketId: string;
  readonly token: string;
  readonly url: string;
}

async function ticketFor(endUserId: string, body: object = { platforms: ["reddit"] }): Promise<Ticket> {
  const path = `/v1/end-users/${encodeURIComponent(endUserId)}/upload-tickets`;
  const ticket: Ticket = (await acme.call("POST", path, body)).json();
  return { ...ticket, url: `${url}/connect/${ticket.ticketId}#${ticket.token}` };
}

const stored = (endUserId: string) => openedCredentials(api, acme, endUserId);
const state = (of = page) => of.getByRole("status");
const connect = (of = page) => of.getByRole("button", { name: "Connect" });
const becomes = (text: string | RegExp, of = page) => expect.poll(() => state(of).textContent()).toMatch(text);

/** Every file below a directory that has one of the texts in it, as UTF-8 or UTF-16. */
function filesWith(directory: string, texts: readonly string[]): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => {
    const file = join(directory, name);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
    const bytes = readFileSync(file);
    return texts.some((text) => bytes.includes(text) || bytes.includes(Buffer.from(text, "utf16le")));
  });
}

test("by the keyboard alone an end-user connects; the values leave the browser sealed, and open as they were pasted", async () => {
  const ticket = await ticketFor("alice", { platforms: ["twitter", "reddit"] });
  await page.goto(ticket.url);
  await page.getByRole("group", { name: "X (Twitter)" }).waitFor();
  await page.getByLabel("auth_token").focus();
  await page.keyboard.insertText(` ${canary}-a `);
  await page.keyboard.press("Tab");
  await page.keyboard.insertText(`${canary}-é🍪`);
  await page.keyboard.press("Enter");
  await becomes("Connected: X (Twitter). You can close this page.");
  expect(await stored("alice")).toEqual({ twitterAuthToken: `${canary}-a`, twitterCt0: `${canary}-é🍪` });
  expect(await page.locator("input").count(), "no field is left").toBe(0);
  expect(sent.length, "the control").toBeGreaterThan(4);
  expect(sent.filter((one) => !one.includes(` ${url}/connect/`))).toEqual([]);
  expect(sent.join()).toContain('{"sealed":');
  for (const secret of ["CANARY", ticket.token]) expect(sent.join()).not.toContain(secret);
  expect(complaints).toEqual([]);
});

test("no value is in the browser's profile, the token is in no address any more, and neither is in the server's log", async () => {
  const profile = mkdtempSync(join(tmpdir(), "stablehand-profile-"));
  const kept = await chromium.launchPersistentContext(profile, launchOptions);
  try {
    const opened = await watched(kept);
    const ticket = await ticketFor("bob");
    await opened.goto(ticket.url);
    await opened.getByLabel("reddit_session").fill(canary);
    expect(opened.url()).toBe(ticket.url.replace(/#.*/, ""));
    await connect(opened).click();
    await becomes("Connected: Reddit", opened);
    const storage = `(async () => JSON.stringify([
      { ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases(), await caches.keys(), history.length]))()`;
    expect(JSON.parse(await opened.evaluate<string>(storage))).toEqual([{}, {}, "", [], [], expect.any(Number)]);
    expect(await kept.cookies()).toEqual([]);
    await opened.goto("about:blank");
    await opened.goBack();
    await becomes(/not whole/, opened);
    await kept.close();
    expect(filesWith(profile, [ticket.ticketId]).length, "the control: files were searched").toBeGreaterThan(0);
    expect(filesWith(profile, [canary])).toEqual([]);
    expect(logged, "the control: there is a log").toContain("an upload ticket was used");
    for (const secret of ["CANARY", ticket.token]) expect(logged).not.toContain(secret);
  } finally {
    await kept.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

describe("what is pasted wrongly", () => {
  test("is said beside its field as it is typed, and not sent", async () => {
    await page.goto((await ticketFor("wrong", { platforms: ["twitter", "reddit"] })).url);
    const token = page.getByLabel("auth_token");
    await token.fill("auth_token=abc");
    await expect.poll(() => page.locator("#twitterAuthToken-problem").textContent()).toMatch(/^auth_token starts with/);
    await token.fill(canary);
    await expect.poll(() => page.locator("#twitterAuthToken-problem").textContent()).toBe("");
    await connect().click();
    await expect.poll(() => page.locator("#twitterCt0-problem").textContent()).toBe("This one is missing.");
    expect(await page.evaluate("document.activeElement.id")).toBe("twitterCt0");
    expect(await page.getByLabel("ct0").getAttribute("aria-invalid")).toBe("true");
    await token.fill("");
    await connect().click();
    await expect.poll(() => page.locator("#twitterAuthToken-problem").textContent()).toBe("Nothing is pasted yet.");
    expect(sent.filter((one) => one.startsWith("PUT"))).toEqual([]);
  });

  test("is emptied when the page is left", async () => {
    await page.goto((await ticketFor("left")).url);
    const field = page.getByLabel("reddit_session");
    await field.fill(canary);
    await page.evaluate(`dispatchEvent(new PageTransitionEvent("pagehide"))`);
    expect(await field.inputValue()).toBe("");
  });
});

describe("a link that does no more", () => {
  test("says so, and shows no form: used, over, cut, forged, withdrawn", async () => {
    const used = await ticketFor("used");
    await page.goto(used.url);
    await page.getByLabel("reddit_session").fill(canary);
    await connect().click();
    await becomes("Connected: Reddit");
    const over = await ticketFor("over");
    await api.context.database.pool.query("UPDATE upload_tickets SET expires_at = now() WHERE ticket_id = $1", [
      over.ticketId,
    ]);
    const forged = `${url}/connect/${(await ticketFor("forged")).ticketId}#${used.token}`;
    for (const [link, says] of [
      [used.url, "This link has been used. Ask for a new one."],
      [over.url, "This link's time is over. Ask for a new one."],
      [over.url.replace(/#.*/, ""), "This link is not whole, or was withdrawn. Ask for a new one."],
      [forged, "This link is not whole, or was withdrawn. Ask for a new one."],
    ] as const) {
      await page.goto("about:blank");
      await page.goto(link);
      await becomes(says);
      expect(await page.locator("form").count()).toBe(0);
    }
  });

  test("of two browsers that send at once, exactly one connects; the other is told and emptied", async () => {
    const ticket = await ticketFor("two");
    const other = await watched(await browser.newContext());
    const both = [page, other];
    for (const [n, one] of both.entries()) {
      await one.goto(ticket.url);
      await one.getByLabel("reddit_session").fill(`${canary}-${n}`);
    }
    await Promise.all(both.map((one) => connect(one).click()));
    const ends = await Promise.all(
      both.map(async (one) => {
        await becomes(/Connected|used/, one);
        return (await state(one).textContent()) ?? "";
      }),
    );
    const winner = ends.findIndex((text) => text.startsWith("Connected"));
    expect(ends[1 - winner]).toMatch(/^This link (was|has been) used/);
    expect(await stored("two")).toEqual({ redditSession: `${canary}-${winner}` });
    for (const one of both) expect(await one.locator("form").count()).toBe(0);
    await other.context().close();
  });

  test("and what else the server refuses can be mended in the same form", async () => {
    await page.goto((await ticketFor("mended")).url);
    await page.route("**/credentials", (route) => route.abort(), { times: 1 });
    await page.getByLabel("reddit_session").fill(canary);
    await connect().click();
    await becomes(/could not be reached/);
    await connect().click();
    await becomes("Connected: Reddit");
    expect(await stored("mended")).toEqual({ redditSession: canary });
  });
});

test("markup in an end-user's id, and a key that was replaced meanwhile, do nothing", async () => {
  const endUserId = `</script><img src=x onerror=alert(1)>'"&`;
  await page.goto((await ticketFor(endUserId)).url);
  await page.getByLabel("reddit_session").fill(canary);
  await api.context.database.pool.query("DELETE FROM end_user_keys WHERE end_user_id = $1", [endUserId]);
  await connect().click();
  await becomes("Connected: Reddit");
  expect(await stored(endUserId)).toEqual({ redditSession: canary });
  expect(await page.locator("img").count()).toBe(0);
  expect(complaints.filter((text) => !text.includes("409"))).toEqual([]); // Chromium names every refusal
});

test("over plain http, where a browser cannot seal, the values go in clear and the server seals them", async () => {
  const ticket = await ticketFor("plain");
  await page.goto(ticket.url.replace("127.0.0.1", "plain.test"));
  await page.getByLabel("reddit_session").fill(canary);
  await connect().click();
  await becomes("Connected: Reddit");
  expect(sent.join()).toContain(`{"redditSession":"${canary}"}`);
  expect(await stored("plain")).toEqual({ redditSession: canary });
});

test("a page that is told to wait asks again by itself", async () => {
  await page.clock.install();
  const busy = { status: 429, headers: { "retry-after": "5" }, json: { error: "Wait.", code: "rate_limited" } };
  await page.route("**/ticket", (route) => route.fulfill(busy), { times: 1 });
  const asked = page.waitForResponse((response) => response.status() === 429);
  await page.goto((await ticketFor("waits")).url);
  await asked;
  await expect
    .poll(async () => {
      await page.clock.fastForward(6_000);
      return page.locator("form").count();
    })
    .toBe(1);
});

describe("in a frame", () => {
  const frameIn = async (host: string, ticket: Ticket) => {
    await page.goto(`http://${host}:${embedderPort}/?frame=${encodeURIComponent(ticket.url)}`);
    const frame = page.frames()[1];
    if (!frame) throw new Error("there is a frame");
    return frame;
  };
  const messages = () => page.evaluate<[string, unknown][]>("messages");

  test("of an origin that the business lists it works, and tells that page, and no return is made", async () => {
    const returnUrl = `http://localhost:${embedderPort}/connected`;
    const ticket = await ticketFor("framed", { platforms: ["reddit", "tiktok"], returnUrl });
    const frame = await frameIn("localhost", ticket);
    await frame.getByLabel("reddit_session").fill(canary);
    await frame.getByRole("button", { name: "Connect" }).click();
    await expect.poll(messages).toHaveLength(1);
    const { ticketId } = ticket;
    expect(await messages()).toEqual([[url, { type: "stablehand.connected", ticketId, platforms: ["reddit"] }]]);
    expect(frame.url()).toBe(`${url}/connect/${ticketId}`);
    expect(await stored("framed")).toEqual({ redditSession: canary });
  });

  test("of any other origin it does not load, and its ticket stays good", async () => {
    const ticket = await ticketFor("unlisted");
    const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
    const frame = await frameIn("127.0.0.1", ticket);
    await refused;
    expect(await frame.locator("form, #page").count()).toBe(0);
    expect(await messages()).toEqual([]);
    await page.goto(ticket.url);
    await page.getByLabel("reddit_session").waitFor();
  });
});

test("alone it returns to where the business wants it", async () => {
  const returnUrl = `http://localhost:${embedderPort}/connected?x=1`;
  await page.goto((await ticketFor("returns", { platforms: ["reddit"], returnUrl })).url);
  await page.getByLabel("reddit_session").fill(canary);
  await connect().click();
  await page.waitForURL(returnUrl);
  expect(await stored("returns")).toEqual({ redditSession: canary });
});

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  const findings = async (): Promise<unknown> => {
    await page.evaluate(axe.source);
    return page.evaluate(`axe.run().then(({ violations, passes }) => ({ passes: passes.length > 10,
      violations: violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]) }))`);
  };
  const clean = { passes: true, violations: [] };

  test("axe finds nothing at all: in the empty form, among problems, at the end and where a link is over", async () => {
    await page.emulateMedia({ colorScheme });
    const { url: link } = await ticketFor(`axe-${colorScheme}`, { platforms: ["twitter", "youtube"] });
    await page.goto(link);
    await page.locator("form").waitFor();
    expect(await findings()).toEqual(clean);
    for (const summary of await page.locator("summary").all()) await summary.click();
    await page.getByLabel("auth_token").fill("two words");
    await connect().click();
    expect(await page.locator("[aria-invalid]").count()).toBe(2);
    expect(await findings()).toEqual(clean);
    await page.getByLabel("auth_token").fill(canary);
    await page.getByLabel("ct0").fill(canary);
    await connect().click();
    await becomes("Connected");
    expect(await findings()).toEqual(clean);
    await page.goto("about:blank");
    await page.goto(link);
    await becomes("used");
    expect(await findings()).toEqual(clean);
  });

  test("it fits from 360 px to wide, and nothing moves when a problem is told", async () => {
    await page.emulateMedia({ colorScheme });
    const all = ["twitter", "reddit", "tiktok", "youtube", "instagram"];
    await page.goto((await ticketFor(`wide-${colorScheme}`, { platforms: all })).url);
    await page.locator("form").waitFor();
    for (const summary of await page.locator("summary").all()) await summary.click();
    for (const width of [360, 768, 1_920]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    }
    const height = async () => (await page.locator("form").boundingBox())?.height;
    const before = await height();
    await page.getByLabel("auth_token").fill(`a"b`);
    await expect.poll(() => page.locator("#twitterAuthToken-problem").textContent()).not.toBe("");
    expect(await height()).toBe(before);
  });
});
