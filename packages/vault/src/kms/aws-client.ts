import { KMSClient, KMSServiceException } from "@aws-sdk/client-kms";
import { KeyringError } from "../keyring.ts";
import { KeyProviderUnavailableError } from "./provider.ts";
import type { AwsKmsSetting } from "./setting.ts";

const deadlineMs = 10_000;
const attemptsMax = 4;

/** AWS KMS, each call with a deadline, and each refusal in words that say what to do. */
export interface AwsKms {
  /**
   * Makes one call of `operation` with `key`; the SDK repeats it when KMS is busy, four times in all.
   *
   * Throws KeyringError for what an operator has to mend, KeyProviderUnavailableError for what may pass.
   */
  call<Result>(
    operation: string,
    key: string,
    send: (client: KMSClient, options: { abortSignal: AbortSignal }) => Promise<Result>,
  ): Promise<Result>;
}

/** KMS says that it did not make this ciphertext with this key and context. */
export class NotOfThisKeyError extends KeyringError {}

/** Opens a client; nothing is asked of it yet. */
export function openAwsKms(setting: AwsKmsSetting, patienceMs = deadlineMs): AwsKms {
  const client = new KMSClient({
    ...(setting.region && { region: setting.region }),
    ...(setting.endpoint && { endpoint: setting.endpoint }),
    ...(setting.credentials && { credentials: setting.credentials }),
    maxAttempts: attemptsMax,
    requestHandler: { connectionTimeout: 3_000 },
  });
  return {
    async call(operation, key, send) {
      try {
        return await send(client, { abortSignal: AbortSignal.timeout(patienceMs) });
      } catch (error) {
        throw inWords(error, operation, key, patienceMs);
      }
    },
  };
}

function inWords(error: unknown, operation: string, key: string, patienceMs: number): Error {
  const name = error instanceof Error ? error.name : "";
  const words = error instanceof Error && error.message ? `${name}: ${error.message}` : name;
  const what = `kms:${operation} with ${key}`;
  switch (name) {
    case "AccessDeniedException":
      return new KeyringError(
        `AWS KMS refuses ${what} (${words}). Allow it to this role, in IAM and in the key's policy: docs/custody.md has both`,
      );
    case "DisabledException":
    case "KMSInvalidStateException":
      return new KeyringError(
        `AWS KMS refuses ${what}: the key is disabled or waits for its deletion (${words}). Enable it, or cancel the deletion`,
      );
    case "NotFoundException":
      return new KeyringError(`AWS KMS has no such key for ${what} (${words}): check AWS_KMS_KEY and AWS_REGION`);
    case "InvalidCiphertextException":
    case "IncorrectKeyException":
      return new NotOfThisKeyError(
        `AWS KMS did not wrap this with ${key} and this encryption context (${words}): set AWS_KMS_KEY to the key that ` +
          "wrapped the keyring, or restore the keyring from your backup",
      );
    case "InvalidKeyUsageException":
    case "UnsupportedOperationException":
    case "ValidationException":
      return new KeyringError(
        `AWS KMS cannot do ${what} (${words}): aws-kms takes a symmetric key, aws-kms-rsa an RSA key, for ENCRYPT_DECRYPT`,
      );
    case "CredentialsProviderError":
    case "ExpiredTokenException":
    case "UnrecognizedClientException":
    case "InvalidClientTokenId":
    case "InvalidSignatureException":
    case "MissingAuthenticationTokenException":
      return new KeyringError(
        `AWS does not accept this process's credentials for ${what} (${words}). Give it a role, or set ` +
          "AWS_KMS_ACCESS_KEY_ID and AWS_KMS_SECRET_ACCESS_KEY",
      );
    case "AbortError":
    case "TimeoutError":
      return new KeyProviderUnavailableError(
        `AWS KMS did not answer ${what} within ${patienceMs / 1_000} s: check the network, and the VPC endpoint if there is one`,
      );
    default: {
      const status = error instanceof KMSServiceException ? error.$metadata.httpStatusCode : undefined;
      const isSettings = /region is missing/i.test(words);
      if (isSettings) return new KeyringError(`AWS_REGION is not set: the region of ${key}`);
      return new KeyProviderUnavailableError(
        `AWS KMS cannot be used for ${what} now (${words}${status ? `, status ${status}` : ""}): it is throttled or out ` +
          "of reach. Check the network and the request quota of the account; it is tried again",
      );
    }
  }
}
