import { spawn } from "node:child_process";
import { CommandError } from "./command-error.ts";

/** How a command is run: the deadline is never optional. */
export interface CommandOptions {
  readonly timeoutMs: number;
  readonly env: NodeJS.ProcessEnv;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

const outputCharactersMax = 200_000;

/**
 * Runs a program to its end and returns what it printed, standard output and standard error together.
 *
 * Never a shell, and always from `/`, because another user may not be able to enter our own working directory.
 * Throws with the program's last lines when it fails, is missing, is aborted, or is not done in `timeoutMs` (then killed).
 */
export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const name = [file.split("/").at(-1), ...args.slice(0, 2)].join(" ");
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: "/",
      env: options.env,
      ...(options.user && { uid: options.user.uid, gid: options.user.gid }),
      stdio: ["pipe", "pipe", "pipe"],
      timeout: options.timeoutMs,
      killSignal: "SIGKILL",
      ...(options.signal && { signal: options.signal }),
    });
    let output = "";
    const collect = (chunk: string): void => {
      output = (output + chunk).slice(-outputCharactersMax);
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    // A program that ends without reading its input closes the pipe; its exit code tells the story.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    child.once("error", (error) => reject(new CommandError(`${name} could not be run: ${error.message}`, error)));
    child.once("close", (code, signal) => {
      if (code === 0) return resolve(output);
      const how = signal === "SIGKILL" ? `was killed after ${options.timeoutMs} ms` : `ended with ${code ?? signal}`;
      reject(new CommandError(`${name} ${how}:\n${lastLines(output)}`));
    });
  });
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-15).join("\n");
}
