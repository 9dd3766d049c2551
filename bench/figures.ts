import { type Citation, cite } from "./citations.ts";
import { cell, measured, noted, type Reading, version, type Written, written } from "./readings.ts";

/** A row of the summary: what is ours, beside a peer or the least that it could be. */
export interface Figure {
  readonly bench: string;
  readonly what: string;
  readonly ours: Written;
  readonly beside?: { readonly what: string; readonly value: Written };
  /** Ours : theirs. */
  readonly ratio?: Written;
  /** How its bar begins, if it has one. */
  readonly bar?: string;
}

const over =
  (one: Reading, other: Reading): Reading =>
  (record) =>
    one(record) / other(record);
const unit =
  (text: Written, what: string): Written =>
  (record) =>
    `${text(record)} ${what}`;

const put = (connections: number) => cell({ case: "(c) PUT, 2 fields", connections }, "requests/s");
const floor = (connections: number) => cell({ case: "(b) bare node:http + (a)", connections }, "requests/s");
const putTail = (connections: number) => cell({ case: "(c) PUT, 2 fields", connections }, "p99 ms");
const floorTail = (connections: number) => cell({ case: "(b) bare node:http + (a)", connections }, "p99 ms");
const share = (connections: number) => measured(`(c) / (b) at ${connections} connections`);
const tail = (connections: number) => measured(`p99 of (c) / p99 of (b) at ${connections} connections`);
const scaled = (verb: string) => measured(`${verb} costs at most`);

const page = (column: string) => cell({ page: "all" }, column);
const ourTokens = measured("the job /", /, (\d+) of/);
const ourCalls = noted(/Stablehand: \d+ input tokens in (\d+) calls/);
const peerTokens = measured("the job /", /of (\d+)/);
const peerCalls = noted(/Playwright MCP, sparing: \d+ input tokens in (\d+) calls/);
const view = measured("a view of the 1 MB article");
const peerView = measured("a view of the 1 MB article", /raw snapshot (\d+)/);
/** Those of all pages, each page's written as "1038 of 1038". */
const visible: Reading = ({ table }) =>
  table.reduce((sum, row) => sum + Number(/of (\d+)/.exec(String(row["named and reached"] ?? ""))?.[1] ?? 0), 0);
const unreached = measured("visible links, buttons, fields and headings");

const p50 = (what: string) => cell({ what }, "p50 ms");
const handOver = p50("floor: a row handed over by LISTEN/NOTIFY");
const bareScript = p50("floor: bare script, launch to close");
const twoAtOnce = { what: "60 tasks at once, WORKER_CONCURRENCY=2" };
const submissions = (whose: string, connections: number) =>
  measured(`submissions/s of ${whose}, ${connections} connections`);
const ofBoth =
  (pick: (...numbers: number[]) => number, connections: number): Reading =>
  (record) =>
    pick(...["one business", "many businesses"].map((whose) => submissions(whose, connections)(record)));

const redacted = (what: string) => cell({ "document with": what }, "redaction p50 ms");
const searched = (what: string) => cell({ "document with": what }, "search of raw values p50 ms");
const noSecret = "no secret";
const secrets = "a secret in a link, 20 times";
const proxied = measured("median of the rounds' ratios proxy : direct");
const judged = noted(/ratios read : act is ([\d.]+\d)/);

/** Every figure that a text has from a bench. `npm run bench` writes them there, and a test compares. */
export const citations: readonly Citation[] = [
  cite(
    "credentials",
  )`| PUT of 2 fields, share of the floor's requests/s | ${written(share(16), 2)} | ${written(share(64), 2)} |`,
  cite("credentials")`| p99 of that PUT, multiple of the floor's | ${written(tail(16), 2)} | ${written(tail(64), 2)} |`,
  cite("credentials-memory")`The API stays at ${written(measured("RSS ≤"))} MiB of memory over 200,000 PUTs.`,
  cite(
    "credentials-scale",
  )`(\`-- credentials-scale\`: ${written(scaled("GET"), 2)} and ${written(scaled("PUT"), 2)} ×)`,
  cite(
    "tokens",
  )`| eight pages read to their end, tokens | ${written(page("ours"))} | ${written(page("raw snapshot"))} (Playwright's aria snapshot), ${written(page("Stagehand"))} (Stagehand ${version(/Stagehand ([\d.]+\d)/)}'s tree) |`,
  cite(
    "tokens",
  )`| the job: input tokens, model calls | ${written(ourTokens)} in ${written(ourCalls)} | ${written(peerTokens)} in ${written(peerCalls)} (Playwright MCP ${version(/Playwright MCP ([\d.]+\d)/)}, driven sparingly) |`,
  cite("tokens")`| a view of the 1 MB article | ${written(view)} ms | ${written(peerView)} ms (aria snapshot) |`,
  cite(
    "tokens",
  )`All ${written(visible)} visible links, buttons, fields and headings of those pages have their place in our view, and ${written(unreached)} lead elsewhere.`,
  cite(
    "tasks",
  )`| submit → running, idle, p50 | ${written(p50("submit → running"))} ms | ${written(handOver)} ms (a bare LISTEN/NOTIFY hand-over) |`,
  cite(
    "tasks",
  )`| submit → completed, p50 | ${written(p50("submit → completed"))} ms (goal: 250 ms more than the script) | ${written(bareScript)} ms (a bare Playwright script`,
  cite(
    "tasks",
  )`| tasks a minute, two at once | ${written(cell(twoAtOnce, "a minute"))} | ${written(cell(twoAtOnce, "× bare script"), 2)} × what that script would do`,
  cite(
    "tasks",
  )`| submissions/s, share of a bare two-row insert | ${written(ofBoth(Math.min, 16), 2)} to ${written(ofBoth(Math.max, 16), 2)} at 16 connections, ${written(ofBoth(Math.min, 64), 2)} to ${written(ofBoth(Math.max, 64), 2)} at 64`,
  cite(
    "redaction",
  )`a document of 1 MB and 32 secrets: ${written(redacted(noSecret), 1)} ms, with twenty of them in it ${written(redacted(secrets), 1)} ms`,
  cite("proxy")`\`-- proxy\`, a page of 200 requests: ${written(proxied, 2)} × the time without it`,
  cite("read-only")`\`-- read-only\`: ${written(judged, 2)} × for a task that may only read`,
  cite(
    "api-memory-search",
    "SECURITY.md",
  )`after 1,000 PUTs and a full garbage collection ${written(cell({ when: "after one garbage collection" }, "different values found, of 1,000"))}`,
];

/** What the summary shows beside a peer or a floor; of all other bars it shows what was measured. */
export const figures: readonly Figure[] = [
  ...[16, 64].flatMap((connections): Figure[] => [
    {
      bench: "credentials",
      what: `PUT of 2 fields, ${connections} connections, requests/s`,
      ours: written(put(connections)),
      beside: { what: "bare node:http server that stores the rows", value: written(floor(connections)) },
      ratio: written(share(connections), 2),
      bar: `(c) / (b) at ${connections} connections`,
    },
    {
      bench: "credentials",
      what: `p99 of that PUT, ${connections} connections`,
      ours: unit(written(putTail(connections)), "ms"),
      beside: { what: "the same server", value: unit(written(floorTail(connections)), "ms") },
      ratio: written(tail(connections), 2),
      bar: `p99 of (c) / p99 of (b) at ${connections} connections`,
    },
  ]),
  {
    bench: "tasks",
    what: "submit → running, idle, p50",
    ours: unit(written(p50("submit → running")), "ms"),
    beside: { what: "bare LISTEN/NOTIFY hand-over", value: unit(written(handOver), "ms") },
    ratio: written(over(p50("submit → running"), handOver), 1),
    bar: "p50 of submit → running",
  },
  {
    bench: "tasks",
    what: "submit → completed, p50",
    ours: unit(written(p50("submit → completed")), "ms"),
    beside: { what: "bare Playwright script", value: unit(written(bareScript), "ms") },
    ratio: written(over(p50("submit → completed"), bareScript), 2),
    bar: "submit → completed, beyond",
  },
  {
    bench: "tasks",
    what: "tasks a minute, two at once",
    ours: written(cell(twoAtOnce, "a minute")),
    beside: { what: "that script, one run after the other", value: written((record) => 60_000 / bareScript(record)) },
    ratio: written(cell(twoAtOnce, "× bare script"), 2),
  },
  ...[noSecret, secrets].map(
    (what): Figure => ({
      bench: "redaction",
      what: `redaction of 1 MB with ${what}, p50`,
      ours: unit(written(redacted(what), 1), "ms"),
      beside: { what: "Buffer.indexOf of each raw value", value: unit(written(searched(what), 1), "ms") },
      ratio: written(over(redacted(what), searched(what)), 2),
      bar: `p50 with ${what}`,
    }),
  ),
  {
    bench: "proxy",
    what: "a page of 200 requests through the proxy, p50",
    ours: unit(written(cell({ what: "proxy" }, "load p50 ms")), "ms"),
    beside: { what: "direct", value: unit(written(cell({ what: "direct" }, "load p50 ms")), "ms") },
    ratio: written(proxied, 2),
    bar: "median of the rounds' ratios proxy : direct",
  },
  {
    bench: "read-only",
    what: "that page in a read-only task, p50",
    ours: unit(written(cell({ mode: "read" }, "load p50 ms")), "ms"),
    beside: { what: "one that may act", value: unit(written(cell({ mode: "act" }, "load p50 ms")), "ms") },
    ratio: written(judged, 2),
  },
  {
    bench: "tokens",
    what: "eight pages read to their end, tokens",
    ours: written(page("ours")),
    beside: { what: "Playwright's aria snapshot", value: written(page("raw snapshot")) },
    ratio: written(over(page("ours"), page("raw snapshot")), 2),
    bar: "all pages / their raw snapshots",
  },
  {
    bench: "tokens",
    what: "the job of six actions, input tokens",
    ours: written(ourTokens),
    beside: { what: "Playwright MCP, sparing", value: written(peerTokens) },
    ratio: written(over(ourTokens, peerTokens), 2),
    bar: "the job /",
  },
  {
    bench: "tokens",
    what: "a view of the 1 MB article",
    ours: unit(written(view), "ms"),
    beside: { what: "Playwright's aria snapshot", value: unit(written(peerView), "ms") },
    ratio: written(over(view, peerView), 2),
    bar: "a view of the 1 MB article",
  },
];
