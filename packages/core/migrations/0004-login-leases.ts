import { type Kysely, sql } from "kysely";

/** One task at a time on one login, and cookies that a site renewed during a task. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

const statements = [
  // Who holds a login. The task's attempt fences: a worker that lost the task has lost its logins too.
  sql`CREATE TABLE login_leases (
    business_id text COLLATE "C" NOT NULL REFERENCES businesses,
    end_user_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    task_id uuid NOT NULL REFERENCES tasks,
    taken_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business_id, end_user_id, platform)
  ) WITH (fillfactor = 50)`,
  sql`CREATE INDEX login_leases_of_task ON login_leases (task_id)`,

  // Who waits for one, in the order of submission: `turn` grows within a business.
  sql`CREATE TABLE login_waits (
    task_id uuid NOT NULL REFERENCES tasks,
    platform text COLLATE "C" NOT NULL,
    business_id text COLLATE "C" NOT NULL,
    end_user_id text COLLATE "C" NOT NULL,
    turn bigint NOT NULL,
    PRIMARY KEY (task_id, platform)
  ) WITH (fillfactor = 50)`,
  sql`CREATE INDEX login_waits_in_order ON login_waits (business_id, end_user_id, platform, turn, task_id)`,

  sql`ALTER TABLE credential_access
    DROP CONSTRAINT credential_access_action_check,
    DROP CONSTRAINT credential_access_check,
    ADD CONSTRAINT credential_access_action_check CHECK (action IN ('set', 'delete', 'open', 'rotate')),
    ADD CONSTRAINT credential_access_check CHECK ((action IN ('open', 'rotate')) = (task_id IS NOT NULL))`,

  // Tasks that still wait were submitted when every stored cookie was opened: they keep the site they begin on.
  sql`UPDATE tasks SET platforms = ARRAY[site.platform]
       FROM (VALUES ('twitter', '(x|twitter)\\.com'), ('reddit', 'reddit\\.com'), ('tiktok', 'tiktok\\.com'),
                    ('youtube', '(youtube|google)\\.com'), ('instagram', 'instagram\\.com')) AS site (platform, domain)
      WHERE tasks.status IN ('pending', 'running') AND tasks.kind = 'browse' AND tasks.platforms = '{}'
        AND tasks.start_url ~* ('^https?://([^/?#@]*\\.)?' || site.domain || '(:[0-9]+)?([/?#]|$)')`,
];
