import { defineConfig } from "vitest/config";

const globalSetup = ["tests/support/global-setup.ts"];

/** Tests build keyrings and open what the API sealed, so they resolve `@stablehand/vault/open` as a worker does. */
const worker = { ssr: { resolve: { conditions: ["worker", "node"] } } };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        ...worker,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "tests/support/**/*.test.ts", "bench/**/*.test.ts"],
          exclude: ["**/*.{db,browser}.test.ts"],
        },
      },
      {
        ...worker,
        test: {
          name: "db",
          include: ["packages/*/src/**/*.db.test.ts"],
          globalSetup,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...worker,
        test: {
          name: "browser",
          include: ["packages/*/src/**/*.browser.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { ...worker, test: { name: "architecture", include: ["tests/architecture/**/*.test.ts"], testTimeout: 60_000 } },
      {
        ...worker,
        test: {
          name: "proofs",
          include: ["tests/proofs/**/*.test.ts"],
          globalSetup,
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        ...worker,
        test: {
          name: "e2e",
          include: ["tests/{conformance,deploy,e2e}/**/*.test.ts"],
          globalSetup,
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
