import type {
  AccessAction,
  CredentialField,
  ExtractorName,
  Health,
  HostRule,
  Platform,
  PlatformChecks,
  Scope,
  TaskErrorCode,
  TaskKind,
  TaskMode,
  TaskNetwork,
  TaskStatus,
} from "@stablehand/contract";
import type { ColumnType, Generated } from "kysely";
import type { BusinessId, SessionId, TaskId, UploadTicketId } from "./ids.ts";
import type { AccountTables } from "./store/accounts.ts";
import type { DesignTables } from "./store/design-assets.ts";
import type { WebhookTables } from "./store/webhooks.ts";

/** A time the database sets when a row is made, and that is never changed after. */
type CreatedAt = ColumnType<Date, never, never>;

/** The tables, as migrations/ makes them. bigint columns come as text. */
export interface Schema extends WebhookTables, DesignTables, AccountTables {
  businesses: {
    business_id: BusinessId;
    name: string;
    allowed_hosts: Generated<HostRule[]>;
    embed_origins: Generated<string[]>;
    created_at: CreatedAt;
  };
  api_keys: {
    key_id: string;
    business_id: BusinessId;
    secret_hash: Buffer;
    label: string | null;
    created_at: CreatedAt;
    last_used_at: Date | null;
    revoked_at: Date | null;
    scopes: Scope[] | null;
    end_user_prefix: string | null;
    expires_at: Date | null;
    replaced_by: string | null;
  };
  end_user_keys: {
    business_id: BusinessId;
    end_user_id: string;
    key_id: Buffer;
    public_key: Buffer;
    sealed_private_key: Buffer;
    keyring_key_id: Buffer;
    created_at: CreatedAt;
    rotation_asked_at: Date | null;
  };
  /** What a trigger keeps of every key that was deleted or replaced. */
  destroyed_keys: { key_id: Buffer; destroyed_at: CreatedAt };
  retired_keyring_keys: { keyring_key_id: Buffer; retired_at: CreatedAt };
  reseal_runs: {
    keyring_key_id: Buffer;
    worker_id: string;
    started_at: Generated<Date>;
    updated_at: Generated<Date>;
    finished_at: Date | null;
    resealed: Generated<string>;
    rotated: Generated<string>;
    unreadable: Generated<string>;
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
  /** The last three are set by a trigger, which chains each row to its business's last. */
  credential_access: {
    business_id: BusinessId;
    end_user_id: string;
    action: AccessAction;
    fields: CredentialField[];
    actor: string;
    task_id: TaskId | null;
    key_id: Buffer | null;
    at: CreatedAt;
    sequence: ColumnType<string, never, never>;
    previous: ColumnType<Buffer, never, never>;
    hash: ColumnType<Buffer, never, never>;
  };
  upload_tickets: {
    ticket_id: UploadTicketId;
    token_hash: Buffer;
    business_id: BusinessId;
    api_key_id: string | null;
    actor: string;
    end_user_id: string;
    platforms: Platform[];
    return_url: string | null;
    created_at: CreatedAt;
    expires_at: Date;
    used_at: Date | null;
  };
  login_leases: {
    business_id: BusinessId;
    end_user_id: string;
    platform: Platform;
    task_id: TaskId;
    taken_at: CreatedAt;
  };
  login_waits: {
    task_id: TaskId;
    platform: Platform;
    business_id: BusinessId;
    end_user_id: string;
    turn: string;
  };
  sessions: {
    session_id: SessionId;
    business_id: BusinessId;
    end_user_id: string;
    created_at: CreatedAt;
    active_at: Generated<Date>;
  };
  tasks: {
    task_id: TaskId;
    business_id: BusinessId;
    session_id: SessionId;
    end_user_id: string;
    kind: TaskKind;
    task: string;
    platforms: Generated<Platform[]>;
    allowed_hosts: Generated<HostRule[]>;
    start_url: string | null;
    output_schema: string | null;
    steps_max: number | null;
    wants_html: Generated<boolean>;
    mode: Generated<TaskMode>;
    extractors: Generated<ExtractorName[]>;
    ip_rotation: Generated<boolean>;
    turn: Generated<string>;
    status: Generated<TaskStatus>;
    attempt: Generated<number>;
    losses: Generated<number>;
    may_have_acted: Generated<boolean>;
    event_count: Generated<number>;
    worker_id: string | null;
    result: string | null;
    structured_content: string | null;
    html_dump: string | null;
    total_steps: number | null;
    visited_hosts: string[] | null;
    network: TaskNetwork | null;
    input_tokens: string | null;
    output_tokens: string | null;
    model_calls: number | null;
    leak_blocked: Generated<number>;
    check_result: PlatformChecks | null;
    error: string | null;
    error_code: TaskErrorCode | null;
    created_at: CreatedAt;
    updated_at: Generated<Date>;
    started_at: Date | null;
    completed_at: Date | null;
  };
  task_events: {
    task_id: TaskId;
    n: number;
    attempt: number;
    type: "status" | "step";
    data: string;
    at: CreatedAt;
  };
  task_usage: {
    business_id: BusinessId;
    month: Date;
    used: number;
    granted: number;
    input_tokens: string;
    output_tokens: string;
    model_calls: string;
  };
  idempotency_keys: {
    business_id: BusinessId;
    idempotency_key: string;
    body_hash: Buffer;
    task_id: TaskId;
    created_at: CreatedAt;
  };
}
