import { fileKeyProvider } from "./file.ts";
import type { WrappingKeyProvider } from "./provider.ts";
import type { KeyProviderSetting } from "./setting.ts";

/** Opens the provider that the settings name. Its code, and its SDK, is loaded only then; nothing is asked of it yet. */
export async function openKeyProvider(setting: KeyProviderSetting): Promise<WrappingKeyProvider> {
  switch (setting.name) {
    case "file":
      return fileKeyProvider(setting.keyFile);
    case "aws-kms":
      return (await import("./aws-kms.ts")).awsKmsProvider(setting);
    case "aws-kms-rsa":
      return (await import("./aws-kms-rsa.ts")).awsKmsRsaProvider(setting);
    case "gcp-kms":
      return (await import("./gcp-kms.ts")).gcpKmsProvider(setting);
    case "vault-transit":
      return (await import("./vault-transit.ts")).vaultTransitProvider(setting);
  }
}
