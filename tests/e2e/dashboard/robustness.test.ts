import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hostile, prompts } from "../../support/dashboard/dashboard-model.ts";
import {
  type DashboardWorld,
  plainHost,
  startDashboardWorld,
  submitPerson,
  watchPage,
} from "../../support/dashboard/dashboard-world.ts";

let world: DashboardWorld;

beforeAll(async () => {
  world = await startDashboardWorld();
});
afterAll(() => world.stop());

async function openSignedIn(): Promise<Page> {
  return world.signIn(await world.newContext());
}

const place = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Dashboard" }).getByRole("link", { name });

test("a provider's sign-in that failed says why in our words, whatever the address says", async () => {
  const page = await (await world.newContext()).newPage();
  for (const [error, says] of [
    ["account_not_linked", "has a password"],
    ["signup_closed", "Ask for a set-up link"],
    ["Call+555-0100", "did not succeed"],
  ]) {
    await page.goto(`${world.url}/sign-in?error=${error}`);
    const alert = page.getByRole("alert");
    await alert.getByText(says ?? "").waitFor();
    expect(await alert.textContent()).not.toContain("555");
  }
  await page.context().close();
});

test("a session that has ended leads to the sign-in, and after it back to where one was", async () => {
  const page = await openSignedIn();
  await place(page, "Tasks").click();
  await page.getByRole("heading", { name: "Tasks" }).waitFor();
  await page.context().clearCookies();
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await submitPerson(page);
  await page.getByRole("heading", { name: "Tasks" }).waitFor();
  await page.context().close();
});

test("a session that ends while the page is open leads to the sign-in at the next thing that is asked, and back to it", async () => {
  const page = await openSignedIn();
  await world.query("delete from account_sessions");
  await place(page, "API keys").click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await submitPerson(page);
  await page.getByRole("heading", { name: "API keys" }).waitFor();
  await page.context().close();
});

test("a token that the server does not take any more is renewed once, unseen; without a session it is the sign-in", async () => {
  const page = await openSignedIn();
  let refused = 0;
  await page.route("**/v1/api-keys", async (route) => {
    if (refused++ > 0) return route.continue();
    await route.fulfill({ status: 401, json: { error: "The token has expired.", code: "invalid_token" } });
  });
  await place(page, "API keys").click();
  await page
    .getByRole("row", { name: /sb_live_/ })
    .first()
    .waitFor();
  expect(refused).toBe(2);
  refused = 0;
  await page.context().clearCookies();
  await page.reload({ waitUntil: "commit" });
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.context().close();
});

test("two tabs: what signs out in one signs out in the other, and signing in brings both back", async () => {
  const context = await world.newContext();
  const one = await world.signIn(context);
  const other = await context.newPage();
  await other.goto(`${world.url}/settings`);
  await other.getByRole("heading", { name: "Settings" }).waitFor();
  await one.getByRole("button", { name: /ada@example.com/ }).click();
  await one.getByRole("menuitem", { name: "Sign out", exact: true }).click();
  await other.getByRole("heading", { name: "Sign in" }).waitFor();
  await submitPerson(other);
  await other.getByRole("heading", { name: "Settings" }).waitFor();
  await one.getByRole("heading", { name: "Overview" }).waitFor();
  await context.close();
});

test("signing out everywhere ends the sessions of other browsers too", async () => {
  const here = await openSignedIn();
  const there = await openSignedIn();
  await here.getByRole("button", { name: /ada@example.com/ }).click();
  await here.getByRole("menuitem", { name: "Sign out everywhere" }).click();
  await here.getByRole("heading", { name: "Sign in" }).waitFor();
  await there.reload();
  await there.getByRole("heading", { name: "Sign in" }).waitFor();
  await here.context().close();
  await there.context().close();
});

test("the back button goes back through pages and what was searched, and a page can be opened by its address", async () => {
  const page = await openSignedIn();
  await place(page, "End-users").click();
  await page.getByLabel("Search end-users").fill("nobody");
  await page.getByText("No id contains this").waitFor();
  await place(page, "Access log").click();
  await page.getByRole("heading", { name: "Access log" }).waitFor();
  await page.goBack();
  await page.getByText("No id contains this").waitFor();
  expect(await page.getByLabel("Search end-users").inputValue()).toBe("nobody");
  await page.goBack();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.goto(`${world.url}/end-users?search=nobody`);
  await page.getByText("No id contains this").waitFor();
  await page.goto(`${world.url}/end-users?search=17`);
  await page.getByText("No id contains this").waitFor();
  expect(await page.getByLabel("Search end-users").inputValue()).toBe("17");
  await page.context().close();
});

test("on a slow network a page first shows its place, and then its content without moving", async () => {
  const page = await openSignedIn();
  const gate = Promise.withResolvers<void>();
  await page.route("**/v1/**", async (route) => {
    await gate.promise;
    await route.continue();
  });
  await page.goto(`${world.url}/api-keys`);
  await page.getByRole("status").filter({ hasText: "Loading" }).first().waitFor();
  await page.evaluate(() => {
    const seen = { shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as PerformanceEntry & { value: number }).value; // a LayoutShift
    }).observe({ type: "layout-shift", buffered: true });
  });
  gate.resolve();
  await page
    .getByRole("row", { name: /sb_live_/ })
    .first()
    .waitFor();
  expect(await page.evaluate(() => (window as unknown as { seen: { shift: number } }).seen.shift)).toBeLessThan(0.02);
  await page.context().close();
});

test("a server that cannot be reached is told so, and tried again", async () => {
  const page = await openSignedIn();
  await page.route("**/v1/api-keys", (route) => route.abort("connectionrefused"));
  await place(page, "API keys").click();
  await page.getByText("The server could not be reached").waitFor();
  await page.unroute("**/v1/api-keys");
  await page.getByRole("button", { name: "Try again" }).click();
  await page
    .getByRole("row", { name: /sb_live_/ })
    .first()
    .waitFor();
  await page.context().close();
});

test("prompts, labels, end-user ids, results, data, errors and page titles full of markup are text wherever they are shown", async () => {
  const context = await world.newContext();
  const page = await world.signIn(context);
  const wrong = watchPage(page, world.url);
  const at = `/v1/end-users/${encodeURIComponent(hostile)}/credentials`;
  expect((await world.call("PUT", at, world.fakes.accounts.alice.values)).status).toBe(200);
  const schema = {
    type: "array",
    items: { type: "object", properties: { author: { type: "string" }, text: { type: "string" } } },
  };
  const { body } = await world.call("POST", "/v1/tasks", {
    endUserId: hostile,
    task: prompts.hostile,
    schema,
  });
  const { taskId, sessionId } = body as { taskId: string; sessionId: string };
  await world.call("POST", "/v1/webhook-endpoints", { url: "http://127.0.0.1:9/?<b>", description: hostile });

  await place(page, "API keys").click();
  await page.getByRole("button", { name: "Create a key" }).first().click();
  await page.getByLabel("Label").fill(hostile.slice(0, 60));
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("button", { name: "I have it" }).click();

  const shows = async (path: string, text: string, amount = 1) => {
    await page.goto(`${world.url}${path}`);
    await page
      .getByText(text, { exact: false })
      .nth(amount - 1)
      .waitFor();
    const isHarmed = await page.evaluate(() => "pwned" in window || document.getElementById("pwned") !== null);
    expect([path, isHarmed]).toEqual([path, false]);
  };
  const user = encodeURIComponent(hostile);
  await shows(`/tasks/${taskId}`, "Completed");
  await shows(`/tasks/${taskId}`, `Here: ${hostile}`);
  await page.getByRole("cell", { name: hostile }).first().waitFor();
  await shows(`/sessions/${sessionId}`, prompts.hostile);
  await shows("/tasks", prompts.hostile);
  await shows(`/tasks?endUser=${user}`, hostile);
  await shows("/", prompts.hostile);
  await shows("/end-users", hostile);
  await shows(`/end-users/${user}`, hostile);
  await page.getByRole("button", { name: "Delete all" }).click();
  await page.getByRole("alertdialog").getByText(hostile).waitFor();
  await shows(`/connect-account?endUser=${user}`, "Cookies of X");
  await shows("/api-keys", hostile.slice(0, 60));
  await shows("/access-log", hostile);
  await shows("/settings", hostile);
  await shows(`/chat?session=${sessionId}`, `Here: ${hostile}`);
  expect(await page.title()).toBe("Chat · Stablehand");
  expect(wrong).toEqual([]);

  // What a model or a site said when it failed, and a page whose markup is shown as markup: in its frame nothing of it runs.
  await world.query(
    "update tasks set status = 'failed', result = null, structured_content = null, error = $1, error_code = 'model_refused', html_dump = $2 where task_id = $3",
    [hostile, `<title>${hostile}</title><h1>Hostile</h1>${hostile}`, taskId],
  );
  await shows(`/tasks/${taskId}`, hostile, 2);
  const frame = page.frameLocator("iframe");
  await frame.locator("b#pwned").first().waitFor();
  expect(await frame.locator("html").evaluate(() => Reflect.get(window, "pwned") === true)).toBe(false);
  expect(wrong.join("\n"), "the control: something in it tried").toMatch(/script|image/i);
  expect(wrong.filter((what) => what.startsWith("request:"))).toEqual([]);
  await context.close();
});

test("over plain http in a network, where a browser cannot seal, everything works but connecting, which says so and sends nothing", async () => {
  await (await openSignedIn()).context().close(); // there is an account
  const page = await (await world.newContext()).newPage();
  await page.goto(`${world.url.replace("127.0.0.1", plainHost)}/sign-in`);
  await submitPerson(page);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  expect(await page.evaluate(() => isSecureContext), "the control").toBe(false);

  await place(page, "Connect").click();
  await page.getByRole("alert").getByText("only over https").waitFor();
  await page.getByLabel("auth_token", { exact: true }).fill("CANARY-0123456789");
  await page.getByLabel("auth_token", { exact: true }).press("Enter");
  expect(await page.getByRole("button", { name: "Seal and store" }).isDisabled()).toBe(true);
  expect(await page.getByLabel("auth_token", { exact: true }).inputValue()).toBe("CANARY-0123456789");

  await place(page, "API keys").click();
  await page.getByRole("button", { name: "Create a key" }).first().click();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("button", { name: "Copy the key" }).click();
  const told = await page.getByText("select the text and copy it yourself").boundingBox();
  expect(told?.width, "for whoever sees it, too").toBeGreaterThan(100);
  await page.context().close();
});

test("a link to sign in leads nowhere but into the dashboard", async () => {
  const context = await world.newContext();
  const page = await context.newPage();
  for (const next of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    await page.goto(`${world.url}/sign-in?next=${encodeURIComponent(next)}`);
    await submitPerson(page);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    expect(page.url()).toBe(`${world.url}/`);
    await context.clearCookies();
  }
  await context.close();
});
