import * as Radix from "@radix-ui/react-dropdown-menu";
import { Check, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

const item =
  "flex items-center gap-2.5 rounded-md px-2.5 py-2 outline-none data-highlighted:bg-hover [&_svg]:size-4 [&_svg]:text-soft";

/** A menu that its trigger, a button, opens. */
export function Menu({
  trigger,
  align = "end",
  side = "bottom",
  children,
}: {
  readonly trigger: ReactNode;
  readonly align?: "start" | "end";
  readonly side?: "top" | "bottom";
  readonly children: ReactNode;
}) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={12}
          className="z-50 min-w-56 animate-fade rounded-xl border bg-surface p-1.5 text-sm shadow-xl"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** One thing that a menu does. */
export function MenuItem({
  icon: Icon,
  danger = false,
  onSelect,
  children,
}: {
  readonly icon: LucideIcon;
  readonly danger?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Radix.Item onSelect={onSelect} className={classNames(item, danger && "text-bad [&_svg]:text-bad")}>
      <Icon aria-hidden />
      {children}
    </Radix.Item>
  );
}

/** One of several, of which one is chosen. */
export function MenuChoice<Value extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [Value, string])[];
  readonly onChange: (value: Value) => void;
}) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(next) => onChange(next as Value)}>
      <Radix.Label className="px-2.5 pt-1.5 pb-1 text-soft text-xs">{label}</Radix.Label>
      {options.map(([option, text]) => (
        <Radix.RadioItem key={option} value={option} className={classNames(item, "pl-8 relative")}>
          <Radix.ItemIndicator className="absolute left-2.5">
            <Check aria-hidden />
          </Radix.ItemIndicator>
          {text}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

/** A line between parts of a menu. */
export function MenuLine() {
  return <Radix.Separator className="-mx-1.5 my-1.5 h-px bg-line" />;
}
