import type { ReactNode } from "react";
import { Logo } from "./logo.tsx";
import { useTitle } from "./page.tsx";

/** What is around the pages of somebody who is not signed in. */
export function AuthFrame({
  title,
  description,
  below,
  children,
}: {
  readonly title: string;
  readonly description?: ReactNode;
  readonly below?: ReactNode;
  readonly children: ReactNode;
}) {
  useTitle(title);
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-8 flex items-center gap-2.5 font-semibold text-base tracking-tight">
          <Logo className="size-8" />
          Stablehand
        </div>
        <h1 className="font-semibold text-2xl tracking-tight">{title}</h1>
        {description && <p className="mt-1.5 text-pretty text-soft">{description}</p>}
        <div className="mt-7 grid gap-4">{children}</div>
        {below && <div className="mt-6 text-soft">{below}</div>}
      </div>
    </main>
  );
}
