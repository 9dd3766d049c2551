import { expect, test } from "vitest";
import { BrowserLaunchError, explainLaunchFailure } from "./launch-failure.ts";

test.each([
  ["browserType.launch: spawn /x/chromium ENOENT", "install Chromium or set CHROMIUM_PATH"],
  ["browserType.launch: spawn /x/chromium EACCES", "may not be executed"],
  ["ERROR: Running as root without --no-sandbox is not supported", "run the worker as an unprivileged user"],
  ["FATAL: No usable sandbox! If you are running on Ubuntu 23.10+", "user namespaces"],
  ["ERROR:ozone_platform_x11.cc Missing X server or $DISPLAY", "set DISPLAY"],
  ["FATAL:process_singleton_posix.cc Socket path too long: /a/b", "a shorter data directory"],
  ["browserType.launch: Timeout 30000ms exceeded.", "did not answer in time"],
  ["something new", "ended at once"],
])("%j is explained by what to do about it", (message, advice) => {
  const cause = new Error(message);
  const error = explainLaunchFailure(cause, { executablePath: "/x/chromium" });
  expect(error).toBeInstanceOf(BrowserLaunchError);
  expect(error.message).toContain(advice);
  expect(error.cause).toBe(cause);
});
