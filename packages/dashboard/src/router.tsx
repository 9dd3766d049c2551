import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { PageFailure, PageNotFound, PagePending } from "./pages/fallbacks.tsx";
import { personQuery } from "./queries.ts";
import { SignedOutError } from "./session.ts";
import { Shell } from "./shell.tsx";

/** What looks like a number in an address comes as one. */
const text = (value: unknown) =>
  (typeof value === "string" && value !== "") || typeof value === "number" ? String(value) : undefined;
/** Only a path of this origin: anything else would let a link lead away after the sign-in. */
const path = (value: unknown) => (typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : undefined);

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Outlet });

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search): { next?: string | undefined; error?: string | undefined } => ({
    next: path(search["next"]),
    error: typeof search["error"] === "string" ? search["error"] : undefined,
  }),
  component: lazyRouteComponent(() => import("./pages/sign-in.tsx"), "SignInPage"),
});

const setUpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/setup",
  component: lazyRouteComponent(() => import("./pages/set-up.tsx"), "SetUpPage"),
});

const resetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/reset",
  component: lazyRouteComponent(() => import("./pages/reset-password.tsx"), "ResetPasswordPage"),
});

const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "signed-in",
  async beforeLoad({ context: { queryClient }, location }) {
    try {
      await queryClient.ensureQueryData(personQuery);
    } catch (error) {
      if (error instanceof SignedOutError)
        throw redirect({ to: "/sign-in", search: { next: location.href === "/" ? undefined : location.href } });
      throw error;
    }
  },
  component: Shell,
});

const overviewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/overview.tsx"), "OverviewPage"),
});

const chatRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/chat",
  validateSearch: (search): { session?: string | undefined } => ({ session: text(search["session"]) }),
  component: lazyRouteComponent(() => import("./pages/chat.tsx"), "ChatPage"),
});

const statuses = ["pending", "running", "completed", "failed", "cancelled"] as const;
const kinds = ["browse", "check", "design"] as const;

const tasksRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tasks",
  validateSearch: (
    search,
  ): {
    endUser?: string | undefined;
    status?: (typeof statuses)[number] | undefined;
    kind?: (typeof kinds)[number] | undefined;
  } => ({
    endUser: text(search["endUser"]),
    status: statuses.find((one) => one === search["status"]),
    kind: kinds.find((one) => one === search["kind"]),
  }),
  component: lazyRouteComponent(() => import("./pages/tasks.tsx"), "TasksPage"),
});

const sessionRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/sessions/$sessionId",
  component: lazyRouteComponent(() => import("./pages/session.tsx"), "SessionPage"),
});

const taskRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tasks/$taskId",
  component: lazyRouteComponent(() => import("./pages/task.tsx"), "TaskPage"),
});

const endUsersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/end-users",
  validateSearch: (search): { search?: string | undefined } => ({ search: text(search["search"]) }),
  component: lazyRouteComponent(() => import("./pages/end-users.tsx"), "EndUsersPage"),
});

const endUserRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/end-users/$endUserId",
  component: lazyRouteComponent(() => import("./pages/end-user.tsx"), "EndUserPage"),
});

const connectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/connect-account",
  validateSearch: (search): { endUser?: string | undefined; platform?: string | undefined } => ({
    endUser: text(search["endUser"]),
    platform: text(search["platform"]),
  }),
  component: lazyRouteComponent(() => import("./pages/connect.tsx"), "ConnectPage"),
});

const apiKeysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/api-keys",
  component: lazyRouteComponent(() => import("./pages/api-keys.tsx"), "ApiKeysPage"),
});

const accessLogRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access-log",
  validateSearch: (search): { endUser?: string | undefined } => ({ endUser: text(search["endUser"]) }),
  component: lazyRouteComponent(() => import("./pages/access-log.tsx"), "AccessLogPage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/settings.tsx"), "SettingsPage"),
});

const routeTree = rootRoute.addChildren([
  signInRoute,
  setUpRoute,
  resetRoute,
  shellRoute.addChildren([
    overviewRoute,
    chatRoute,
    tasksRoute,
    sessionRoute,
    taskRoute,
    endUsersRoute,
    endUserRoute,
    connectRoute,
    apiKeysRoute,
    accessLogRoute,
    settingsRoute,
  ]),
]);

/** Makes the router; each page's code is loaded when it is first shown or pointed at. */
export function createDashboardRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultPendingMs: 300,
    defaultPendingComponent: PagePending,
    defaultErrorComponent: PageFailure,
    defaultNotFoundComponent: PageNotFound,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createDashboardRouter>;
  }
}
