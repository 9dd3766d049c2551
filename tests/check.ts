import { spawn } from "node:child_process";

// `npm run check`: everything that can be said of the code without running it, at once.

const checks: Record<string, string[]> = {
  "format and lint": ["biome", "check", "--error-on-warnings"],
  types: ["tsc", "-p", "tsconfig.json"],
  "types of the API, which cannot name what opens": ["tsc", "-p", "packages/api/tsconfig.json"],
  "types of the contract, which runs anywhere": ["tsc", "-p", "packages/contract/tsconfig.json"],
  "types of the SDK, which runs anywhere": ["tsc", "-p", "packages/sdk/tsconfig.json"],
  "types of an upload ticket's page, which runs in a browser": ["tsc", "-p", "packages/api/page/tsconfig.json"],
  "types of the dashboard, which runs in browsers": ["tsc", "-p", "packages/dashboard/tsconfig.json"],
  "dead code": ["knip"],
  "architecture rules": ["vitest", "run", "--project", "architecture"],
};

const results = await Promise.all(
  Object.entries(checks).map(
    ([name, [command = "", ...args]]) =>
      new Promise<boolean>((resolve) => {
        const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
        let output = "";
        for (const stream of [child.stdout, child.stderr])
          stream.setEncoding("utf8").on("data", (text: string) => {
            output += text;
          });
        child.once("close", (code) => {
          process.stdout.write(code === 0 ? `ok      ${name}\n` : `FAILED  ${name}\n${output}\n`);
          resolve(code === 0);
        });
      }),
  ),
);
process.exitCode = results.every(Boolean) ? 0 : 1;
