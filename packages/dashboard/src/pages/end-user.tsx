import type { CredentialStatus, Platform } from "@stablehand/sdk";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Cable, Link2, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { UploadLink } from "../connect/upload-link.tsx";
import { Badge } from "../parts/badge.tsx";
import { Button, ButtonLook } from "../parts/button.tsx";
import { Card } from "../parts/card.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { HealthBadge } from "../parts/health-badge.tsx";
import { notify, notifyFailure } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { Loaded, Refused, Skeleton } from "../parts/states.tsx";
import { Ago } from "../parts/time.tsx";
import { platformCookies, platformNames, platforms } from "../platforms.ts";
import { endUserQuery } from "../queries.ts";
import { client } from "../session.ts";

const route = getRouteApi("/signed-in/end-users/$endUserId");

/** One end-user: each platform's cookies, how old and how healthy; check and delete. */
export function EndUserPage() {
  const { endUserId } = route.useParams();
  const query = useQuery(endUserQuery(endUserId));
  const [deleted, setDeleted] = useState<Platform | "all" | null>(null);
  const [isLinking, setLinking] = useState(false);
  const check = useCheck(endUserId);
  const isEmpty = query.data && platforms.every((platform) => !hasFields(query.data, platform));
  return (
    <Page
      title={endUserId}
      above={
        <Link to="/end-users" search={{}} className="hover:underline">
          End-users
        </Link>
      }
      description={
        <>
          <Link to="/tasks" search={{ endUser: endUserId }} className="underline">
            Tasks
          </Link>
          {" · "}
          <Link to="/access-log" search={{ endUser: endUserId }} className="underline">
            Access log
          </Link>
        </>
      }
      actions={
        <>
          <Button onClick={() => setLinking(true)}>
            <Link2 aria-hidden />
            Upload link
          </Button>
          <Button busy={check.isPending} disabled={isEmpty !== false} onClick={() => check.mutate(undefined)}>
            <RefreshCw aria-hidden />
            Check all now
          </Button>
          <Button disabled={isEmpty !== false} onClick={() => setDeleted("all")}>
            <Trash2 aria-hidden />
            Delete all
          </Button>
        </>
      }
    >
      <Refused error={check.error} />
      <Loaded query={query} placeholder={<Placeholder />}>
        {(status) => (
          <div className="grid gap-4 lg:grid-cols-2">
            {platforms.map((platform) => (
              <PlatformCard
                key={platform}
                status={status}
                platform={platform}
                isChecking={check.isPending && (check.variables === undefined || check.variables === platform)}
                onCheck={() => check.mutate(platform)}
                onDelete={() => setDeleted(platform)}
              />
            ))}
          </div>
        )}
      </Loaded>
      <UploadLink endUserId={endUserId} open={isLinking} onOpenChange={setLinking} />
      <DeleteCredentials endUserId={endUserId} what={deleted} onClose={() => setDeleted(null)} />
    </Page>
  );
}

function hasFields({ details }: CredentialStatus, platform: Platform): boolean {
  return Object.keys(details[platform].fields).length > 0;
}

function useCheck(endUserId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (platform: Platform | undefined) =>
      client.endUsers(endUserId).credentials.check(platform && [platform]),
    onSuccess({ check }) {
      const isGood = Object.values(check).every(({ health }) => health === "valid");
      const tell = isGood ? notify : notifyFailure;
      tell(
        Object.entries(check)
          .map(([platform, { health }]) => `${platformNames[platform as Platform]}: ${health}`) // a check names platforms
          .join(", "),
      );
    },
    onSettled: () => queryClient.invalidateQueries(endUserQuery(endUserId)),
  });
}

function Placeholder() {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {platforms.map((platform) => (
        <Skeleton key={platform} className="h-52 rounded-xl" />
      ))}
    </div>
  );
}

function PlatformCard({
  status,
  platform,
  isChecking,
  onCheck,
  onDelete,
}: {
  readonly status: CredentialStatus;
  readonly platform: Platform;
  readonly isChecking: boolean;
  readonly onCheck: () => void;
  readonly onDelete: () => void;
}) {
  const { fields, missing, health, checkedAt } = status.details[platform];
  const isConfigured = status.platforms[platform];
  const name = platformNames[platform];
  const connect = (
    <ButtonLook size="small">
      <Link
        to="/connect-account"
        search={{ endUser: status.endUserId, platform }}
        aria-label={`${isConfigured ? "Replace" : "Connect"} ${name}`}
      >
        <Cable aria-hidden />
        {isConfigured ? "Replace" : "Connect"}
      </Link>
    </ButtonLook>
  );
  if (!hasFields(status, platform))
    return (
      <Card title={name} description="Nothing stored" actions={connect}>
        <p className="text-[13px] text-soft">
          Takes {platformCookies[platform].fields.map(([, cookie]) => cookie).join(", ")}.
        </p>
      </Card>
    );
  return (
    <Card
      title={name}
      description={
        isConfigured ? (
          checkedAt ? (
            <>
              Checked <Ago at={checkedAt} />
            </>
          ) : (
            "Never checked"
          )
        ) : (
          `${missing.length} still missing`
        )
      }
      actions={isConfigured ? <HealthBadge health={health} /> : <Badge tone="warn">Incomplete</Badge>}
    >
      <table className="mb-4 w-full text-[13px]">
        <thead>
          <tr className="text-left text-soft text-xs [&>th]:pb-1.5 [&>th]:font-medium">
            <th scope="col">Cookie</th>
            <th scope="col">Stored</th>
            <th scope="col" className="text-right">
              Last used
            </th>
          </tr>
        </thead>
        <tbody>
          {platformCookies[platform].fields.map(([field, cookie]) => {
            const stored = fields[field];
            return (
              <tr key={field} className="border-t [&>td]:h-8">
                <td className="font-mono text-xs">{cookie}</td>
                <td>{stored ? <Ago at={stored.updatedAt} /> : <span className="text-warn">Missing</span>}</td>
                <td className="text-right">
                  {stored?.lastUsedAt ? <Ago at={stored.lastUsedAt} /> : <span className="text-soft">Never</span>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <div className="flex flex-wrap gap-2">
        <Button size="small" busy={isChecking} onClick={onCheck} aria-label={`Check now: ${name}`}>
          <RefreshCw aria-hidden />
          Check now
        </Button>
        {connect}
        <Button
          size="small"
          variant="quiet"
          onClick={onDelete}
          aria-label={`Delete the cookies of ${name}`}
          className="ml-auto"
        >
          <Trash2 aria-hidden />
          Delete
        </Button>
      </div>
    </Card>
  );
}

function DeleteCredentials({
  endUserId,
  what,
  onClose,
}: {
  readonly endUserId: string;
  readonly what: Platform | "all" | null;
  readonly onClose: () => void;
}) {
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: (which: Platform | "all") =>
      client
        .endUsers(endUserId)
        .credentials.delete(which === "all" ? undefined : platformCookies[which].fields.map(([field]) => field)),
    async onSuccess() {
      await queryClient.invalidateQueries(endUserQuery(endUserId));
      void queryClient.invalidateQueries({ queryKey: ["end-users"] });
      notify("Deleted.");
      onClose();
    },
  });
  const name = what === null || what === "all" ? "all cookies" : `the cookies of ${platformNames[what]}`;
  return (
    <Confirm
      open={what !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
        remove.reset();
      }}
      title={`Delete ${name}?`}
      description={`They are removed for good, and no copy in a backup can be opened once all of ${endUserId}'s are gone. Tasks and sessions stay readable.`}
      action="Delete"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => what && remove.mutate(what)}
    />
  );
}
