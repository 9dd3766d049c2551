import type { SessionSummary, Task } from "@stablehand/sdk";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { callAuth, client, type Person, SignedOutError } from "./session.ts";

// What the pages ask, each under one key. `client` repeats what helps; every request ends when nobody waits for it.

/** Who is signed in. Fails with SignedOutError when nobody is. */
export const personQuery = queryOptions({
  queryKey: ["person"],
  async queryFn(): Promise<Person> {
    const session = await callAuth<{ user: Person } | null>("/get-session");
    if (!session) throw new SignedOutError();
    return session.user;
  },
  staleTime: 60_000,
});

/** How one can sign in here beside with a password. */
export interface SignInOptions {
  readonly oidc: { readonly provider: string; readonly name: string } | null;
  /** True when anybody may make an account. */
  readonly signUp: boolean;
  /** True when a link to a new password can be sent. */
  readonly resetByEmail: boolean;
  readonly passwordCharacters: { readonly min: number; readonly max: number };
}

/** How one can sign in. */
export const signInOptionsQuery = queryOptions({
  queryKey: ["sign-in-options"],
  queryFn: () => callAuth<SignInOptions>("/options"),
  staleTime: Number.POSITIVE_INFINITY,
});

/** This month's usage. */
export const usageQuery = queryOptions({
  queryKey: ["usage"],
  queryFn: ({ signal }) => client.usage.get({ signal }),
});

/** How the tasks of 30 days went. */
export const statisticsQuery = queryOptions({
  queryKey: ["statistics"],
  queryFn: ({ signal }) => client.usage.statistics({ signal }),
});

/** Which sessions are listed. */
export interface SessionFilter {
  readonly endUserId?: string | undefined;
  readonly status?: Task["status"] | undefined;
  readonly kind?: SessionSummary["latestKind"] | undefined;
}

const cursorOf = (page: { readonly nextCursor?: string | undefined }) => page.nextCursor ?? null;
const firstPage: string | null = null;
const isEnded = (status: Task["status"]) => status === "completed" || status === "failed" || status === "cancelled";
const whileGoingOnMs = 3_000;

/** Sessions, the most recently active first, page by page; looked at again while one goes on. */
export function sessionsQuery(filter: SessionFilter, limit = 25) {
  return infiniteQueryOptions({
    queryKey: ["sessions", filter, limit],
    queryFn: ({ signal, pageParam }) =>
      client.tasks.list({ ...filter, limit, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: firstPage,
    getNextPageParam: cursorOf,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ sessions }) => sessions.some((one) => !isEnded(one.latestStatus)))
        ? whileGoingOnMs
        : false,
  });
}

/** A session with its tasks, oldest first; looked at again while one of them goes on. */
export function sessionQuery(sessionId: string) {
  return queryOptions({
    queryKey: ["session", sessionId],
    queryFn: ({ signal }) => client.sessions.get(sessionId, { signal }),
    refetchInterval: ({ state }) => (state.data?.tasks.some(({ status }) => !isEnded(status)) ? whileGoingOnMs : false),
  });
}

/** One task; looked at again while it goes on. */
export function taskQuery(taskId: string) {
  return queryOptions({
    queryKey: ["task", taskId],
    queryFn: ({ signal }) => client.tasks.get(taskId, { signal }),
    refetchInterval: ({ state }) => (state.data && !isEnded(state.data.status) ? whileGoingOnMs : false),
  });
}

/** End-users, by their ids, page by page. */
export function endUsersQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: ["end-users", search],
    queryFn: ({ signal, pageParam }) =>
      client.endUsers.list({ limit: 25, search: search || undefined, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: firstPage,
    getNextPageParam: cursorOf,
    placeholderData: keepPreviousData,
  });
}

/** How one end-user's credentials stand. */
export function endUserQuery(endUserId: string) {
  return queryOptions({
    queryKey: ["end-user", endUserId],
    queryFn: ({ signal }) => client.endUsers(endUserId).credentials.get({ signal }),
  });
}

/** The access log, the newest first, page by page. */
export function accessLogQuery(endUserId: string | undefined, limit = 50) {
  return infiniteQueryOptions({
    queryKey: ["access-log", endUserId ?? null, limit],
    queryFn: ({ signal, pageParam }) =>
      client.accesses.list({ endUserId, limit, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: firstPage,
    getNextPageParam: cursorOf,
    placeholderData: keepPreviousData,
  });
}

/** The business's settings. */
export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => client.settings.get({ signal }),
});

/** The webhook endpoints, with how deliveries to them went. */
export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: ({ signal }) => client.webhooks.list({ signal }),
});

/** An endpoint's latest deliveries; looked at again while they are shown. */
export function deliveriesQuery(endpointId: string) {
  return queryOptions({
    queryKey: ["webhooks", endpointId, "deliveries"],
    queryFn: ({ signal }) => client.webhooks.deliveries(endpointId, { limit: 50 }, { signal }),
    refetchInterval: whileGoingOnMs,
  });
}

/** The API keys, the newest first. */
export const apiKeysQuery = queryOptions({
  queryKey: ["api-keys"],
  queryFn: ({ signal }) => client.apiKeys.list({ signal }),
});
