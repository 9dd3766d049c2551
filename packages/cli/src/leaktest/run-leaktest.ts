import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { credentialFieldNames, platforms } from "@stablehand/contract";
import { CommandError } from "../command-error.ts";
import { findChromium } from "../find-chromium.ts";
import { isOpenToOthers, type Places, resolvePlaces } from "../places.ts";
import { clusterDirOf } from "../postgres-cluster.ts";
import type { Run } from "../run-until-stopped.ts";
import { ensureSystemUsers } from "../system-users.ts";
import { plantedBeside, watchForKill } from "./after-kill.ts";
import { type Canaries, createCanaries, soughtOf } from "./canaries.ts";
import { type CoreDumps, findCoreDumps } from "./collect/core-dumps.ts";
import { plantInLog, readDatabase } from "./collect/database.ts";
import { readFilesIn } from "./collect/files.ts";
import { findProcesses, partsOf } from "./collect/processes.ts";
import { startControlBrowser, writeChromiumScript } from "./control-browser.ts";
import { makeWorld, type World } from "./make-world.ts";
import type { Control, LeaktestReport } from "./report.ts";
import { createTaskRunner, expectedEnds, type TaskSinks } from "./run-tasks.ts";
import { createSinkSearch, type Sink, type SinkPart } from "./search/search-sink.ts";
import { type ServerUnderTest, startServerUnderTest } from "./server-under-test.ts";
import { channels } from "./world/channels.ts";

/** How a leaktest is run. */
export interface LeaktestOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The directory that holds `packages` and `node_modules`. */
  readonly checkout: string;
  readonly isRedacting: boolean;
  /** Leaves the data directory behind. */
  readonly keeps: boolean;
}

/** What a run works in. */
interface Workshop {
  readonly places: Places;
  readonly chromiumScript: string;
  readonly startedAt: number;
}

/** As worker/src/leaktest/refuse-elsewhere.ts has it, which the command line may not import. */
const leaktestMark = "made-by-leaktest";
const machineSettings = ["PATH", "LANG", "LC_ALL", "TZ"];
const controlMs = 30_000;

/**
 * Runs the whole test in a directory of its own, which is removed at the end, however that comes; progress goes to the log.
 *
 * Nothing is sent beyond this machine, and nothing of an installation is read or changed. Throws a sentence when it cannot
 * come to an end, and when it is asked to stop.
 */
export async function runLeaktest(options: LeaktestOptions, run: Run): Promise<LeaktestReport> {
  const { isRedacting } = options;
  const { signal, log, onStop } = run;
  const startedAt = Date.now();
  const canaries = createCanaries();
  const workshop = await openWorkshop(options, canaries, run, startedAt);
  const { places } = workshop;
  const world = await makeWorld(canaries, onStop);
  const dnsUrl = `https://127.0.0.1:${world.attacker.dnsPort}/dns-query`;
  await writeChromiumScript(workshop.chromiumScript, await chromiumFor(options, places), dnsUrl);
  const caFile = join(places.dataDir, "ca.pem");
  await writeFile(caFile, world.certificate.cert, { mode: 0o644 });

  log("Starting a server of its own, with embedded PostgreSQL, API, worker and Chromium …");
  const server = await startServerUnderTest({
    checkout: options.checkout,
    isRedacting,
    signal,
    env: {
      ...pick(options.env, machineSettings),
      STABLEHAND_DATA_DIR: places.dataDir,
      PORT: "0",
      LOG_LEVEL: "debug",
      CHROMIUM_PATH: workshop.chromiumScript,
      MODEL: "openai-compatible:leaktest",
      MODEL_BASE_URL: world.model.baseUrl,
      WEBHOOK_ALLOW_PRIVATE: "1",
      EGRESS_TEST_MODE: "1",
      EGRESS_HOST_MAP: world.hostMap,
      EGRESS_CA_FILE: caFile,
      SHUTDOWN_GRACE_MS: "1000",
    },
  });
  onStop(server.stop);

  const tasks = createTaskRunner(server, canaries, world);
  await server.call("POST", "/v1/webhook-endpoints", { url: world.webhooks.url, description: canaries.marker });
  await tasks.upload();
  log("A hostile site and a hostile model try to get twelve cookies out …");
  const live = { processes: [] as SinkPart[], files: [] as SinkPart[], coreDumps: null as CoreDumps | null };
  await tasks.attack(async () => {
    const processes = await findProcesses(places.dataDir);
    live.processes = partsOf(processes);
    live.coreDumps = await findCoreDumps(processes);
    for await (const part of readFilesIn(places.dataDir, { except: [places.stagedProgramDir] })) live.files.push(part);
  });
  const attackerGot = world.attacker.counts();

  log("The controls: a task that may reach the attacker, and a browser without a cage …");
  await tasks.plantMarker();
  await runWithoutCage(world, canaries, workshop);
  await tasks.readAll();

  log("Reading and searching what came out …");
  const databaseUrl = (await readFile(places.databaseUrlFile, "utf8")).trim();
  await plantInLog(databaseUrl, canaries.marker);
  const database = await readDatabase(databaseUrl);
  await server.stop();
  signal.throwIfAborted();

  const told = tasks.sinks();
  const temporary = await plantInTemporary(places.dataDir, canaries.marker, onStop);
  const { core, notes } = await coreSinks(live.coreDumps, workshop, canaries.marker, onStop);
  const sinks = [
    { name: "database", parts: database, isText: true },
    {
      name: "PostgreSQL's log",
      parts: readFilesIn(clusterDirOf(places.postgresDir), { named: (name) => name.endsWith(".log"), depthMax: 1 }),
      isText: true,
    },
    { name: "output of all programs", parts: server.output(), isText: true },
    { name: "requests to the model", parts: world.model.requests(), isText: true },
    { name: "API answers", parts: server.answers(), isText: true },
    { name: "event streams", parts: told.events, isText: true },
    { name: "results", parts: told.results, isText: true },
    { name: "html dumps", parts: told.html, isText: true },
    { name: "webhooks", parts: world.webhooks.received(), isText: true },
    { name: "arguments, environments", parts: live.processes, isText: true },
    { name: "files while signed in", parts: live.files, isText: false },
    {
      name: "files at the end",
      parts: readFilesIn(places.dataDir, { except: [places.stagedProgramDir] }),
      isText: false,
    },
    { name: "temporary directories", parts: temporary(workshop), isText: false },
    ...core,
    {
      name: "attacker: requests",
      parts: [...world.attacker.requests(), ...world.attacker.datagrams()],
      isText: true,
    },
    { name: "attacker: names", parts: world.attacker.names(), isText: true },
  ] satisfies Sink[];
  const search = createSinkSearch(soughtOf(canaries.values, world.site.renewed), {
    name: "marker",
    value: canaries.marker,
  });
  const reports = [];
  for (const sink of sinks) {
    signal.throwIfAborted();
    reports.push(await search(sink));
  }
  return {
    isRedacting,
    sinks: reports,
    attackerGot,
    controls: controlsOf({ world, told, isRedacting, server }),
    notes,
    seconds: (Date.now() - startedAt) / 1_000,
  };
}

/** Makes the directory, with the marker in its name, and has it removed at the end, also after `kill -9`. */
async function openWorkshop(
  { keeps, checkout, isRedacting }: LeaktestOptions,
  { marker }: Canaries,
  { log, onStop }: Run,
  startedAt: number,
): Promise<Workshop> {
  const isRoot = process.getuid?.() === 0;
  // Short, and open to the users that a start as root makes: the path of a browser's socket has 107 bytes at most.
  const parent = tmpdir().length <= 14 && (!isRoot || isOpenToOthers(tmpdir())) ? tmpdir() : "/tmp";
  const dataDir = join(parent, `leak-${marker}`);
  await mkdir(dataDir, { mode: 0o700 });
  const dismiss = watchForKill(dataDir);
  onStop(async () => {
    if (keeps) log(`Kept: ${dataDir}`);
    else await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    await dismiss();
  });
  await chmod(dataDir, isRoot ? 0o755 : 0o700);
  const places = resolvePlaces({ STABLEHAND_DATA_DIR: dataDir }, { cwd: dataDir, isRoot, checkout });
  await mkdir(places.workerDir, { mode: 0o700 });
  if (!isRedacting) await writeFile(join(places.workerDir, leaktestMark), "");
  return { places, chromiumScript: join(dataDir, "chromium"), startedAt };
}

async function chromiumFor({ env, checkout }: LeaktestOptions, { browsersDir }: Places): Promise<string> {
  const isRoot = process.getuid?.() === 0;
  const found = await findChromium({ env, isRoot, programDir: checkout, browsersDir });
  if (!found)
    throw new CommandError(
      "There is no Chromium, and a leaktest installs none: start the server once (npm start), or set CHROMIUM_PATH.",
    );
  return found.path;
}

/** The same attacks without a cage, the marker in the cookies' place: the attacker must be seen to get it. */
async function runWithoutCage(world: World, { marker }: Canaries, { places, chromiumScript }: Workshop): Promise<void> {
  const users = process.getuid?.() === 0 ? await ensureSystemUsers() : undefined;
  const browser = await startControlBrowser(
    {
      script: chromiumScript,
      directory: join(places.dataDir, "control"),
      user: users?.worker,
      certificate: world.certificate.cert,
      sitePort: world.site.port,
      attackerPort: world.attacker.tcpPort,
    },
    `https://x.com/leaktest/attack?say=${marker}`,
  );
  try {
    const { attacker } = world;
    const until = Date.now() + controlMs;
    const isThrough = () => attacker.counts().datagrams > 0 && attacker.counts().namesLookedUp > 0;
    await world.site.tried("without-cage", 1_500);
    while (Date.now() < until && !(isThrough() && reachedBy(world).length >= reachedMin))
      await world.site.tried("without-cage", 100);
  } finally {
    await browser.end();
  }
}

/** Of the ways out that were listed, those by which the attacker was reached, by the hosts that it was asked for. */
function reachedBy({ attacker }: World): string[] {
  const text = attacker
    .requests()
    .map(({ bytes }) => Buffer.from(bytes).toString("latin1"))
    .join("\n");
  return channels.map(({ name }) => name).filter((name) => text.includes(`${name}.attacker.example`));
}

const reachedMin = 20;

function controlsOf({
  world,
  told,
  isRedacting,
  server,
}: {
  world: World;
  told: TaskSinks;
  isRedacting: boolean;
  server: ServerUnderTest;
}): Control[] {
  const asked = world.model
    .requests()
    .map(({ bytes }) => Buffer.from(bytes).toString("utf8"))
    .join("\n");
  const answered = server
    .answers()
    .map(({ bytes }) => Buffer.from(bytes).toString("utf8"))
    .join("\n");
  const marked = credentialFieldNames.filter((field) => asked.includes(`[redacted:${field}]`));
  const reached = reachedBy(world);
  const { datagrams, namesLookedUp } = world.attacker.counts();
  return [
    {
      what: `hostile sites were signed in to: ${[...world.site.signedIn].join(", ")}`,
      holds: platforms.every((platform) => world.site.signedIn.has(platform)),
    },
    { what: `they renewed cookies ${world.site.renewed.length} times`, holds: world.site.renewed.length > 10 },
    ...Object.entries(expectedEnds).map(([play, wanted]) => ({
      what: `the task "${play}" was to end as "${wanted}", and ended as "${told.ended.get(play)}"`,
      holds: told.ended.get(play) === wanted,
    })),
    ...(isRedacting
      ? [
          { what: `pages showed all twelve to the model, redacted: ${marked.length}`, holds: marked.length === 12 },
          { what: "so did answers of the API", holds: answered.includes("[redacted:") },
        ]
      : []),
    {
      what: `without a cage ${reached.length} of ${channels.length} ways lead to the attacker, ${datagrams} datagrams and ${namesLookedUp} names among them`,
      holds: reached.length >= reachedMin && datagrams > 0 && namesLookedUp > 0,
    },
  ];
}

async function plantInTemporary(dataDir: string, marker: string, onStop: Run["onStop"]) {
  const planted = plantedBeside(dataDir);
  onStop(() => rm(planted, { force: true }));
  await writeFile(planted, marker, { flag: "wx", mode: 0o600 });
  return async function* ({ places, startedAt }: Workshop): AsyncGenerator<SinkPart> {
    for (const root of new Set([dirname(places.dataDir), tmpdir(), "/tmp", "/var/tmp", "/dev/shm"]))
      for await (const { where, bytes } of readFilesIn(root, {
        except: [places.dataDir],
        since: startedAt,
        depthMax: 2,
      }))
        yield { where: join(root, where), bytes };
  };
}

/** The directory to which this machine writes the memory of programs that crash, if it does. */
async function coreSinks(
  dumps: CoreDumps | null,
  { places, startedAt }: Workshop,
  marker: string,
  onStop: Run["onStop"],
): Promise<{ core: Sink[]; notes: string[] }> {
  if (dumps?.state === "off") return { core: [], notes: [`core dumps are off: ${dumps.why}`] };
  if (dumps?.state !== "files")
    return {
      core: [],
      notes: [`core dumps go to ${dumps?.program ?? "an unknown place"}, where they were not looked for`],
    };
  const directory = dumps.directory ?? dirname(places.stagedProgramDir);
  const planted = join(directory, `core.leaktest-${process.pid}`);
  onStop(() => rm(planted, { force: true }));
  await writeFile(planted, marker).catch(() => undefined); // where that is not allowed, the marker will be missed
  const parts = readFilesIn(directory, { since: startedAt, named: (name) => name.includes("core"), depthMax: 3 });
  return { core: [{ name: "core dumps", parts, isText: false }], notes: [] };
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}
