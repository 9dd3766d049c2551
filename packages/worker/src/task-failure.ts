import type { TaskErrorCode } from "@stablehand/contract";
import { AssetStoreError } from "@stablehand/core/asset-store";
import { KeyringError } from "@stablehand/vault/keyring";
import { KeyProviderUnavailableError } from "@stablehand/vault/kms/provider";
import { OpenError } from "@stablehand/vault/open";
import { BrowserUnavailableError } from "./browser/pool.ts";
import { CookieRefusedError } from "./browser/signed-in-context.ts";
import { PageUnreachableError } from "./design/page-unreachable-error.ts";

/** A task ended as it may end: with a code for programs and a sentence for the caller. */
export class TaskFailure extends Error {
  override readonly name = "TaskFailure";
  readonly errorCode: TaskErrorCode;

  constructor(errorCode: TaskErrorCode, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}

/** What the caller may read of any error; one that is not known here is `internal`, and stays in the log. */
export function toTaskFailure(error: unknown): TaskFailure {
  if (error instanceof TaskFailure) return error;
  if (error instanceof OpenError)
    return new TaskFailure(
      "credentials_unreadable",
      "The stored credentials could not be opened. Upload them again; if that repeats, ask your operator.",
    );
  if (error instanceof KeyringError || error instanceof KeyProviderUnavailableError)
    return new TaskFailure(
      "vault_unavailable",
      "The key that opens the stored credentials could not be used. Try again later; if that repeats, ask your operator.",
    );
  if (error instanceof CookieRefusedError)
    return new TaskFailure(
      "cookie_refused",
      `The browser refused what is stored for ${error.fields.join(", ")}: it cannot be a cookie's value. Upload it again.`,
    );
  if (error instanceof BrowserUnavailableError)
    return new TaskFailure("browser_unavailable", "No browser could be started in time. Try again later.");
  if (error instanceof PageUnreachableError)
    return new TaskFailure("page_unreachable", `The page could not be loaded: ${error.message}`);
  if (error instanceof AssetStoreError)
    return new TaskFailure("internal", "The page's files could not be stored. Try again later, or ask your operator.");
  return new TaskFailure("internal", "Something failed on our side. The operator's log names this task.");
}
