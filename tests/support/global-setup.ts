import type { TestProject } from "vitest/node";
import { startTestPostgres } from "./postgres.ts";

/** Starts the PostgreSQL of a test run before the first test and deletes it after the last; see postgres.ts. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startTestPostgres();
  project.provide("postgresUrl", postgres.url);
  return () => postgres.stop();
}
