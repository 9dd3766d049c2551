import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { MapPinOff } from "lucide-react";
import { ButtonLook } from "../parts/button.tsx";
import { Page, useTitle } from "../parts/page.tsx";
import { Empty, Failure, Skeleton } from "../parts/states.tsx";
import { describeError } from "../query-client.ts";

/** Shown while a page's code is on its way. */
export function PagePending() {
  return (
    <div role="status" className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-8 sm:py-8">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-7 w-40" />
      <Skeleton className="mt-2 h-4 w-72 max-w-full" />
      <Skeleton className="mt-8 h-64 w-full rounded-xl" />
    </div>
  );
}

/** Shown instead of a page that could not be made: its code did not arrive, or it broke. */
export function PageFailure({ error, reset }: ErrorComponentProps) {
  useTitle("Error");
  // A newer release of the server has other files: only a reload gets them.
  const isGone = /dynamically imported module|module script failed/i.test(describeError(error));
  return <Failure error={error} retry={isGone ? () => location.reload() : reset} />;
}

/** Shown for an address that is no page. */
export function PageNotFound() {
  return (
    <Page title="Not found">
      <Empty
        icon={MapPinOff}
        title="There is no such page"
        action={
          <ButtonLook>
            <Link to="/">To the overview</Link>
          </ButtonLook>
        }
      />
    </Page>
  );
}
