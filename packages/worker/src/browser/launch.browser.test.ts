import { chmod, mkdir, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  executablePath,
  launchTestBrowser,
  ownTmpDir,
  processesOf,
  type TestTmpDir,
} from "../../../../tests/support/chromium.ts";
import { parseEgress } from "./egress.ts";
import { launchBrowser } from "./launch.ts";
import { BrowserLaunchError } from "./launch-failure.ts";

let tmp: TestTmpDir;
const nowhere = parseEgress({ EGRESS_TEST_MODE: "1" });

beforeAll(async () => {
  tmp = await ownTmpDir();
});
afterEach(async () => {
  // After a failed launch Playwright tidies up behind our back, and a crash handler outlives its browser by moments.
  await expect.poll(() => tmp.files(), { interval: 10 }).toEqual([]);
  await expect.poll(() => processesOf(tmp.path), { interval: 10 }).toEqual([]);
});
afterAll(() => tmp.stop());

test("a launched browser is empty, lives in the worker's TMPDIR only, and leaves nothing when destroyed", async () => {
  const { browser, processId, gone, destroy } = await launchTestBrowser(tmp.path, nowhere);
  expect(browser.contexts()).toEqual([]);
  expect(await processesOf(tmp.path)).toContain(processId);
  expect(await tmp.files()).toHaveLength(2); // our directory and Playwright's profile
  await Promise.all([destroy(), destroy()]);
  await gone;
  expect(await tmp.files()).toEqual([]);
});

test("no process of a browser listens on a TCP port, and debugging is over a pipe", async () => {
  const { processId, destroy } = await launchTestBrowser(tmp.path, nowhere);
  const own = createServer();
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  expect(await listeningSockets([process.pid])).not.toEqual([]); // the control
  expect(await listeningSockets([...(await processesOf(tmp.path)), ...(await descendantsOf(processId))])).toEqual([]);
  const line = await readFile(`/proc/${processId}/cmdline`, "utf8");
  expect(line).toContain("--remote-debugging-pipe");
  expect(line).not.toContain("--remote-debugging-port");
  await new Promise((resolve) => own.close(resolve));
  await destroy();
});

/** The inodes of the TCP sockets that these processes listen on. */
async function listeningSockets(pids: readonly number[]): Promise<string[]> {
  const listening = new Set<string>();
  for (const table of ["tcp", "tcp6"])
    for (const line of (await readFile(`/proc/net/${table}`, "utf8")).split("\n")) {
      const [, , , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      if (state === "0A") listening.add(inode);
    }
  const held = await Promise.all(
    pids.map(async (pid) => {
      const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []); // it may end meanwhile
      return Promise.all(descriptors.map((one) => readlink(`/proc/${pid}/fd/${one}`).catch(() => "")));
    }),
  );
  const inodes = held.flat().flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
  return inodes.filter((inode) => listening.has(inode));
}

async function descendantsOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const pids = children.split(" ").filter(Boolean).map(Number);
  return [...pids, ...(await Promise.all(pids.map(descendantsOf))).flat()];
}

test("our lists of features, of which Chromium obeys the last, repeat all that Playwright's hold", async () => {
  const { processId, destroy } = await launchTestBrowser(tmp.path, nowhere);
  const switches = (await readFile(`/proc/${processId}/cmdline`, "utf8")).split("\0");
  await destroy();
  for (const name of ["--disable-features=", "--enable-features="]) {
    const lists = switches.filter((one) => one.startsWith(name)).map((one) => one.slice(name.length).split(","));
    expect(lists.length, name).toBeGreaterThanOrEqual(2); // theirs and ours
    expect(lists.at(-1), name).toEqual(expect.arrayContaining(lists.flat()));
  }
});

test("the browser's environment holds none of the worker's settings", async () => {
  process.env.STABLEHAND_TEST_SECRET = "CANARY-environment";
  const { destroy } = await launchTestBrowser(tmp.path, nowhere);
  expect(await processesOf("CANARY-environment")).toEqual([]);
  expect((await processesOf(tmp.path)).length).toBeGreaterThan(1); // and we can read its environment
  delete process.env.STABLEHAND_TEST_SECRET;
  await destroy();
});

test("a browser that does not answer is killed with all its processes", async () => {
  const { processId, destroy } = await launchTestBrowser(tmp.path, nowhere);
  process.kill(processId, "SIGSTOP");
  await destroy();
  expect(await tmp.files()).toEqual([]);
});

test("a browser killed from outside is reported gone, and destroy removes its files", async () => {
  const { processId, gone, destroy } = await launchTestBrowser(tmp.path, nowhere);
  process.kill(processId, "SIGKILL");
  await gone;
  await destroy();
  expect(await tmp.files()).toEqual([]);
});

test("a page in an endless loop does not keep its browser alive", async () => {
  const { browser, destroy } = await launchTestBrowser(tmp.path, nowhere);
  const page = await browser.newPage();
  const looping = page.evaluate(() => {
    for (;;);
  });
  await Promise.all([destroy(), expect(looping).rejects.toThrow()]);
});

test("an executable that is missing or cannot be run is an error that says so", async () => {
  const options = { tmpDir: tmp.path, mode: "headless", egress: nowhere } as const;
  const missing = launchBrowser({ ...options, executablePath: "/nowhere/chromium" });
  await expect(missing).rejects.toThrow("there is no /nowhere/chromium: install Chromium or set CHROMIUM_PATH");
  const notExecutable = launchBrowser({ ...options, executablePath: import.meta.filename });
  await expect(notExecutable).rejects.toThrow(/may not be executed by this user/);
});

test("something that is no Chromium is given up in time and ended", async () => {
  const bin = join(tmp.path, "bin");
  const silent = join(bin, "silent");
  await mkdir(bin);
  await writeFile(silent, "#!/bin/sh\nexec sleep 60\n");
  await chmod(silent, 0o755);
  const options = { tmpDir: tmp.path, mode: "headless", egress: nowhere, executablePath: silent } as const;
  await expect(launchBrowser({ ...options, timeoutMs: 500 })).rejects.toThrow("it did not answer in time");
  await rm(bin, { recursive: true });
});

test.runIf(process.getuid?.() === 0)(
  "as root the sandbox is not given up silently: the launch is refused",
  async () => {
    const launch = launchBrowser({ tmpDir: tmp.path, mode: "headless", egress: nowhere, executablePath });
    await expect(launch).rejects.toThrow(/run the worker as an unprivileged user/);
  },
);

test("headful without a display is an error that names both ways out", async () => {
  const sandbox = process.getuid?.() !== 0;
  const launch = launchBrowser({ tmpDir: tmp.path, mode: "headful", egress: nowhere, executablePath, sandbox });
  await expect(launch).rejects.toThrow(/set DISPLAY, or set BROWSER_MODE=headless/);
  await expect(launch).rejects.toBeInstanceOf(BrowserLaunchError);
});

test("a TMPDIR that is not the worker's own is refused", async () => {
  const launch = launchBrowser({ tmpDir: "/elsewhere", mode: "headless", egress: nowhere, executablePath });
  await expect(launch).rejects.toThrow(/start the worker with TMPDIR=\/elsewhere/);
});
