import { type ReactNode, useEffect } from "react";
import { classNames } from "./class-names.ts";

interface PageProps {
  readonly title: string;
  readonly description?: ReactNode;
  /** Above the title: where this page belongs. */
  readonly above?: ReactNode;
  readonly actions?: ReactNode;
  readonly narrow?: boolean;
  readonly children: ReactNode;
}

/** A page: its title, in the window too, and what is below. */
export function Page({ title, description, above, actions, narrow = false, children }: PageProps) {
  useTitle(title);
  return (
    <div className={classNames("mx-auto w-full px-4 py-6 sm:px-8 sm:py-8", narrow ? "max-w-3xl" : "max-w-6xl")}>
      {above && <div className="mb-2 text-soft text-[13px]">{above}</div>}
      <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 max-w-2xl">
          <h1 className="font-semibold text-xl tracking-tight [overflow-wrap:anywhere]">{title}</h1>
          {description && <p className="mt-1 text-soft">{description}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      <div className="grid gap-6 [&>*]:min-w-0">{children}</div>
    </div>
  );
}

/** Names the window after the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Stablehand`;
  }, [title]);
}
