import { platforms } from "@stablehand/contract";
import { CommandError } from "../command-error.ts";
import type { Canaries } from "./canaries.ts";
import type { World } from "./make-world.ts";
import type { SinkPart } from "./search/search-sink.ts";
import type { ServerUnderTest } from "./server-under-test.ts";

/** What the tasks of a leaktest said. */
export interface TaskSinks {
  readonly events: SinkPart[];
  readonly results: SinkPart[];
  readonly html: SinkPart[];
  /** How each ended, by play. */
  readonly ended: ReadonlyMap<string, string>;
}

/** A task as far as a leaktest reads it. */
interface Task {
  readonly status: string;
  readonly result?: string;
  readonly structured_content?: unknown;
  readonly html_dump?: string;
  readonly error?: string;
  readonly errorCode?: string;
}

/** How each task has to end, or else it was not tried what was to be tried. */
export const expectedEnds: Readonly<Record<string, string>> = {
  check: "completed",
  echo: "completed",
  attack: "completed",
  malformed: "failed model_misbehaved",
  mismatch: "failed schema_mismatch",
  refused: "failed model_unavailable",
  broken: "failed model_unavailable",
  cancelled: "cancelled",
  marker: "completed",
};

/** The end-user whose cookies are the canaries. */
const endUserId = "leaktest-user";

const askedMs = 240_000;

/** Submits tasks and keeps what is told of them. */
export function createTaskRunner(server: ServerUnderTest, { values, marker }: Canaries, { model }: World) {
  const at = `/v1/end-users/${endUserId}/credentials`;
  const sinks = { events: [] as SinkPart[], results: [] as SinkPart[], html: [] as SinkPart[] };
  const ended = new Map<string, string>();

  async function submit(play: string, extra: object = {}): Promise<string> {
    const task = { endUserId, task: `Do as you are told [leaktest:${play}]`, ...extra };
    const { status, text } = await server.call("POST", "/v1/tasks", task);
    if (status !== 201)
      throw new CommandError(`The server refused a task of the leaktest with status ${status}: ${text}`);
    return (JSON.parse(text) as { taskId: string }).taskId; // of a 201
  }

  /** Follows a task to its end and reads it. */
  async function follow(play: string, taskId: string): Promise<void> {
    const { text: events } = await server.call("GET", `/v1/tasks/${taskId}/events`);
    sinks.events.push({ where: `task ${play}`, bytes: Buffer.from(events) });
    const { text } = await server.call("GET", `/v1/tasks/${taskId}`);
    const task = JSON.parse(text) as Task; // as the contract says
    ended.set(play, [task.status, task.errorCode].filter(Boolean).join(" "));
    const said = [task.result, task.error, JSON.stringify(task.structured_content)].filter(Boolean).join("\n");
    sinks.results.push({ where: `task ${play}`, bytes: Buffer.from(said) });
    sinks.html.push({ where: `task ${play}`, bytes: Buffer.from(task.html_dump ?? "") });
  }

  return {
    sinks: (): TaskSinks => ({ ...sinks, ended }),
    /** Uploads the canaries, also in requests that have to be refused. */
    async upload(): Promise<void> {
      const [first = ""] = Object.values(values);
      await server.call("PUT", at, values);
      await server.call("PUT", at, { ...values, twitterCt0: `${first} with a blank` });
      await server.call("PUT", at, { [first]: 1, [values.twitterCt0]: first });
      await server.call("PUT", at, `{"twitterCt0":"${values.twitterCt0}`);
      await server.call("PUT", at, values.twitterCt0);
      await server.call("POST", "/v1/tasks", { endUserId, task: "x", platforms: [first], [first]: first });
      await server.call("GET", at);
    },
    /** One check and the hostile tasks; `whileSignedIn` runs while a browser is signed in and its model is silent. */
    async attack(whileSignedIn: () => Promise<void>): Promise<void> {
      const check = await server.call("POST", `${at}/check`);
      await follow("check", (JSON.parse(check.text) as { taskId: string }).taskId); // of a 202
      if (ended.get("check") !== "completed")
        throw new CommandError(
          `The sign-in check of the leaktest ended as "${ended.get("check")}", so nothing can be tried. The server said:\n${lastLines(server)}`,
        );
      const schema = { type: "integer" };
      const tasks = [
        ["echo", { startUrl: "https://x.com/home", platforms, include_html_dump: true, schema: {} }],
        ["attack", { startUrl: "https://x.com/leaktest/attack" }],
        ["malformed", { startUrl: "https://www.reddit.com/settings", include_html_dump: true }],
        ["mismatch", { startUrl: "https://www.youtube.com/account", schema }],
        ["refused", { startUrl: "https://www.tiktok.com/setting" }],
        ["broken", { startUrl: "https://x.com/home" }],
      ] as const;
      const submitted: [string, string][] = [];
      for (const [play, extra] of tasks) submitted.push([play, await submit(play, extra)]); // in this order
      const cancelled = await submit("cancelled", { startUrl: "https://www.instagram.com/accounts/edit/" });
      await Promise.all([
        ...submitted.map(([play, taskId]) => follow(play, taskId)),
        (async () => {
          await model.asked("cancelled", askedMs);
          await whileSignedIn();
          await server.call("POST", `/v1/tasks/${cancelled}/cancel`);
          await follow("cancelled", cancelled);
        })(),
      ]);
    },
    /** A task without cookies, which may go to the attacker and says the marker wherever it can. */
    async plantMarker(): Promise<void> {
      const task = { endUserId: `leaktest-${marker}`, startUrl: `https://open.example/?say=${marker}` };
      await follow("marker", await submit("marker", { ...task, include_html_dump: true }));
    },
    /** Everything that can be read of an end-user, and what is left when all is deleted. */
    async readAll(): Promise<void> {
      for (const path of [at, "/v1/tasks", `/v1/tasks?endUserId=${endUserId}`, "/v1/webhook-endpoints", "/v1/usage"])
        await server.call("GET", path);
    },
  };
}

function lastLines(server: ServerUnderTest): string {
  const output = server.output().map(({ bytes }) => Buffer.from(bytes).toString("utf8"));
  return output.join("\n").trim().split("\n").slice(-10).join("\n").slice(-6_000);
}
