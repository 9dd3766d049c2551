import type { CredentialStatus } from "@stablehand/sdk";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Cable, ChevronRight, Users } from "lucide-react";
import { count } from "../format.ts";
import { ButtonLook } from "../parts/button.tsx";
import { Card } from "../parts/card.tsx";
import { classNames } from "../parts/class-names.ts";
import { More } from "../parts/more.tsx";
import { Page } from "../parts/page.tsx";
import { SearchBox } from "../parts/search-box.tsx";
import { Empty, Loaded, SkeletonRows } from "../parts/states.tsx";
import { platformNames, platforms } from "../platforms.ts";
import { endUsersQuery } from "../queries.ts";

const route = getRouteApi("/signed-in/end-users");

/** Whose credentials are stored, and how they stand. */
export function EndUsersPage() {
  const { search = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(endUsersQuery(search));
  const endUsers = query.data?.pages.flatMap((page) => page.endUsers);
  const connect = (
    <ButtonLook variant="primary">
      <Link to="/connect-account" search={{}}>
        <Cable aria-hidden />
        Connect an account
      </Link>
    </ButtonLook>
  );
  return (
    <Page
      title="End-users"
      description="Whose session cookies are stored here. Their values are never shown."
      actions={connect}
    >
      <Card padded={false}>
        <search className="flex p-4">
          <SearchBox
            label="Search end-users"
            placeholder="Search by id"
            value={search}
            onSearch={(text) => void navigate({ search: { search: text || undefined }, replace: true })}
          />
        </search>
        <Loaded query={query} placeholder={<SkeletonRows rows={8} />}>
          {() =>
            endUsers?.length ? (
              <ul className="divide-y border-t">
                {endUsers.map((endUser) => (
                  <EndUserRow key={endUser.endUserId} endUser={endUser} />
                ))}
              </ul>
            ) : (
              <Empty
                icon={Users}
                title={search ? "No id contains this" : "No end-user yet"}
                action={!search && connect}
              >
                {search ? "Search for another part of the id." : "An end-user appears when the first cookie is stored."}
              </Empty>
            )
          }
        </Loaded>
        <More query={query} />
      </Card>
    </Page>
  );
}

function EndUserRow({
  endUser: { endUserId, platforms: configured, details },
}: {
  readonly endUser: CredentialStatus;
}) {
  const stored = platforms.filter((platform) => Object.keys(details[platform].fields).length > 0);
  return (
    <li>
      <Link
        to="/end-users/$endUserId"
        params={{ endUserId }}
        className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3 -outline-offset-2 hover:bg-sunken"
      >
        <span className="min-w-0 flex-1 basis-40">
          <span className="block truncate font-medium">{endUserId}</span>
          <span className="block text-[13px] text-soft">{count(stored.length, "platform")}</span>
        </span>
        <span className="flex flex-wrap gap-1.5">
          {stored.map((platform) => (
            <PlatformFlag
              key={platform}
              name={platformNames[platform]}
              state={configured[platform] ? details[platform].health : "incomplete"}
            />
          ))}
        </span>
        <ChevronRight aria-hidden className="hidden size-4 text-soft sm:block" />
      </Link>
    </li>
  );
}

const flags = {
  valid: ["text-good", "signed in"],
  expired: ["text-bad", "expired"],
  challenged: ["text-warn", "challenged"],
  unknown: ["text-soft", "not checked"],
  incomplete: ["text-warn", "incomplete"],
} as const;

function PlatformFlag({ name, state }: { readonly name: string; readonly state: keyof typeof flags }) {
  const [color, text] = flags[state];
  return (
    <span
      title={`${name}: ${text}`}
      className="inline-flex items-center gap-1.5 rounded-full border px-2 py-0.5 text-xs"
    >
      <span aria-hidden className={classNames("size-1.5 rounded-full bg-current", color)} />
      {name}
      <span className="sr-only">: {text}</span>
    </span>
  );
}
