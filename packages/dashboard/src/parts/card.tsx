import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

interface CardProps {
  readonly title?: ReactNode;
  readonly description?: ReactNode;
  /** Beside the title. */
  readonly actions?: ReactNode;
  readonly className?: string;
  /** False when the content brings its own, as a table does. */
  readonly padded?: boolean;
  readonly children: ReactNode;
}

/** A raised part of a page. */
export function Card({ title, description, actions, className, padded = true, children }: CardProps) {
  return (
    <section className={classNames("min-w-0 rounded-xl border bg-surface shadow-xs", className)}>
      {title && (
        <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-5 pt-4 pb-3">
          <div className="min-w-0">
            <h2 className="font-semibold text-[15px] leading-6">{title}</h2>
            {description && <p className="text-soft text-[13px]">{description}</p>}
          </div>
          {actions}
        </header>
      )}
      <div className={classNames(padded && (title ? "px-5 pb-5" : "p-5"))}>{children}</div>
    </section>
  );
}
