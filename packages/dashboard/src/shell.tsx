import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import {
  BookOpen,
  Cable,
  ChevronsUpDown,
  KeyRound,
  LayoutDashboard,
  ListChecks,
  LogOut,
  type LucideIcon,
  Menu as MenuIcon,
  MessageSquare,
  MonitorX,
  ScrollText,
  Settings,
  Users,
  X,
} from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "./parts/button.tsx";
import { classNames } from "./parts/class-names.ts";
import { Logo } from "./parts/logo.tsx";
import { Menu, MenuChoice, MenuItem, MenuLine } from "./parts/menu.tsx";
import { notifyFailure } from "./parts/notices.tsx";
import { setTheme, themes, useTheme } from "./parts/theme.ts";
import { personQuery } from "./queries.ts";
import { describeError } from "./query-client.ts";
import { callAuth, forgetToken } from "./session.ts";
import { tellOtherTabs } from "./tabs-of-browser.ts";

const places = [
  { to: "/", title: "Overview", icon: LayoutDashboard },
  { to: "/chat", title: "Chat", icon: MessageSquare },
  { to: "/tasks", title: "Tasks", icon: ListChecks },
  { to: "/end-users", title: "End-users", icon: Users },
  { to: "/connect-account", title: "Connect", icon: Cable },
  { to: "/api-keys", title: "API keys", icon: KeyRound },
  { to: "/access-log", title: "Access log", icon: ScrollText },
  { to: "/settings", title: "Settings", icon: Settings },
] as const satisfies readonly { to: string; title: string; icon: LucideIcon }[];

/** What is around every page of somebody who is signed in: where one can go, and who one is. */
export function Shell() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.focus({ preventScroll: true }); // a new page is read from its beginning
  }, [pathname]);
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only z-50 rounded-lg bg-surface px-3 py-2 focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to the page
      </a>
      <Side />
      <main ref={main} id="main" tabIndex={-1} className="min-w-0 outline-none">
        <Outlet />
      </main>
    </div>
  );
}

function Side() {
  const { pathname } = useLocation();
  const [openAt, setOpenAt] = useState<string | null>(null);
  const isOpen = openAt === pathname; // going somewhere closes it
  return (
    <div className="sticky top-0 z-30 border-b bg-sunken lg:h-dvh lg:border-r lg:border-b-0">
      <div className="flex h-14 items-center justify-between px-4 lg:hidden">
        <Brand />
        <Button
          variant="quiet"
          size="icon"
          aria-label="Menu"
          aria-expanded={isOpen}
          aria-controls="side"
          onClick={() => setOpenAt(isOpen ? null : pathname)}
        >
          {isOpen ? <X aria-hidden /> : <MenuIcon aria-hidden />}
        </Button>
      </div>
      <div
        id="side"
        className={classNames(
          "flex-col gap-1 p-3 max-lg:max-h-[calc(100dvh-3.5rem)] max-lg:overflow-y-auto max-lg:border-t lg:flex lg:h-full",
          isOpen ? "flex" : "hidden",
        )}
      >
        <div className="hidden px-2 pt-2 pb-4 lg:block">
          <Brand />
        </div>
        <nav aria-label="Dashboard" className="grid gap-0.5">
          {places.map(({ to, title, icon: Icon }) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: to === "/", includeSearch: false }}
              className="flex h-9 items-center gap-2.5 rounded-lg px-2.5 font-medium text-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-surface aria-[current=page]:text-ink aria-[current=page]:shadow-xs"
            >
              <Icon aria-hidden className="size-4 shrink-0" />
              {title}
            </Link>
          ))}
        </nav>
        <div className="mt-auto grid gap-1 pt-4">
          <a
            href="/docs/guide"
            className="flex h-9 items-center gap-2.5 rounded-lg px-2.5 font-medium text-soft hover:bg-hover hover:text-ink"
          >
            <BookOpen aria-hidden className="size-4" />
            Guide
          </a>
          <Account />
        </div>
      </div>
    </div>
  );
}

function Brand() {
  return (
    <Link to="/" className="flex items-center gap-2.5 rounded-md font-semibold tracking-tight">
      <Logo className="size-7" />
      Stablehand
    </Link>
  );
}

function Account() {
  const { data: person } = useQuery(personQuery);
  const theme = useTheme();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const leave = async (path: string) => {
    try {
      await callAuth(path, {});
      forgetToken();
      queryClient.clear();
      tellOtherTabs("signed-out");
      await navigate({ to: "/sign-in", search: {} });
    } catch (error) {
      notifyFailure(`Still signed in: ${describeError(error)}`);
    }
  };
  return (
    <Menu
      align="start"
      side="top"
      trigger={
        <button
          type="button"
          className="flex h-11 w-full items-center gap-2.5 rounded-lg px-2 text-left hover:bg-hover data-[state=open]:bg-hover"
        >
          <span
            aria-hidden
            className="grid size-7 shrink-0 place-items-center rounded-full bg-brand-tint font-semibold text-brand text-xs uppercase"
          >
            {person?.email.slice(0, 1)}
          </span>
          <span className="min-w-0 flex-1 truncate" title={person?.email}>
            {person?.email ?? "Account"}
          </span>
          <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-soft" />
        </button>
      }
    >
      <MenuChoice
        label="Appearance"
        value={theme}
        onChange={setTheme}
        options={themes.map((one) => [one, one === "system" ? "As the system" : one === "light" ? "Light" : "Dark"])}
      />
      <MenuLine />
      <MenuItem icon={LogOut} onSelect={() => void leave("/sign-out")}>
        Sign out
      </MenuItem>
      <MenuItem icon={MonitorX} onSelect={() => void leave("/revoke-sessions")}>
        Sign out everywhere
      </MenuItem>
    </Menu>
  );
}
