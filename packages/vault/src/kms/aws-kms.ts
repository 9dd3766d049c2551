import { DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { KeyringError } from "../keyring.ts";
import { openAwsKms } from "./aws-client.ts";
import type { WrappingKeyProvider } from "./provider.ts";
import type { AwsKmsSetting } from "./setting.ts";

/**
 * The provider whose key is a symmetric key of AWS KMS.
 *
 * The encryption context names what is wrapped and which key it is, so that a role can be allowed that alone, and a
 * wrapped key moved to another's place does not open.
 */
export function awsKmsProvider(setting: AwsKmsSetting, patienceMs?: number): WrappingKeyProvider {
  const kms = openAwsKms(setting, patienceMs);
  const KeyId = setting.key;
  const contextOf = (keyId: Buffer) => ({ purpose: "stablehand keyring", keyId: keyId.toString("hex") });
  return {
    name: setting.name,
    wrap: (privateKey, keyId) =>
      kms.call("Encrypt", KeyId, async (client, options) => {
        const command = new EncryptCommand({ KeyId, Plaintext: privateKey, EncryptionContext: contextOf(keyId) });
        return bytesOf((await client.send(command, options)).CiphertextBlob);
      }),
    unwrap: (wrapped, keyId) =>
      kms.call("Decrypt", KeyId, async (client, options) => {
        const command = new DecryptCommand({ KeyId, CiphertextBlob: wrapped, EncryptionContext: contextOf(keyId) });
        return bytesOf((await client.send(command, options)).Plaintext);
      }),
  };
}

function bytesOf(bytes: Uint8Array | undefined): Buffer {
  if (!bytes) throw new KeyringError("AWS KMS answered without a result");
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
