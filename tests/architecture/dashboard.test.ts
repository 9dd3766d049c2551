import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createApiMetrics, createWorkerMetrics } from "@stablehand/core/metrics";
import { expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";

interface Told {
  readonly type: string;
  readonly labels: ReadonlySet<string>;
}

/** Every metric there is, by the names that a query may use, as the programs tell them. */
function toldMetrics(): Map<string, Told> {
  const told = new Map<string, Told>();
  const api = createApiMetrics(async () => ({ waiting: 0, running: 0, oldestSeconds: 0 }));
  for (const { registry } of [api, createWorkerMetrics()])
    for (const metric of registry.getMetricsAsArray()) {
      const { name, type, labelNames } = metric as unknown as { name: string; type: string; labelNames: string[] }; // prom-client's types hide them
      const suffixes = type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
      for (const suffix of suffixes)
        told.set(name + suffix, { type, labels: new Set([...labelNames, ...(suffix === "_bucket" ? ["le"] : [])]) });
    }
  return told;
}

const dashboard = JSON.parse(readFileSync(join(checkout, "deploy/grafana/stablehand.json"), "utf8")) as {
  panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
};
const targets = dashboard.panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target })));
const namesIn = (expr: string) => expr.match(/\b(?:stablehand|process|nodejs)_\w+/g) ?? [];

test("the dashboard asks for metrics that the programs tell, and counts counters by their rate", () => {
  const told = toldMetrics();
  expect(targets.length).toBeGreaterThan(12);
  for (const { title, expr } of targets) {
    const names = namesIn(expr);
    expect(names, title).toHaveLength(1);
    for (const name of names) {
      expect(told.has(name), `${title}: no program tells ${name}`).toBe(true);
      const isCounted = told.get(name)?.type !== "gauge";
      expect(/\b(rate|increase)\(/.test(expr), `${title}: ${expr}`).toBe(isCounted);
    }
  }
});

test("the dashboard groups and filters by labels that these metrics have", () => {
  const told = toldMetrics();
  for (const { title, expr, legendFormat } of targets) {
    const labels = told.get(namesIn(expr)[0] ?? "")?.labels ?? new Set();
    const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(", "));
    const filtered = [...expr.matchAll(/\{(\w+)[=!~]/g)].map(([, label = ""]) => label);
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
    for (const label of [...grouped, ...filtered])
      expect([...labels], `${title}: ${label} is no label of it`).toContain(label);
    for (const label of shown.filter((one) => one !== "job" && one !== "instance"))
      expect(grouped, `${title}: the legend shows a label that is summed away`).toContain(label);
  }
});

test("docs/observability.md names every metric of ours with its labels, and the dashboard shows each", () => {
  const text = readFileSync(join(checkout, "docs/observability.md"), "utf8");
  const shown = targets.flatMap(({ expr }) => namesIn(expr));
  const ours = [...toldMetrics()].filter(([name]) => /^stablehand_/.test(name) && !/_(sum|count)$/.test(name));
  expect(ours.length).toBeGreaterThan(14);
  for (const [name, { labels }] of ours) {
    const row = text.split("\n").find((line) => line.startsWith(`| \`${name.replace(/_bucket$/, "")}\` |`)) ?? "";
    expect(row, `${name} is not in the table`).not.toBe("");
    for (const label of labels) if (label !== "le") expect(row).toContain(`\`${label}\``);
    expect(shown, "a metric that nobody sees").toContain(name);
  }
});

test("no label can hold an id or what somebody wrote", () => {
  const known = new Set(["route", "status", "kind", "code", "type", "success", "direction", "outcome", "reason", "le"]);
  for (const [name, { labels }] of toldMetrics())
    if (name.startsWith("stablehand_"))
      expect([name, [...labels].filter((label) => !known.has(label))]).toEqual([name, []]);
});
