import { constants, generateKeyPairSync, type KeyObject, privateDecrypt, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that speaks AWS KMS's protocol for RSA keys: `Decrypt` with RSAES_OAEP_SHA_256, and `GetPublicKey`. */
export interface RsaKms {
  readonly url: string;
  /** Makes a key and gives its ARN. */
  createKey(bits?: 2048 | 3072 | 4096): string;
  /** How often `Decrypt` was called, whatever came of it. */
  readonly decryptions: number;
  /** What it answers instead of decrypting; null decrypts. */
  refusal: { readonly type: string; readonly message: string } | null;
  stop(): Promise<void>;
}

/**
 * Starts the server.
 *
 * Written from the published API reference, for what moto does not emulate: it opens no ciphertext of an RSA key.
 */
export async function startRsaKms(): Promise<RsaKms> {
  const keys = new Map<string, { readonly publicKey: Buffer; readonly privateKey: KeyObject }>();
  const state: { decryptions: number; refusal: RsaKms["refusal"] } = { decryptions: 0, refusal: null };

  function answerTo(operation: string, body: Record<string, string>): [number, object] {
    const key = keys.get(body["KeyId"] ?? "");
    if (operation === "Decrypt") state.decryptions += 1;
    if (operation === "Decrypt" && state.refusal) return problem(state.refusal.type, state.refusal.message);
    if (!key) return problem("NotFoundException", `Key '${body["KeyId"]}' does not exist`);
    const KeyId = body["KeyId"];
    if (operation === "GetPublicKey")
      return [200, { KeyId, PublicKey: key.publicKey.toString("base64"), KeyUsage: "ENCRYPT_DECRYPT" }];
    if (operation !== "Decrypt" || body["EncryptionAlgorithm"] !== "RSAES_OAEP_SHA_256")
      return problem("ValidationException", `not this: ${operation} ${body["EncryptionAlgorithm"]}`);
    try {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const ciphertext = Buffer.from(body["CiphertextBlob"] ?? "", "base64");
      const plaintext = privateDecrypt({ key: key.privateKey, padding, oaepHash: "sha256" }, ciphertext);
      return [200, { KeyId, Plaintext: plaintext.toString("base64"), EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }];
    } catch {
      return problem("InvalidCiphertextException", "");
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
    const operation = String(request.headers["x-amz-target"]).replace("TrentService.", "");
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>; // as the SDK sends it
    const [status, answered] = answerTo(operation, body);
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() });
    response.end(JSON.stringify(answered));
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    createKey(bits = 3072) {
      const pair = generateKeyPairSync("rsa", { modulusLength: bits });
      const arn = `arn:aws:kms:eu-central-1:111122223333:key/${randomUUID()}`;
      keys.set(arn, {
        publicKey: pair.publicKey.export({ type: "spki", format: "der" }),
        privateKey: pair.privateKey,
      });
      return arn;
    },
    get decryptions() {
      return state.decryptions;
    },
    get refusal() {
      return state.refusal;
    },
    set refusal(refusal) {
      state.refusal = refusal;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function problem(type: string, message: string): [number, object] {
  return [400, { __type: type, message }];
}
