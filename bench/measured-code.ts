import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Bench } from "./bench.ts";

/** The code on the path that a bench measures. */
export interface MeasuredCode {
  /**
   * Of what runs: the bundle of the bench's entries, without comments, types, white space and what nobody uses; and the
   * versions of Node and of the packages that it imports. Neither a commit nor an unrelated file changes it.
   */
  readonly hash: string;
  /** Paths in the checkout. */
  readonly files: readonly string[];
}

/** Finds what `bench` measures in the checkout `root` as it is now, uncommitted changes included. */
export async function measuredCode(root: string, { entries }: Pick<Bench, "entries">): Promise<MeasuredCode> {
  const packages = new Set(["node"]);
  const { metafile, outputFiles } = await build({
    entryPoints: [...entries],
    absWorkingDir: root,
    outdir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node24",
    conditions: ["worker"],
    logLevel: "silent",
    plugins: [leaveOut(packages)],
  });
  const hash = createHash("sha256");
  for (const { path, text } of outputFiles.toSorted((one, other) => (one.path < other.path ? -1 : 1)))
    hash.update(`${relative(root, path)}\0${text}\0`);
  const versionOf = versionsIn(root);
  for (const name of [...packages].sort()) hash.update(`${name}@${versionOf(name)}\0`);
  return { hash: hash.digest("hex").slice(0, 16), files: Object.keys(metafile.inputs).sort() };
}

/** Leaves what others wrote out of the bundle, and notes it. */
function leaveOut(packages: Set<string>): Plugin {
  return {
    name: "leave out what others wrote",
    setup({ onResolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
        if (kind === "entry-point" || path.startsWith("@stablehand/")) return undefined;
        if (!path.startsWith("node:"))
          packages.add(
            path
              .split("/")
              .slice(0, path.startsWith("@") ? 2 : 1)
              .join("/"),
          );
        return { path, external: true };
      });
    },
  };
}

/** As the lock file has them; a package that has no place of its own there is named without one. */
function versionsIn(root: string): (name: string) => string {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version?: string }>; // npm's own format
  };
  return (name) => packages[`node_modules/${name}`]?.version ?? "";
}
