import { EventEmitter, once } from "node:events";
import { expect, test } from "vitest";
import type { SingleUseBrowser } from "./launch.ts";
import { BrowserUnavailableError, createBrowserPool } from "./pool.ts";

/** Launches that the test completes one by one, in place of Chromium's. */
function stagedLaunches() {
  const events = new EventEmitter();
  const pending: PromiseWithResolvers<SingleUseBrowser>[] = [];
  let started = 0;
  return {
    get started() {
      return started;
    },
    launch() {
      started += 1;
      const launch = Promise.withResolvers<SingleUseBrowser>();
      pending.push(launch);
      events.emit("launch");
      return launch.promise;
    },
    async next() {
      if (pending.length === 0) await once(events, "launch");
      const launch = pending.shift();
      if (!launch) throw new Error("a launch was announced");
      return launch;
    },
  };
}

function fakeBrowser() {
  const gone = Promise.withResolvers<void>();
  const browser = {
    destroyed: 0,
    processId: 0,
    gone: gone.promise,
    die: () => gone.resolve(),
    async destroy() {
      browser.destroyed += 1;
      gone.resolve();
    },
  };
  return browser as typeof browser & SingleUseBrowser; // a pool never looks at `browser`
}

test("every browser is handed out once, and a spare is launched in its place", async () => {
  const launches = stagedLaunches();
  const pool = createBrowserPool({ prewarm: 2, launch: launches.launch });
  const browsers = [fakeBrowser(), fakeBrowser(), fakeBrowser()];
  for (const browser of browsers.slice(0, 2)) (await launches.next()).resolve(browser);
  const taken = [await pool.take()];
  for (const browser of browsers.slice(2)) (await launches.next()).resolve(browser);
  taken.push(await pool.take(), await pool.take());
  expect(new Set(taken)).toEqual(new Set(browsers));
});

test("a spare that died is not handed out and its files are removed", async () => {
  const launches = stagedLaunches();
  const pool = createBrowserPool({ prewarm: 1, launch: launches.launch, retryMs: 1 });
  const [dead, next] = [fakeBrowser(), fakeBrowser()];
  (await launches.next()).resolve(dead);
  dead.die();
  (await launches.next()).resolve(next);
  expect(await pool.take()).toBe(next);
  expect(dead.destroyed).toBe(1);
});

test("a failed launch is told, tried again later and then serves whoever waits", async () => {
  const launches = stagedLaunches();
  const failures: unknown[] = [];
  const pool = createBrowserPool({
    prewarm: 0,
    launch: launches.launch,
    retryMs: 1,
    onFailure: (error) => failures.push(error),
  });
  const taking = pool.take();
  const failure = new Error("no display");
  (await launches.next()).reject(failure);
  const browser = fakeBrowser();
  (await launches.next()).resolve(browser);
  expect(await taking).toBe(browser);
  expect(failures).toEqual([failure]);
});

test("after a failure nothing is launched until the wait is over, however many ask", async () => {
  const launches = stagedLaunches();
  const told = Promise.withResolvers<unknown>();
  const pool = createBrowserPool({
    prewarm: 1,
    launch: launches.launch,
    retryMs: 60_000,
    takeMs: 5,
    onFailure: told.resolve,
  });
  (await launches.next()).reject(new Error("no display"));
  await told.promise;
  const taken = await Promise.allSettled([pool.take(), pool.take()]);
  expect(taken.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(launches.started).toBe(1);
  await pool.stop();
});

test("a take that finds no browser in time says why the last launch failed", async () => {
  const launches = stagedLaunches();
  const pool = createBrowserPool({ prewarm: 0, launch: launches.launch, retryMs: 60_000, takeMs: 20 });
  const taking = pool.take();
  const cause = new Error("no display");
  (await launches.next()).reject(cause);
  await expect(taking).rejects.toEqual(new BrowserUnavailableError("no browser was ready within 20 ms", { cause }));
  await pool.stop();
});

test("a browser that comes after its taker gave up is destroyed, not kept beyond the spares", async () => {
  const launches = stagedLaunches();
  const pool = createBrowserPool({ prewarm: 0, launch: launches.launch, takeMs: 1 });
  await expect(pool.take()).rejects.toThrow(BrowserUnavailableError);
  const late = fakeBrowser();
  (await launches.next()).resolve(late);
  await late.gone;
  expect(late.destroyed).toBe(1);
});

test("stop destroys spares, browsers handed out and launches under way, and ends every wait", async () => {
  const launches = stagedLaunches();
  const pool = createBrowserPool({ prewarm: 2, launch: launches.launch });
  const [taken, spare, late] = [fakeBrowser(), fakeBrowser(), fakeBrowser()];
  (await launches.next()).resolve(taken);
  expect(await pool.take()).toBe(taken);
  (await launches.next()).resolve(spare);
  const underWay = await launches.next();
  await pool.take();
  const waiting = pool.take();
  const stopped = Promise.all([pool.stop(), pool.stop()]);
  await expect(waiting).rejects.toThrow("the browser pool is stopped");
  underWay.resolve(late);
  for (const launch of [await launches.next(), await launches.next()]) launch.reject(new Error("stopped"));
  await stopped;
  expect([taken, spare, late].map(({ destroyed }) => destroyed > 0)).toEqual([true, true, true]);
  await expect(pool.take()).rejects.toThrow("the browser pool is stopped");
});
