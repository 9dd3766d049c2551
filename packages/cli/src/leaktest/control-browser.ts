import { spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SystemUser } from "../system-users.ts";
import { attackerDomain } from "./world/attacker.ts";

/**
 * Writes a start script, open to all users, that runs `chromiumPath` with a profile that asks the resolver `dnsUrl`, and
 * nobody else, for names: what a machine's own resolver would hear, the attacker hears.
 */
export async function writeChromiumScript(path: string, chromiumPath: string, dnsUrl: string): Promise<void> {
  const localState = JSON.stringify({ dns_over_https: { mode: "secure", templates: dnsUrl } });
  const script = `#!/bin/sh
for argument; do case $argument in --user-data-dir=*) profile=\${argument#*=};; esac; done
mkdir -p "$profile"
printf '%s' '${localState}' > "$profile/Local State"
exec ${quoted(chromiumPath)} "$@"
`;
  await writeFile(path, script, { mode: 0o755 });
}

/** What a browser outside the cage is started with. */
export interface ControlBrowserSetup {
  readonly script: string;
  /** A directory of its own, which must not be there yet. */
  readonly directory: string;
  readonly user: SystemUser | undefined;
  readonly certificate: string;
  readonly sitePort: number;
  readonly attackerPort: number;
}

/**
 * Starts a Chromium without a cage, but for its names leading to the hostile site and the attacker, on this page.
 * `end` kills it.
 */
export async function startControlBrowser(setup: ControlBrowserSetup, page: string) {
  const { script, directory, user, certificate, sitePort, attackerPort } = setup;
  await mkdir(directory, { mode: 0o700 });
  if (user) await chown(directory, user.uid, user.gid);
  const key = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  const child = spawn(
    script,
    [
      ...["--headless=new", "--no-first-run", "--disable-component-update", "--disable-sync", "--disable-gpu"],
      ...["--disable-popup-blocking", "--mute-audio"],
      `--user-data-dir=${join(directory, "profile")}`,
      `--ignore-certificate-errors-spki-list=${createHash("sha256").update(key).digest("base64")}`,
      `--host-resolver-rules=MAP x.com:443 127.0.0.1:${sitePort},MAP *.${attackerDomain} 127.0.0.1:${attackerPort}`,
      page,
    ],
    {
      cwd: "/",
      env: { PATH: process.env.PATH, LANG: "C.UTF-8", HOME: directory, TMPDIR: directory },
      ...(user && { uid: user.uid, gid: user.gid }),
      detached: true,
      stdio: "ignore",
    },
  );
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  return {
    async end(): Promise<void> {
      if (child.pid !== undefined && child.exitCode === null)
        try {
          process.kill(-child.pid, "SIGKILL");
        } catch {
          // It has just ended by itself.
        }
      await ended;
    },
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
