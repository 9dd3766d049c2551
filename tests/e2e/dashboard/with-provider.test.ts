import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type DashboardWorld, startDashboardWorld, watchPage } from "../../support/dashboard/dashboard-world.ts";
import { freePort } from "../../support/key-services/free-port.ts";
import { type OidcProvider, startOidcProvider } from "../../support/oidc-provider.ts";

// The whole way in a browser, over another site and back; what the server refuses is in oidc.db.test.ts.

const ann = { sub: "u-1", email: "ann@corp.example", emailVerified: true };

let provider: OidcProvider;
let world: DashboardWorld;

beforeAll(async () => {
  provider = await startOidcProvider(ann, "localhost");
  const port = await freePort();
  world = await startDashboardWorld({
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: provider.clientId,
    OIDC_CLIENT_SECRET: provider.clientSecret,
    OIDC_NAME: "Corp",
  });
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});
beforeEach(() => {
  provider.person = ann;
  provider.fault = null;
});

async function openNew(address: string): Promise<Page> {
  const page = await (await world.newContext()).newPage();
  await page.goto(address);
  return page;
}

const pressButton = (page: Page) => page.getByRole("button", { name: "Continue with Corp" }).click();

test("the set-up link and the provider's sign-in make the account, and lead to the overview", async () => {
  const page = await openNew(world.setupUrl);
  const wrong = watchPage(page, world.url);
  await pressButton(page);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  expect(page.url()).toBe(`${world.url}/`);
  await page.getByRole("button", { name: /ann@corp.example/ }).waitFor();
  expect(
    wrong.map((what) => what.split("?")[0]),
    "it was at the provider, and nothing else happened",
  ).toEqual([`request: ${provider.issuer}/authorize`]);
  await page.reload();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.context().close();
});

test("later the button alone signs in, leads back to the page that was asked for, and leaves a cookie that no script or other site has", async () => {
  const page = await openNew(`${world.url}/api-keys`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await pressButton(page);
  await page.getByRole("heading", { name: "API keys" }).waitFor();
  const cookies = await page.context().cookies();
  expect(cookies.filter(({ name }) => name.includes("session_token"))).toEqual([
    expect.objectContaining({ httpOnly: true, sameSite: "Strict" }),
  ]);
  await page.context().close();
});

test("it leads back to the page of an end-user whose id has a slash in it, too", async () => {
  const page = await openNew(`${world.url}/end-users/a%2Fb`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await pressButton(page);
  await page.getByRole("heading", { name: "a/b" }).waitFor();
  await page.context().close();
});

test("whom nobody invited comes back to a sign-in that says so, and is not signed in", async () => {
  provider.person = { sub: "u-9", email: "eve@corp.example", emailVerified: true };
  const page = await openNew(`${world.url}/sign-in`);
  await pressButton(page);
  await page.getByRole("alert").getByText("Ask for a set-up link").waitFor();
  await page.goto(`${world.url}/`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.context().close();
});

test("a provider that cannot be believed leads to a sign-in that says so, from which another try succeeds", async () => {
  provider.fault = "signature";
  const page = await openNew(`${world.url}/sign-in`);
  await pressButton(page);
  await page.getByRole("alert").getByText("did not succeed").waitFor();
  provider.fault = null;
  await pressButton(page);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.context().close();
});
