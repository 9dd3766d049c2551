/** A variable of the environment where there is one (Node, Bun, Deno with permission); undefined anywhere else. */
export function readEnvironment(name: string): string | undefined {
  try {
    const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }; // what Node, Bun and Deno have
    return process?.env?.[name];
  } catch {
    return undefined; // Deno without permission to read it
  }
}
