import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resolvePlaces } from "../../packages/cli/src/places.ts";
import { apiProgram, workerProgram } from "../../packages/cli/src/programs.ts";
import { checkout } from "../support/checkout.ts";
import { runCli } from "../support/server.ts";
import { filesIn, readCluster, readCompose, readText, stepsOf } from "./deploy-files.ts";

const compose = readCompose();
const cluster = readCluster();
const podOf = (name: string) =>
  cluster.find((object) => object.metadata.name === name && object.spec?.template)?.spec?.template?.spec;

test("every setting that these files name is in .env.example", () => {
  const documented = new Set([...readText(".env.example").matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name));
  const notOurs = new Set(["MALLOC_ARENA_MAX", "HOME"]);
  const images = ["api", "worker", "all-in-one"].flatMap(stepsOf).filter(({ word }) => word === "ENV");
  const named = [
    ...images.flatMap(({ rest }) => [...rest.matchAll(/([A-Z_]+)=/g)].map(([, name = ""]) => name)),
    ...Object.entries(compose.services).flatMap(([name, service]) =>
      name === "postgres" ? [] : Object.keys(service.environment ?? {}),
    ),
    ...cluster.flatMap(({ spec }) =>
      (spec?.template?.spec.containers ?? []).flatMap(({ env }) => (env ?? []).map(({ name }) => name)),
    ),
    ...filesIn("deploy/systemd").flatMap((file) =>
      [...readText(file).matchAll(/^Environment=([A-Z_]+)=/gm)].map(([, name = ""]) => name),
    ),
  ];
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named)].filter((name) => !documented.has(name) && !notOurs.has(name))).toEqual([]);
});

test("an API is given the public keyring and no key: as image, in compose, in the cluster, by systemd", () => {
  const opening = /vault\.key|keyring\.json|KEY_PROVIDER|VAULT_KEY|worker-keys|MODEL/;
  const api = stepsOf("api").filter(({ word }) => word === "ENV" || word === "CMD" || word === "VOLUME");
  expect(JSON.stringify(api)).toContain("keyring.public.json");
  expect(JSON.stringify(api)).not.toMatch(opening);
  for (const name of ["api-1", "api-2"]) {
    expect(compose.services[name]?.volumes).toEqual(["public-keyring:/keys:ro"]);
    expect(JSON.stringify(compose.services[name])).not.toMatch(opening);
  }
  const pod = podOf("stablehand-api");
  expect(pod?.volumes).toEqual([{ name: "public-keyring", configMap: { name: "stablehand-public-keyring" } }]);
  expect(JSON.stringify(pod)).not.toMatch(/stablehand-(vault|model|worker)/);
  const unit = readText("deploy/systemd/stablehand-api.service");
  expect(unit).toContain("User=stablehand-api");
  expect(unit).toContain("InaccessiblePaths=-/var/lib/stablehand/worker");
  // The control: a worker has them.
  expect(JSON.stringify(podOf("stablehand-worker"))).toContain("stablehand-vault");
  expect(compose.services["worker"]?.volumes).toEqual(["worker-keys:/data/worker:ro"]);
});

test("API and worker are two identities in the cluster, and neither gets a token of the cluster", () => {
  expect(podOf("stablehand-api")?.serviceAccountName).toBe("stablehand-api");
  expect(podOf("stablehand-worker")?.serviceAccountName).toBe("stablehand-worker");
  for (const object of cluster.filter(({ kind }) => kind === "ServiceAccount"))
    expect(object).toMatchObject({ automountServiceAccountToken: false });
});

test("there are two APIs and two workers, and whatever is ours runs unprivileged on a root file system it cannot write", () => {
  expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(["api-1", "api-2"]));
  expect(compose.services["worker"]?.deploy?.replicas).toBe(2);
  for (const name of ["api", "worker"]) {
    const deployment = cluster.find(
      (object) => object.kind === "HorizontalPodAutoscaler" && object.metadata.name === `stablehand-${name}`,
    );
    expect(deployment).toMatchObject({ spec: { minReplicas: 2 } });
    expect(podOf(`stablehand-${name}`)).toMatchObject({ securityContext: { runAsNonRoot: true } });
  }
  for (const [name, service] of Object.entries(compose.services))
    if (service.build) expect(service, name).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
  const pods = cluster.flatMap(({ spec }) => spec?.template?.spec ?? []);
  for (const { containers, initContainers = [] } of pods)
    for (const { name, securityContext } of [...containers, ...initContainers])
      expect(securityContext, name).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
  for (const target of ["api", "worker", "all-in-one"]) {
    expect(stepsOf(target).findLast(({ word }) => word === "USER")?.rest, target).toMatch(/^1000[12]:/);
    expect(stepsOf(target).find(({ word }) => word === "ENTRYPOINT")?.rest, target).toContain("tini");
  }
});

test("image and unit start API and worker with the flags that `stablehand start` gives them", () => {
  const flagsAt = (programDir: string, publicKeyring: string): string[] => {
    const places = resolvePlaces({ STABLEHAND_DATA_DIR: "/data" }, { cwd: "/", isRoot: false, checkout: programDir });
    const setup = { programDir, places, databaseUrl: "", env: {}, cwd: "/", users: undefined };
    return apiProgram(setup, "").args.map((flag) =>
      flag
        .replace(places.vault.publicKeyringFile, publicKeyring)
        .replace(`${programDir}/packages/api/src`, "packages/api/src"),
    );
  };
  const image = JSON.parse(stepsOf("api").find(({ word }) => word === "CMD")?.rest ?? "[]") as string[];
  expect(image.slice(1).toSorted()).toEqual(flagsAt("/app", "/keys/keyring.public.json").toSorted());
  const unit = readText("deploy/systemd/stablehand-api.service").replaceAll(/\\\n\s*/g, "");
  const [, started = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
  expect(started.split(" ").slice(1).toSorted()).toEqual(
    flagsAt("/opt/stablehand", "/var/lib/stablehand/keyring.public.json").toSorted(),
  );

  const places = resolvePlaces({}, { cwd: "/", isRoot: false, checkout: "/app" });
  const setup = { programDir: "/app", places, databaseUrl: "", env: {}, cwd: "/", users: undefined };
  const worker = workerProgram(setup, { chromiumPath: "", tmpDir: "" }).args.map((flag) => flag.replace("/app/", ""));
  expect(JSON.parse(stepsOf("worker").find(({ word }) => word === "CMD")?.rest ?? "[]").slice(1)).toEqual(worker);
  expect(readText("deploy/systemd/stablehand-worker@.service")).toContain(` ${worker.join(" ")}\n`);
});

test("every `stablehand` command in these files and on the pages about them exists", async () => {
  const once = ["vault", "migrate"].map((name) => compose.services[name]?.command?.slice(1).join(" ") ?? "");
  const pages = ["docs/self-hosting.md", "docs/concepts.md", "docs/migrating.md"].map(readText).join("\n");
  const said = [...pages.matchAll(/(?:npm run stablehand --|run --rm operator) ([a-z]+(?: [a-z][a-z-]*)?)/g)].map(
    ([, command = ""]) => command,
  );
  const commands = [...new Set([...once, ...said, "start"])];
  expect(commands).toEqual(expect.arrayContaining(["vault init", "migrate", "keys create"]));
  for (const command of commands) {
    const { code, stdout } = await runCli([...command.split(" "), "--help"], {});
    expect([command, code]).toEqual([command, 0]);
    expect(stdout).toContain(`stablehand ${command} `);
  }
});

test("the Dockerfile copies the manifest of every package, and all that it names is there and sent to the builder", () => {
  const manifests = execFileSync("git", ["ls-files", "packages/*/package.json"], { cwd: checkout, encoding: "utf8" })
    .trim()
    .split("\n");
  const copied = stepsOf("worker-modules")
    .concat(stepsOf("manifests"))
    .map(({ rest }) => rest)
    .join("\n");
  expect(
    manifests.filter((file) => !copied.includes(file)),
    "add a COPY for it, or `npm ci` refuses the lock file",
  ).toEqual([]);
  const sources = ["sealing", "api", "worker", "all-in-one"]
    .flatMap(stepsOf)
    .filter(({ word, rest }) => word === "COPY" && !rest.includes("--from="))
    .flatMap(({ rest }) =>
      rest
        .split(" ")
        .filter((part) => !part.startsWith("--"))
        .slice(0, -1),
    );
  const sent = readText(".dockerignore");
  for (const source of sources) {
    expect(existsSync(join(checkout, source)), source).toBe(true);
    const [first = "", second = ""] = source.split("/");
    expect(sent.includes(`!${first}\n`) || sent.includes(`!${first}/${second}\n`), source).toBe(true);
  }
});
