/** Says why Chromium did not start and what to do; Playwright's own error, with its log, is the `cause`. */
export class BrowserLaunchError extends Error {
  override readonly name = "BrowserLaunchError";
}

/** The part of the launch options that an explanation names. */
interface Attempt {
  readonly executablePath: string;
  readonly timeoutMs?: number;
}

const explanations: readonly (readonly [sign: RegExp, explain: (attempt: Attempt) => string])[] = [
  [
    /executable doesn't exist|ENOENT/,
    ({ executablePath }) => `there is no ${executablePath}: install Chromium or set CHROMIUM_PATH`,
  ],
  [/EACCES/, ({ executablePath }) => `${executablePath} may not be executed by this user`],
  [/Running as root without --no-sandbox/, () => "its sandbox refuses root: run the worker as an unprivileged user"],
  [
    /No usable sandbox|SUID sandbox helper/,
    () => "its sandbox needs user namespaces: allow them for the worker's user (kernel.unprivileged_userns_clone)",
  ],
  [
    /Missing X server|cannot open display|Unable to open X display/i,
    () => "headful mode needs a display: start Xvfb and set DISPLAY, or set BROWSER_MODE=headless",
  ],
  [/Socket path too long/, () => "its TMPDIR has more than 53 characters: choose a shorter data directory"],
  [/Timeout \d+ms exceeded/, () => "it did not answer in time: the machine is overloaded, or this is no Chromium"],
];

/** Turns whatever a launch threw into a sentence for the log. The browser was empty, so no secret can be in it. */
export function explainLaunchFailure(error: unknown, attempt: Attempt): BrowserLaunchError {
  const text = String(error);
  const known = explanations.find(([sign]) => sign.test(text));
  const why = known ? known[1](attempt) : "it ended at once; the cause has its log";
  return new BrowserLaunchError(`Chromium did not start: ${why}`, { cause: error });
}
