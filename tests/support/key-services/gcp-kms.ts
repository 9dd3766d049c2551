import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that speaks what Google Cloud KMS and a machine's metadata server do, as far as this project asks them. */
export interface FakeGcp {
  readonly url: string;
  /** For GCE_METADATA_HOST: where the official auth library gets its tokens. */
  readonly metadataHost: string;
  /** The keys there are, by resource name. */
  readonly keys: Map<string, { readonly secret: Buffer; enabled: boolean }>;
  /** Whether the service account may use the keys. */
  allowed: boolean;
  stop(): Promise<void>;
}

const token = "fake-access-token";
const call = /^\/v1\/(projects\/.+\/cryptoKeys\/[^/:]+):(encrypt|decrypt)$/;

/**
 * Starts the server.
 *
 * Written from the published REST reference of `cryptoKeys.encrypt` and `.decrypt`, and the texts that Google answers with;
 * no emulator of it exists.
 */
export async function startFakeGcp(): Promise<FakeGcp> {
  const keys: FakeGcp["keys"] = new Map();
  const state = { allowed: true };

  function useKey(name: string, operation: string, body: Record<string, string>): [number, object] {
    const key = keys.get(name);
    if (!state.allowed)
      return problem(
        403,
        "PERMISSION_DENIED",
        `Permission 'cloudkms.cryptoKeyVersions.useToDecrypt' denied on resource '${name}' (or it may not exist).`,
      );
    if (!key) return problem(404, "NOT_FOUND", `CryptoKey ${name} not found.`);
    if (!key.enabled)
      return problem(
        400,
        "FAILED_PRECONDITION",
        `${name}/cryptoKeyVersions/1 is not enabled, current state is: DISABLED.`,
      );
    const bound = Buffer.from(body["additionalAuthenticatedData"] ?? "", "base64");
    if (operation === "encrypt") {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key.secret, nonce).setAAD(bound);
      const sealed = [cipher.update(Buffer.from(body["plaintext"] ?? "", "base64")), cipher.final()];
      const ciphertext = Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString("base64");
      return [200, { name: `${name}/cryptoKeyVersions/1`, ciphertext, protectionLevel: "SOFTWARE" }];
    }
    try {
      const bytes = Buffer.from(body["ciphertext"] ?? "", "base64");
      const decipher = createDecipheriv("aes-256-gcm", key.secret, bytes.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(bound).setAuthTag(bytes.subarray(-16));
      const plaintext = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
      return [200, { plaintext: plaintext.toString("base64"), usedPrimary: true, protectionLevel: "SOFTWARE" }];
    } catch {
      return problem(400, "INVALID_ARGUMENT", "Decryption failed: verify that 'name' refers to the correct CryptoKey.");
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const send = (status: number, body: object) =>
      response
        .writeHead(status, { "content-type": "application/json", "metadata-flavor": "Google" })
        .end(JSON.stringify(body));
    if (path.startsWith("/computeMetadata/"))
      return void (path.includes("/token")
        ? send(200, { access_token: token, expires_in: 3_599, token_type: "Bearer" })
        : send(200, {}));
    const [, name = "", operation = ""] = call.exec(decodeURIComponent(path)) ?? [];
    if (request.headers.authorization !== `Bearer ${token}`)
      return void send(...problem(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."));
    if (request.method !== "POST" || !name) return void send(...problem(404, "NOT_FOUND", "not found"));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>; // as the client under test sends it
    send(...useKey(name, operation, body));
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    metadataHost: `127.0.0.1:${port}`,
    keys,
    get allowed() {
      return state.allowed;
    },
    set allowed(allowed) {
      state.allowed = allowed;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function problem(code: number, status: string, message: string): [number, object] {
  return [code, { error: { code, message, status } }];
}
