import { readdir, readFile, readlink } from "node:fs/promises";
import type { SinkPart } from "../search/search-sink.ts";

/** A process whose arguments or environment name a directory. */
export interface FoundProcess {
  readonly processId: number;
  readonly arguments: string;
  readonly environment: string;
}

/** The processes of this machine that name `directory` in their arguments, environment or as where they work. Linux only. */
export async function findProcesses(directory: string): Promise<FoundProcess[]> {
  const names = await readdir("/proc").catch(() => []);
  const found = await Promise.all(
    names
      .map(Number)
      .filter((processId) => Number.isInteger(processId) && processId !== process.pid)
      .map(async (processId) => {
        const read = (file: string) => readFile(`/proc/${processId}/${file}`, "utf8").catch(() => "");
        const [args, environment] = await Promise.all([read("cmdline"), read("environ")]);
        const cwd = await readlink(`/proc/${processId}/cwd`).catch(() => "");
        return { processId, arguments: args, environment, cwd };
      }),
  );
  return found.filter(({ arguments: args, environment, cwd }) =>
    [args, environment, cwd].join("\0").includes(directory),
  );
}

/** Arguments and environments as parts of a sink. */
export function partsOf(processes: readonly FoundProcess[]): SinkPart[] {
  return processes.map(({ processId, arguments: args, environment }) => ({
    where: `process ${processId}`,
    bytes: Buffer.from(`${args}\n${environment}`.replaceAll("\0", "\n")),
  }));
}
