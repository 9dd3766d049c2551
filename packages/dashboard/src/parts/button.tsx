import { Slot } from "@radix-ui/react-slot";
import { LoaderCircle } from "lucide-react";
import type { ComponentProps } from "react";
import { classNames } from "./class-names.ts";

const variants = {
  primary: "bg-brand text-on-brand hover:opacity-90 shadow-xs",
  secondary: "bg-surface text-ink border hover:bg-hover shadow-xs",
  quiet: "text-soft hover:bg-hover hover:text-ink",
  danger: "bg-bad-solid text-white hover:opacity-90 shadow-xs",
} as const;

const sizes = {
  medium: "h-9 px-3.5 gap-2",
  small: "h-8 px-2.5 gap-1.5 text-[13px]",
  icon: "size-9",
} as const;

interface Look {
  readonly variant?: keyof typeof variants;
  readonly size?: keyof typeof sizes;
}

function look({ variant = "secondary", size = "medium" }: Look, more?: string): string {
  return classNames(
    "inline-flex shrink-0 items-center justify-center rounded-lg font-medium whitespace-nowrap transition-[background-color,opacity]",
    "disabled:pointer-events-none disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
    variants[variant],
    sizes[size],
    more,
  );
}

/** A button. While `busy` it cannot be pressed, keeps its width, and says so. */
export function Button({
  variant,
  size,
  busy = false,
  className,
  children,
  disabled,
  ...rest
}: ComponentProps<"button"> & Look & { readonly busy?: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={look({ ...(variant && { variant }), ...(size && { size }) }, classNames("relative", className))}
    >
      {busy && <LoaderCircle aria-hidden className="absolute animate-spin" />}
      <span
        className={classNames("inline-flex items-center", size === "icon" ? "" : "gap-[inherit]", busy && "invisible")}
      >
        {children}
      </span>
    </button>
  );
}

/** What its one child is, a link as a rule, with the look of a button. */
export function ButtonLook({ variant, size, className, ...rest }: ComponentProps<typeof Slot> & Look) {
  return <Slot {...rest} className={look({ ...(variant && { variant }), ...(size && { size }) }, className)} />;
}
