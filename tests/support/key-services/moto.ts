import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "./free-port.ts";

/** Credentials of a user of the emulator. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** AWS as moto emulates it: KMS, and IAM, whose policies it enforces from `enforcePolicies` on. */
export interface Moto {
  readonly url: string;
  /** A user who may do what `actions` say with `resource`, and nothing else. */
  createUser(name: string, actions: readonly string[], resource: string): Promise<AwsCredentials>;
  enforcePolicies(): Promise<void>;
  stop(): Promise<void>;
}

const readyMs = 60_000;

/** moto's IAM refuses in XML where KMS answers in JSON; the refusal itself is its own. */
export function inJson(status: number, body: string): { status: number; body: string } | null {
  const [, message] = /<Message>([^<]*)<\/Message>/.exec(body) ?? [];
  if (status !== 403 || message === undefined) return null;
  return { status: 400, body: JSON.stringify({ __type: "AccessDeniedException", message }) };
}

/** Starts moto's server with the Python that has it. */
export async function startMoto(python: string): Promise<Moto> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ["-m", "moto.server", "--host", "127.0.0.1", "--port", String(port)];
  const server = spawn(python, args, { stdio: ["ignore", "ignore", "pipe"], env: { PATH: process.env.PATH } });
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  await untilReady(url, server, () => said);

  /** IAM's old protocol: a form in, XML out. The header says which service is meant; nobody checks it yet. */
  async function iam(action: string, parameters: Record<string, string>): Promise<string> {
    const scope =
      "AWS4-HMAC-SHA256 Credential=admin/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0";
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: scope },
      body: new URLSearchParams({ Action: action, Version: "2010-05-08", ...parameters }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${action}: ${text}`);
    return text;
  }

  return {
    url,
    async createUser(UserName, actions, resource) {
      await iam("CreateUser", { UserName });
      const Statement = actions.map((Action) => ({ Effect: "Allow", Action, Resource: resource }));
      if (actions.length > 0) {
        const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
        await iam("PutUserPolicy", { UserName, PolicyName: "policy", PolicyDocument });
      }
      const text = await iam("CreateAccessKey", { UserName });
      const textOf = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1] ?? "";
      return { accessKeyId: textOf("AccessKeyId"), secretAccessKey: textOf("SecretAccessKey") };
    },
    async enforcePolicies() {
      const response = await fetch(`${url}/moto-api/reset-auth`, { method: "POST", body: "0" });
      if (!response.ok) throw new Error(`moto does not enforce policies: ${response.status}`);
    },
    async stop() {
      if (server.exitCode !== null) return;
      const gone = once(server, "exit");
      server.kill("SIGKILL");
      await gone;
    },
  };
}

async function untilReady(url: string, server: ChildProcess, said: () => string): Promise<void> {
  const deadline = performance.now() + readyMs;
  for (;;) {
    const isUp = await fetch(`${url}/moto-api/`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) return;
    if (server.exitCode !== null || performance.now() > deadline) {
      server.kill("SIGKILL");
      throw new Error(`moto did not start:\n${said()}`);
    }
    await wait(50);
  }
}
