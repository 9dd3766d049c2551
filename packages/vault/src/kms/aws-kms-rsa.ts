import { DecryptCommand, GetPublicKeyCommand } from "@aws-sdk/client-kms";
import { KeyringError } from "../keyring.ts";
import { encryptOaep, importRsaPublicKey } from "../rsa.ts";
import { NotOfThisKeyError, openAwsKms } from "./aws-client.ts";
import type { WrappingKeyProvider } from "./provider.ts";
import type { AwsKmsSetting } from "./setting.ts";

/**
 * The provider whose RSA key is itself a key of the keyring: each opening of an end-user's key is a call to AWS KMS.
 *
 * It also wraps pairs of our own, for a keyring that comes from another provider or goes to one: with the public half
 * here, and back through KMS.
 */
export function awsKmsRsaProvider(setting: AwsKmsSetting, patienceMs?: number): WrappingKeyProvider {
  const kms = openAwsKms(setting, patienceMs);

  const decrypt = (kmsKey: string, ciphertext: Buffer): Promise<Buffer> =>
    kms.call("Decrypt", kmsKey, async (client, options) => {
      const EncryptionAlgorithm = "RSAES_OAEP_SHA_256";
      const command = new DecryptCommand({ KeyId: kmsKey, CiphertextBlob: ciphertext, EncryptionAlgorithm });
      const { Plaintext } = await client.send(command, options);
      if (!Plaintext) throw new KeyringError("AWS KMS answered without a result");
      return Buffer.from(Plaintext.buffer, Plaintext.byteOffset, Plaintext.byteLength);
    });

  const publicKey = () =>
    kms.call("GetPublicKey", setting.key, async (client, options) => {
      const answer = await client.send(new GetPublicKeyCommand({ KeyId: setting.key }), options);
      if (!answer.PublicKey || !answer.KeyId || answer.KeyUsage !== "ENCRYPT_DECRYPT")
        throw new KeyringError(`${setting.key} is no RSA key for ENCRYPT_DECRYPT: make one, as docs/custody.md says`);
      return { kmsKey: answer.KeyId, publicKey: Buffer.from(answer.PublicKey) };
    });

  return {
    name: setting.name,
    async wrap(privateKey) {
      return encryptOaep(importRsaPublicKey((await publicKey()).publicKey), privateKey);
    },
    unwrap: (wrapped) => decrypt(setting.key, wrapped),
    remote: {
      current: publicKey,
      async decrypt(kmsKey, ciphertext) {
        try {
          return await decrypt(kmsKey, ciphertext);
        } catch (error) {
          if (error instanceof NotOfThisKeyError) return null;
          throw error;
        }
      },
    },
  };
}
