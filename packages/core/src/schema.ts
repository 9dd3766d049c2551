import type {
  CredentialField,
  Health,
  Platform,
  PlatformChecks,
  TaskErrorCode,
  TaskStatus,
} from "@stablehand/contract";
import type { ColumnType, Generated } from "kysely";
import type { BusinessId, SessionId, TaskId } from "./ids.ts";

/** A time the database sets when a row is made, and that is never changed after. */
type CreatedAt = ColumnType<Date, never, never>;

/** The tables, as migrations/ makes them. */
export interface Schema {
  businesses: { business_id: BusinessId; name: string; created_at: CreatedAt };
  api_keys: {
    key_id: string;
    business_id: BusinessId;
    secret_hash: Buffer;
    label: string | null;
    created_at: CreatedAt;
    last_used_at: Date | null;
    revoked_at: Date | null;
  };
  end_user_keys: {
    business_id: BusinessId;
    end_user_id: string;
    key_id: Buffer;
    public_key: Buffer;
    sealed_private_key: Buffer;
    keyring_key_id: Buffer;
    created_at: CreatedAt;
  };
  credentials: {
    business_id: BusinessId;
    end_user_id: string;
    field: CredentialField;
    key_id: Buffer;
    sealed: Buffer;
    updated_at: Generated<Date>;
    last_used_at: Date | null;
  };
  platform_health: {
    business_id: BusinessId;
    end_user_id: string;
    platform: Platform;
    health: Health;
    checked_at: Date;
    credentials_updated_at: Date;
  };
  credential_access: {
    access_id: Generated<string>;
    business_id: BusinessId;
    end_user_id: string;
    action: "set" | "delete" | "open";
    fields: CredentialField[];
    actor: string;
    task_id: TaskId | null;
    at: CreatedAt;
  };
  sessions: { session_id: SessionId; business_id: BusinessId; end_user_id: string; created_at: CreatedAt };
  tasks: {
    task_id: TaskId;
    business_id: BusinessId;
    session_id: SessionId;
    end_user_id: string;
    kind: "check";
    task: string;
    platforms: Platform[];
    status: Generated<TaskStatus>;
    attempt: Generated<number>;
    worker_id: string | null;
    result: string | null;
    check_result: PlatformChecks | null;
    error: string | null;
    error_code: TaskErrorCode | null;
    created_at: CreatedAt;
    updated_at: Generated<Date>;
    started_at: Date | null;
    completed_at: Date | null;
  };
}
