import { startFakePlatforms } from "../tests/support/fake-platforms/fake-platforms.ts";
import { makeDataDir, startServer } from "../tests/support/server.ts";
import type { BenchResult } from "./bench.ts";

const at = "/v1/end-users/alice/credentials";

/** How long a submitted check waits for a worker, and takes, on an idle system with the fake platforms. */
export async function benchCheckPickup({ quick }: { quick: boolean }): Promise<BenchResult> {
  const checks = quick ? 5 : 30;
  const data = await makeDataDir();
  const fakes = await startFakePlatforms();
  const server = await startServer(data.dir, fakes.env);
  try {
    await server.call("PUT", at, { redditSession: fakes.accounts.alice.values.redditSession });
    const waits: number[] = [];
    const durations: number[] = [];
    for (let n = 0; n < checks; n++) {
      const { taskId } = (await server.call("POST", `${at}/check`)).body as { taskId: string };
      for (;;) {
        const task = (await server.call("GET", `/v1/tasks/${taskId}`)).body as Record<string, string>;
        if (task.status === "pending" || task.status === "running") {
          await new Promise((resolve) => setTimeout(resolve, 100));
          continue;
        }
        if (task.status !== "completed") throw new Error(`a check ended as ${task.status}: ${task.error}`);
        const time = (name: string) => Date.parse(task[name] ?? "");
        waits.push(time("startedAt") - time("createdAt"));
        durations.push(time("completedAt") - time("startedAt"));
        break;
      }
    }
    const at50 = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
    const row = (what: string, numbers: number[]) => ({
      what,
      "p50 ms": at50(numbers),
      "max ms": Math.max(...numbers),
    });
    const pickup = at50(waits);
    return {
      title: `${checks} sign-in checks, one after the other`,
      table: [row("submitted → running", waits), row("running → completed", durations)],
      bars: [{ bar: "p50 of submitted → running ≤ 50 ms", measured: `${pickup} ms`, met: pickup <= 50 }],
      notes: ["Of a check, 1,500 ms are waiting for the page's address to settle."],
    };
  } finally {
    await server.stop();
    await fakes.stop();
    await data.remove();
  }
}
