import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const page = (file: string) => fileURLToPath(new URL(`../page/${file}`, import.meta.url));

/** The files of an upload ticket's page, as packages/api/assets has them: its script in one, readable, with the SDK's sealing. */
export async function ticketPageFiles(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    entryPoints: [page("connect.ts"), page("connect.css")],
    outdir: "assets",
    bundle: true,
    write: false,
    format: "esm",
    target: ["es2022"],
    banner: { js: "// Made from packages/api/page by `npm run generate`; a test compares. Do not edit.", css: "" },
    logLevel: "silent",
  });
  return new Map(outputFiles.map(({ path, text }) => [path.split("/").at(-1) ?? "", text]));
}
