import { accessSync, constants } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { executablePath, ownTmpDir, processesOf, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { type Display, openDisplay } from "./display.ts";
import { parseEgress } from "./egress.ts";
import { launchBrowser } from "./launch.ts";

let tmp: TestTmpDir;
let programs: string;
let display: Display | undefined;
const PATH = process.env.PATH ?? "";
const hasXvfb = PATH.split(":").some((directory) => {
  try {
    accessSync(join(directory, "Xvfb"), constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), "xvfb-"));
  tmp = await ownTmpDir();
});
afterEach(async () => {
  await Promise.all([display?.stop(), display?.stop()]);
  display = undefined;
  await expect.poll(() => processesOf(tmp.path), { interval: 10, timeout: 10_000 }).toEqual([]);
  expect(await tmp.files()).toEqual([]);
});
afterAll(async () => {
  await tmp.stop();
  await rm(programs, { recursive: true });
});

/** Something in Xvfb's place, beside the worker's directory. */
async function makeProgram(script: string): Promise<string> {
  const path = join(programs, "fake-xvfb");
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

test("a display that DISPLAY names is used as it is", async () => {
  display = await openDisplay({ DISPLAY: ":7", XAUTHORITY: "/a" }, tmp.path, "/nowhere/Xvfb");
  expect(display.env).toEqual({ DISPLAY: ":7", XAUTHORITY: "/a" });
});

test("without DISPLAY and Xvfb, the error says what to install or set", async () => {
  await expect(openDisplay({ PATH }, tmp.path, "/nowhere/Xvfb")).rejects.toThrow(
    /install Xvfb .*or set DISPLAY, or set BROWSER_MODE=headless/,
  );
});

test("an Xvfb that ends at once is an error, and nothing of it stays", async () => {
  const path = await makeProgram("exit 1");
  await expect(openDisplay({ PATH }, tmp.path, path)).rejects.toThrow("Xvfb ended at once");
});

test("an own display is told no setting of the worker, takes no port, and only who knows its cookie", async () => {
  const seen = join(programs, "seen");
  const path = await makeProgram(`{ echo "$@"; env; } > ${seen}\necho 42 >&3\nexec sleep 60`);
  display = await openDisplay({ PATH, MODEL_API_KEY: "CANARY-key" }, tmp.path, path);
  expect(display.env.DISPLAY).toBe(":42");
  const told = await readFile(seen, "utf8");
  expect(told).toContain("-nolisten tcp");
  expect(told).toContain(`-auth ${display.env.XAUTHORITY}`);
  expect(told).toContain(`TMPDIR=${tmp.path}`); // by which a sweep finds it
  expect(told).not.toContain("CANARY");
  const authority = await readFile(display.env.XAUTHORITY ?? "");
  expect(authority.includes("MIT-MAGIC-COOKIE-1")).toBe(true);
});

test.runIf(hasXvfb)(
  "a headful Chromium draws on an Xvfb of the worker's own, which refuses whoever has no cookie",
  async () => {
    display = await openDisplay({ PATH }, tmp.path);
    const nowhere = parseEgress({ EGRESS_TEST_MODE: "1" });
    const sandbox = process.getuid?.() !== 0;
    const options = { tmpDir: tmp.path, mode: "headful", egress: nowhere, executablePath, sandbox } as const;
    const { browser, destroy } = await launchBrowser({ ...options, display: display.env });
    const page = await browser.newPage({ viewport: null }); // else Playwright says what the screen is
    expect(await page.evaluate(() => navigator.userAgent)).not.toContain("Headless");
    expect(await page.evaluate(() => [screen.width, screen.height])).toEqual([1_920, 1_080]);
    await destroy();
    expect(await greet(display.env.DISPLAY ?? "")).toBe(0);
  },
);

/** The first byte of the X server's answer to a client without a cookie: 0 is refused, 1 welcome. */
function greet(name: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(`/tmp/.X11-unix/X${name.slice(1)}`);
    socket.once("error", reject);
    socket.once("data", (answer: Buffer) => {
      socket.destroy();
      resolve(answer[0]);
    });
    socket.write(Buffer.from([0x6c, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
  });
}
