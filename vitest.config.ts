import { defineConfig } from "vitest/config";

/** The condition under which `@stablehand/vault/open` resolves: the API's own tests run without it. */
const worker = { resolve: { conditions: ["worker"] }, ssr: { resolve: { conditions: ["worker", "node"] } } };

export default defineConfig({
  test: {
    projects: [
      {
        ...worker,
        test: { name: "unit", include: ["packages/*/src/**/*.test.ts"], exclude: ["**/*.{db,browser}.test.ts"] },
      },
    ],
  },
});
