import * as Radix from "@radix-ui/react-tabs";
import type { ReactNode } from "react";

/** One of the parts that are shown in turn. */
export interface Tab {
  readonly id: string;
  readonly title: string;
  readonly content: ReactNode;
}

/** Parts of which one is shown at a time. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  return (
    <Radix.Root defaultValue={tabs[0]?.id ?? ""}>
      <Radix.List aria-label={label} className="mb-5 flex gap-1 overflow-x-auto border-b px-0.5">
        {tabs.map(({ id, title }) => (
          <Radix.Trigger
            key={id}
            value={id}
            className="-mb-px border-transparent border-b-2 px-3 py-2 font-medium whitespace-nowrap text-soft -outline-offset-2 hover:text-ink data-[state=active]:border-brand data-[state=active]:text-ink"
          >
            {title}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map(({ id, content }) => (
        <Radix.Content key={id} value={id} className="rounded-lg">
          {content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
