import type { ApiKey } from "@stablehand/sdk";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { Badge } from "../parts/badge.tsx";
import { Button } from "../parts/button.tsx";
import { Card } from "../parts/card.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { MakeOnce } from "../parts/make-once.tsx";
import { notify } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Loaded, SkeletonRows } from "../parts/states.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";
import { apiKeysQuery } from "../queries.ts";
import { client } from "../session.ts";

/** The business's API keys: make, see, revoke. */
export function ApiKeysPage() {
  const query = useQuery(apiKeysQuery);
  const [isCreating, setCreating] = useState(false);
  const [revoked, setRevoked] = useState<ApiKey | null>(null);
  const create = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      <Plus aria-hidden />
      Create a key
    </Button>
  );
  return (
    <Page
      title="API keys"
      description="Your back end calls the API with one of these. A key acts for all of your end-users: keep it on your servers."
      actions={create}
    >
      <Card padded={false}>
        <Loaded query={query} placeholder={<SkeletonRows rows={4} />}>
          {(keys) =>
            keys.length === 0 ? (
              <Empty icon={KeyRound} title="No key yet" action={create}>
                A key's secret is shown once, when it is made.
              </Empty>
            ) : (
              <Table label="API keys" columns={columnsFor(setRevoked)} rows={keys} rowKey={({ keyId }) => keyId} />
            )
          }
        </Loaded>
      </Card>
      <CreateKey open={isCreating} onOpenChange={setCreating} />
      <RevokeKey apiKey={revoked} onClose={() => setRevoked(null)} />
    </Page>
  );
}

function columnsFor(revoke: (key: ApiKey) => void): readonly Column<ApiKey>[] {
  return [
    {
      title: "Label",
      className: "max-w-64",
      cell: ({ label, scopes, endUserPrefix }) => (
        <>
          <span className="block truncate font-medium" title={label ?? undefined}>
            {label || "No label"}
          </span>
          {(scopes || endUserPrefix !== undefined) && (
            <span className="block truncate text-[13px] text-soft">
              {[scopes?.join(", "), endUserPrefix !== undefined && `end-users ${endUserPrefix}…`]
                .filter(Boolean)
                .join(" · ")}
            </span>
          )}
        </>
      ),
    },
    { title: "Key", cell: ({ prefix }) => <code className="font-mono text-xs whitespace-nowrap">{prefix}…</code> },
    { title: "Created", wideOnly: true, cell: ({ createdAt }) => <Ago at={createdAt} /> },
    {
      title: "Last used",
      wideOnly: true,
      cell: ({ lastUsedAt }) => (lastUsedAt ? <Ago at={lastUsedAt} /> : <span className="text-soft">Never</span>),
    },
    { title: "Status", cell: (key) => <KeyStatus apiKey={key} /> },
    {
      title: "Actions",
      hideTitle: true,
      end: true,
      cell: (key) =>
        !key.revokedAt && (
          <Button size="small" aria-label={`Revoke ${key.label || key.prefix}`} onClick={() => revoke(key)}>
            Revoke
          </Button>
        ),
    },
  ];
}

function KeyStatus({ apiKey: { revokedAt, expiresAt } }: { readonly apiKey: ApiKey }) {
  if (revokedAt) return <Badge>Revoked</Badge>;
  if (expiresAt && Date.parse(expiresAt) < Date.now()) return <Badge>Expired</Badge>;
  return (
    <Badge tone="good" dot>
      Active
    </Badge>
  );
}

function CreateKey({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const queryClient = useQueryClient();
  const create = async (form: FormData) => {
    const label = String(form.get("label")).trim();
    const { secret } = await client.apiKeys.create(label ? { label } : {});
    void queryClient.invalidateQueries(apiKeysQuery);
    return secret;
  };
  return (
    <MakeOnce
      open={open}
      onOpenChange={onOpenChange}
      title="Create an API key"
      description="It can do everything that the API offers, for all of your end-users."
      action="Create"
      make={create}
      secret={{
        name: "the key",
        description: "Only a hash of it is kept here: this is the one time that it is shown.",
      }}
    >
      <TextField
        label="Label"
        name="label"
        maxLength={60}
        placeholder="Production back end"
        hint="What it is for. Only you see it."
        autoFocus
      />
    </MakeOnce>
  );
}

function RevokeKey({ apiKey, onClose }: { readonly apiKey: ApiKey | null; readonly onClose: () => void }) {
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: (prefix: string) => client.apiKeys.revoke(prefix),
    async onSuccess({ label, prefix }) {
      await queryClient.invalidateQueries(apiKeysQuery);
      notify(`${label || prefix} is revoked.`);
      onClose();
    },
  });
  return (
    <Confirm
      open={apiKey !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
        revoke.reset();
      }}
      title={`Revoke ${apiKey?.label || apiKey?.prefix || "the key"}?`}
      description="The next request with it is refused, on every server. This cannot be undone."
      action="Revoke"
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => apiKey && revoke.mutate(apiKey.prefix)}
    />
  );
}
