import type { UseQueryResult } from "@tanstack/react-query";
import { type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { describeError, isSignedOut } from "../query-client.ts";
import { Button } from "./button.tsx";
import { classNames } from "./class-names.ts";

/** Holds the place of what is still to come. */
export function Skeleton({ className }: { readonly className?: string }) {
  return <div aria-hidden className={classNames("animate-breathe rounded-md bg-hover", className)} />;
}

/** Holds the place of `rows` lines of a list or table. */
export function SkeletonRows({ rows = 6 }: { readonly rows?: number }) {
  return (
    <div className="divide-y">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <div key={index} className="flex h-14 items-center gap-4 px-5">
          <Skeleton className="h-3.5 w-2/5" />
          <Skeleton className="ml-auto h-3.5 w-24" />
        </div>
      ))}
    </div>
  );
}

/** Says that there is nothing yet, and what to do about it. */
export function Empty({
  icon: Icon,
  title,
  children,
  action,
}: {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <span className="mb-4 grid size-11 place-items-center rounded-xl border bg-sunken text-soft">
        <Icon aria-hidden className="size-5" />
      </span>
      <p className="font-medium">{title}</p>
      {children && <p className="mt-1 max-w-md text-pretty text-soft">{children}</p>}
      {action && <div className="mt-5">{action}</div>}
    </div>
  );
}

/** Says what went wrong, and offers to try again. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  if (isSignedOut(error)) return null; // the sign-in is on its way
  return (
    <div role="alert" className="flex flex-col items-center px-6 py-12 text-center">
      <TriangleAlert aria-hidden className="mb-3 size-6 text-bad" />
      <p className="font-medium">This could not be loaded</p>
      <p className="mt-1 max-w-md text-soft [overflow-wrap:anywhere]">{describeError(error)}</p>
      {retry && (
        <Button size="small" className="mt-4" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Shows what a query brought; until then its place, and instead of it what went wrong. */
export function Loaded<Data>({
  query,
  placeholder,
  children,
}: {
  readonly query: UseQueryResult<Data>;
  readonly placeholder: ReactNode;
  readonly children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return (
    <div role="status">
      <span className="sr-only">Loading</span>
      {placeholder}
    </div>
  );
}

/** What a form or button could not do, in a sentence below it. */
export function Refused({ error }: { readonly error: unknown }) {
  if (!error || isSignedOut(error)) return null;
  return (
    <p role="alert" className="rounded-lg bg-bad-tint px-3 py-2 text-[13px] text-bad [overflow-wrap:anywhere]">
      {describeError(error)}
    </p>
  );
}
