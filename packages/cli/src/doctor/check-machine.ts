import { access, constants, statfs } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { CommandError } from "../command-error.ts";
import { type ChromiumSearch, findChromium } from "../find-chromium.ts";
import { runCommand } from "../run-command.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

const nodeMajorMin = 24;
const freeBytesMin = 1_073_741_824;

/** Whether this Node is one that Stablehand runs on. */
export function checkNode(version: string): Finding {
  const [major = ""] = version.replace(/^v/, "").split(".");
  return Number(major) >= nodeMajorMin
    ? ok("node", `${version}`)
    : problem(
        "node",
        `${version} runs this`,
        "Run npm ci, and Stablehand by npm start: the project brings its own Node 24.",
      );
}

/** Whether there is a Chromium, and it runs. */
export async function checkChromium(search: ChromiumSearch): Promise<Finding> {
  try {
    const found = await findChromium(search);
    if (!found)
      return warning(
        "chromium",
        "there is none",
        "npm start installs one; or: apt-get install chromium, or set CHROMIUM_PATH.",
      );
    const version = await runCommand(found.path, ["--version"], {
      timeoutMs: 15_000,
      env: { PATH: search.env.PATH, HOME: "/nonexistent" },
    });
    return ok("chromium", `${version.trim().split("\n").at(-1)} (${found.path})`);
  } catch (error) {
    const says = error instanceof CommandError ? error.message : String(error);
    return problem(
      "chromium",
      says,
      "Install what it misses (Debian: apt-get install chromium), or set CHROMIUM_PATH to another.",
    );
  }
}

/** Whether headful browsers have a display, where they are asked for. */
export async function checkDisplay({
  BROWSER_MODE: mode,
  DISPLAY: display,
  PATH: path,
}: NodeJS.ProcessEnv): Promise<Finding> {
  if (mode !== "headful") return ok("display", "none is needed: browsers run headless");
  if (display) return ok("display", `DISPLAY is ${display}`);
  const places = (path ?? "").split(delimiter).map((directory) => join(directory, "Xvfb"));
  const found = await Promise.any(places.map(async (place) => access(place, constants.X_OK))).then(
    () => true,
    () => false,
  );
  return found
    ? ok("display", "the worker starts an Xvfb of its own")
    : problem(
        "display",
        "BROWSER_MODE is headful, and there is no display",
        "Install Xvfb (Debian: apt-get install xvfb), or leave BROWSER_MODE out.",
      );
}

/** Whether there is room, 1 GiB by default, where the data is, or will be. */
export async function checkDisk(dataDir: string, bytesMin = freeBytesMin): Promise<Finding> {
  for (let path = dataDir; ; path = dirname(path)) {
    const stats = await statfs(path).catch(() => null);
    if (!stats && path !== dirname(path)) continue; // it is not there yet: what it will be made in counts
    if (!stats) return problem("disk", `${dataDir} cannot be looked at`, "Name another with STABLEHAND_DATA_DIR.");
    const free = stats.bavail * stats.bsize;
    const says = `${(free / 1_073_741_824).toFixed(1)} GiB are free for ${dataDir}`;
    return free >= bytesMin
      ? ok("disk", says)
      : problem("disk", says, "Make room, or name another place with STABLEHAND_DATA_DIR.");
  }
}
