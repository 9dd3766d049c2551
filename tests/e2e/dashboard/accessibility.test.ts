import axe from "axe-core";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dashboardPages, fillDashboard } from "../../support/dashboard/dashboard-pages.ts";
import { type DashboardWorld, startDashboardWorld } from "../../support/dashboard/dashboard-world.ts";

let world: DashboardWorld;
let pages: Awaited<ReturnType<typeof fillDashboard>>;
const contexts = new Map<"light" | "dark", BrowserContext>();

beforeAll(async () => {
  world = await startDashboardWorld();
  for (const scheme of ["light", "dark"] as const) {
    const context = await world.newContext({ colorScheme: scheme, reducedMotion: "reduce" });
    contexts.set(scheme, context);
    await (await world.signIn(context)).close();
  }
  pages = await fillDashboard(world);
});
afterAll(() => world.stop());

/** What axe finds on a page that is serious or worse, and how many rules it passed. */
async function inspect(page: Page): Promise<{ found: string[]; passes: number }> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations, passes } = await (window as unknown as AxeWindow).axe.run();
    return {
      passes: passes.length,
      found: violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`),
    };
  });
}

interface AxeWindow {
  readonly axe: {
    run(): Promise<{
      passes: unknown[];
      violations: { id: string; impact: string | null; nodes: { html: string }[] }[];
    }>;
  };
}

async function openPage(scheme: "light" | "dark", name: string): Promise<Page> {
  const known = dashboardPages(pages).find((one) => one.name === name);
  const context = contexts.get(scheme);
  if (!known || !context) throw new Error(`there is no page ${name}`);
  const page = await (known.isSignedOut ? await world.newContext({ colorScheme: scheme }) : context).newPage();
  await page.goto(`${world.url}${known.path}`);
  await known.ready(page);
  return page;
}

const names = dashboardPages({ taskId: "", sessionId: "", designTaskId: "" }).map(({ name }) => name);

describe.each(["light", "dark"] as const)("in the %s scheme", (scheme) => {
  test.each(names)("axe has no serious finding on %s", async (name) => {
    const page = await openPage(scheme, name);
    const { found, passes } = await inspect(page);
    expect(passes, "the control: rules were applied").toBeGreaterThan(10);
    expect(found).toEqual([]);
    await page.close();
  });
});

test("axe has no serious finding in dialogs and menus", async () => {
  for (const scheme of ["light", "dark"] as const) {
    const page = await openPage(scheme, "api-keys");
    await page.getByRole("button", { name: "Create a key" }).first().click();
    expect((await inspect(page)).found).toEqual([]);
    await page.keyboard.press("Escape");
    await page
      .getByRole("button", { name: /^Revoke/ })
      .first()
      .click();
    expect((await inspect(page)).found).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /ada@example.com/ }).click();
    expect((await inspect(page)).found).toEqual([]);
    await page.close();
  }
});

test.each(names)("%s fits a window of 360 px, and one of 2560", async (name) => {
  const page = await openPage("light", name);
  for (const width of [360, 768, 2_560]) {
    await page.setViewportSize({ width, height: 800 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect([width, overflow <= 0]).toEqual([width, true]);
  }
  await page.close();
});

test("everything is done by keyboard: skip, go somewhere, make a key, leave the dialog, and the focus is where it was", async () => {
  const page = await openPage("light", "overview");
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  await press("Tab");
  expect(await focused()).toBe("Skip to the page");
  await press("Enter", "Tab");
  expect(await focused()).toBe("New task");
  for (let tabs = 0; tabs < 20 && (await focused()) !== "API keys"; tabs++) await press("Shift+Tab");
  await press("Enter");
  await page.getByRole("heading", { name: "API keys" }).waitFor();
  await press("Tab");
  expect(await focused()).toBe("Create a key");
  await press("Enter");
  await page.getByLabel("Label").waitFor();
  await page.keyboard.type("By keyboard");
  await press("Enter");
  await page.getByText("Copy the key now").waitFor();
  await press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await focused()).toBe("Create a key");
  await page.close();
});

test("the scheme is the system's until one is chosen, which then stays, also over a reload", async () => {
  const page = await openPage("light", "overview");
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByRole("button", { name: /ada@example.com/ }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  const dark = await background();
  expect(dark).not.toBe(light);
  await page.reload();
  expect(await background()).toBe(dark);
  await page.evaluate(() => localStorage.clear());
  await page.close();
});
