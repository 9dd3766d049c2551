import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkout } from "../checkout.ts";
import { dashboardPages, fillDashboard } from "./dashboard-pages.ts";
import { startDashboardWorld } from "./dashboard-world.ts";

// `npm run pictures`: each page of the dashboard in both schemes, into docs/dashboard/.

const directory = join(checkout, "docs/dashboard");
await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });

const world = await startDashboardWorld({ MONTHLY_TASK_LIMIT: "500" });
try {
  const filled = await fillDashboard(world);
  for (const scheme of ["light", "dark"] as const) {
    const options = { colorScheme: scheme, viewport: { width: 1280, height: 840 }, reducedMotion: "reduce" } as const;
    const signedIn = await world.newContext(options);
    await (await world.signIn(signedIn)).close();
    for (const { name, path, isSignedOut, ready } of dashboardPages(filled)) {
      const context = isSignedOut ? await world.newContext(options) : signedIn;
      const page = await context.newPage();
      await page.goto(`${world.url}${path}`);
      await ready(page);
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: join(directory, `${name}-${scheme}.png`) });
      await page.close();
      if (isSignedOut) await context.close();
      process.stdout.write(`${name}-${scheme}.png\n`);
    }
  }
} finally {
  await world.stop();
}
