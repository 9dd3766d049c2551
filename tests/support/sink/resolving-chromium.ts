import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executablePath } from "../chromium.ts";

/** An executable that is Chromium with another resolver. */
export interface ResolvingChromium {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Writes a start script that runs the tests' Chromium with a profile that asks `dnsUrl`, and nobody else, for names: what
 * a machine's own resolver would hear, the sink hears.
 */
export async function makeResolvingChromium(dnsUrl: string): Promise<ResolvingChromium> {
  const directory = await mkdtemp(join(tmpdir(), "resolving-chromium-"));
  const path = join(directory, "chromium");
  const localState = JSON.stringify({ dns_over_https: { mode: "secure", templates: dnsUrl } });
  await writeFile(
    path,
    `#!/bin/sh
for argument; do case $argument in --user-data-dir=*) profile=\${argument#*=};; esac; done
printf '%s' '${localState}' > "$profile/Local State"
exec ${executablePath} "$@"
`,
    { mode: 0o755 },
  );
  return { path, remove: () => rm(directory, { recursive: true, force: true }) };
}
