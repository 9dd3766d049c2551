import type { CredentialAccess } from "@stablehand/sdk";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import { formatMoment, formatNumber } from "../format.ts";
import { Badge, type Tone } from "../parts/badge.tsx";
import { Card } from "../parts/card.tsx";
import { More } from "../parts/more.tsx";
import { Page } from "../parts/page.tsx";
import { SearchBox } from "../parts/search-box.tsx";
import { Empty, Loaded, SkeletonRows } from "../parts/states.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { accessLogQuery } from "../queries.ts";

const route = getRouteApi("/signed-in/access-log");

/** Every time that somebody or something touched the credentials. */
export function AccessLogPage() {
  const { endUser } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(accessLogQuery(endUser));
  const rows = query.data?.pages.flatMap(({ accesses }) => accesses);
  return (
    <Page
      title="Access log"
      description={
        <>
          Every time credentials were stored, opened by a worker, or deleted. Rows are chained, so that none can be
          changed or left out unseen:{" "}
          <a className="underline" href="/docs/guide/audit">
            how to verify it
          </a>
          .
        </>
      }
    >
      <Card padded={false}>
        <search className="flex p-4">
          <SearchBox
            label="Only of this end-user"
            placeholder="End-user's id, exactly"
            value={endUser ?? ""}
            onSearch={(text) => void navigate({ search: { endUser: text || undefined }, replace: true })}
          />
        </search>
        <Loaded query={query} placeholder={<SkeletonRows rows={8} />}>
          {() =>
            rows?.length ? (
              <div className="border-t">
                <Table label="Access log" columns={columns} rows={rows} rowKey={({ sequence }) => sequence} />
              </div>
            ) : (
              <Empty icon={ScrollText} title={endUser ? "Nothing of this end-user" : "Nothing yet"}>
                {endUser
                  ? "No credentials of this end-user were ever touched."
                  : "The first row comes with the first cookies."}
              </Empty>
            )
          }
        </Loaded>
        <More query={query} />
      </Card>
    </Page>
  );
}

const actions: Record<CredentialAccess["action"], readonly [Tone, string]> = {
  set: ["good", "Stored"],
  delete: ["bad", "Deleted"],
  open: ["info", "Opened for a task"],
  check: ["info", "Opened for a check"],
  rotate: ["neutral", "Renewed by the site"],
  rekey: ["neutral", "Sealed anew"],
  restore: ["warn", "Restored from a backup"],
};

const columns: readonly Column<CredentialAccess>[] = [
  {
    title: "#",
    wideOnly: true,
    cell: ({ sequence, hash }) => (
      <span title={hash} className="text-soft tabular-nums">
        {formatNumber(sequence)}
      </span>
    ),
  },
  {
    title: "When",
    cell: ({ at }) => (
      <time dateTime={at} className="text-[13px] whitespace-nowrap tabular-nums">
        {formatMoment(at)}
      </time>
    ),
  },
  {
    title: "What",
    cell: ({ action }) => {
      const [tone, text] = actions[action];
      return <Badge tone={tone}>{text}</Badge>;
    },
  },
  {
    title: "End-user",
    className: "max-w-52",
    cell: ({ endUserId }) => (
      <Link
        to="/end-users/$endUserId"
        params={{ endUserId }}
        title={endUserId}
        className="block truncate hover:underline"
      >
        {endUserId}
      </Link>
    ),
  },
  {
    title: "Fields",
    wideOnly: true,
    cell: ({ fields }) => <span className="text-[13px] text-soft">{fields.join(", ")}</span>,
  },
  { title: "By", cell: (access) => <Actor access={access} /> },
];

function Actor({ access: { apiKeyId, accountId, ticketId, workerId, taskId } }: { readonly access: CredentialAccess }) {
  const text = "text-[13px] whitespace-nowrap";
  if (taskId)
    return (
      <Link
        to="/tasks/$taskId"
        params={{ taskId }}
        className={`${text} underline decoration-line-strong underline-offset-2`}
      >
        A worker, for a task
      </Link>
    );
  if (apiKeyId)
    return (
      <span className={text}>
        API key <code className="font-mono text-xs">{apiKeyId}</code>
      </span>
    );
  if (accountId) return <span className={text}>This dashboard</span>;
  if (ticketId) return <span className={text}>The end-user, with an upload link</span>;
  if (workerId) return <span className={text}>A worker</span>;
  return <span className={text}>The operator</span>;
}
