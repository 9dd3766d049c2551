import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { checkout } from "../support/checkout.ts";

/** Text of a file of the repository. */
export function readText(file: string): string {
  return readFileSync(join(checkout, file), "utf8");
}

/** The files of a directory of the repository, by their whole paths there. */
export function filesIn(directory: string): string[] {
  return readdirSync(join(checkout, directory)).map((name) => `${directory}/${name}`);
}

/** A service of compose.yaml, as far as the tests look. */
export interface ComposeService {
  readonly build?: { readonly target: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly deploy?: { readonly replicas: number };
  readonly read_only?: boolean;
}

/** compose.yaml with its anchors and merges resolved, and every variable set to `x` or its default. */
export function readCompose(): { readonly services: Readonly<Record<string, ComposeService>> } {
  const filled = readText("compose.yaml").replaceAll(
    /\$\{[A-Z_]+(?::-([^}]*)|:\?[^}]*)?\}/g,
    (_all, given) => given ?? "x",
  );
  return parse(filled, { merge: true }) as ReturnType<typeof readCompose>; // the shape is what these tests check
}

/** A container of a pod. */
export interface PodContainer {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
}

/** What the tests look at of a pod. */
export interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly PodContainer[];
  readonly initContainers?: readonly PodContainer[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
}

/** A Kubernetes object. */
export interface ClusterObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
}

/** Every object of the Kustomize base, in the order of its resources. */
export function readCluster(): ClusterObject[] {
  const { resources } = parse(readText("deploy/kubernetes/kustomization.yaml")) as { resources: string[] };
  return resources.flatMap((file) =>
    parseAllDocuments(readText(`deploy/kubernetes/${file}`)).map((document) => document.toJS() as ClusterObject),
  );
}

/** One stage of the Dockerfile. */
export interface Stage {
  readonly name: string;
  readonly from: string;
  /** Instructions in order, continued lines joined, comments left out. */
  readonly steps: readonly { readonly word: string; readonly rest: string }[];
}

/** The Dockerfile's stages. */
function readStages(): Stage[] {
  const lines = readText("Dockerfile")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line !== "");
  const stages: { name: string; from: string; steps: { word: string; rest: string }[] }[] = [];
  for (const line of lines) {
    const [, word = "", rest = ""] = /^(\w+) (.*)$/.exec(line) ?? [];
    const [, from = "", name = ""] = /^(\S+) AS (\S+)$/.exec(rest) ?? [];
    if (word === "FROM") stages.push({ name, from, steps: [] });
    else stages.at(-1)?.steps.push({ word, rest });
  }
  return stages;
}

/** A stage's steps after those of all the stages that it is built on. */
export function stepsOf(name: string): Stage["steps"] {
  const stage = readStages().find((one) => one.name === name);
  return stage ? [...stepsOf(stage.from), ...stage.steps] : [];
}
