import type { Benches } from "./bench.ts";

const api = "packages/api/src/main.ts";
const floorServer = "bench/support/floor-server.ts";
const manyRequests = "bench/support/many-requests.ts";
const wholeProduct = ["packages/cli/src/start.ts", api, "packages/worker/src/main.ts"];

/** Every bench: those of README's figures first, the long ones last. */
export const benches: Benches = {
  credentials: {
    what: "PUT and GET of credentials beside a bare node:http server and bare pg",
    minutes: 5,
    entries: ["bench/credentials.ts", floorServer, api],
    run: async (options) => (await import("./credentials.ts")).benchCredentials(options),
  },
  "credentials-memory": {
    what: "the API's memory over 200,000 PUTs",
    minutes: 2,
    entries: ["bench/credentials-memory.ts", api],
    run: async (options) => (await import("./credentials-memory.ts")).benchCredentialsMemory(options),
  },
  tasks: {
    what: "a task from submission to answer, tasks a minute, and submissions a second",
    minutes: 6,
    entries: [
      "bench/tasks.ts",
      "bench/support/task-bare-script.ts",
      "bench/support/task-floor-server.ts",
      ...wholeProduct,
    ],
    run: async (options) => (await import("./tasks.ts")).benchTasks(options),
  },
  redaction: {
    what: "what removing secrets from a document of 1 MB costs",
    minutes: 1,
    entries: ["bench/redaction.ts"],
    run: async (options) => (await import("./redaction.ts")).benchRedaction(options),
  },
  proxy: {
    what: "what the browsers' proxy adds to loading a page of 200 requests",
    minutes: 2,
    entries: ["bench/proxy.ts", manyRequests],
    run: async (options) => (await import("./proxy.ts")).benchProxy(options),
  },
  "read-only": {
    what: "what a read-only task adds to that",
    minutes: 2,
    entries: ["bench/read-only.ts", manyRequests],
    run: async (options) => (await import("./read-only.ts")).benchReadOnly(options),
  },
  tokens: {
    what: "what a model reads of pages and of a job, beside Playwright's and Stagehand's",
    minutes: 6,
    entries: ["bench/tokens.ts"],
    run: async (options) => (await import("./tokens.ts")).benchTokens(options),
  },
  "credentials-scale": {
    what: "PUT and GET with 10,000 and with 5,000,000 stored rows",
    minutes: 6,
    entries: ["bench/credentials-scale.ts", api],
    run: async (options) => (await import("./credentials-scale.ts")).benchCredentialsScale(options),
  },
  "task-statistics": {
    what: "what the dashboard's overview asks, of a million tasks and beside them",
    minutes: 3,
    entries: ["bench/task-statistics.ts", api],
    run: async (options) => (await import("./task-statistics.ts")).benchTaskStatistics(options),
  },
  "check-pickup": {
    what: "how soon a worker takes a submitted check",
    minutes: 2,
    entries: ["bench/check-pickup.ts", ...wholeProduct],
    run: async (options) => (await import("./check-pickup.ts")).benchCheckPickup(options),
  },
  "api-memory-search": {
    what: "what of 1,000 uploaded values is left in the API's memory",
    minutes: 1,
    entries: ["bench/api-memory-search.ts", "bench/support/collect-garbage.ts", api],
    run: async () => (await import("./api-memory-search.ts")).searchApiMemory(),
  },
  design: {
    what: "what is found of a page's design, beside dembrandt; its time and memory on long pages",
    minutes: 10,
    entries: ["bench/design.ts", "bench/support/design-worker.ts"],
    run: async (options) => (await import("./design.ts")).benchDesign(options),
  },
  "worker-kills": {
    what: "100 × kill -9 of the worker, and 50 tasks on one login",
    minutes: 15,
    entries: ["bench/worker-kills.ts", ...wholeProduct],
    run: async (options) => (await import("./worker-kills.ts")).benchWorkerKills(options),
  },
  "worker-memory": {
    what: "the worker's memory over 1,000 tasks",
    minutes: 20,
    entries: ["bench/worker-memory.ts", ...wholeProduct],
    run: async (options) => (await import("./worker-memory.ts")).benchWorkerMemory(options),
  },
  "random-pages": {
    what: "3,000 random pages and models, searched for the cookies' values",
    minutes: 37,
    entries: ["bench/random-pages.ts"],
    run: async (options) => (await import("./random-pages.ts")).benchRandomPages(options),
  },
};
