import { type ComponentProps, type ReactNode, useId } from "react";
import { classNames } from "./class-names.ts";

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with it; null or absent when nothing is. */
  readonly problem?: string | null;
}

const box = classNames(
  "w-full rounded-lg border border-line-strong bg-surface px-3 text-ink shadow-xs placeholder:text-soft",
  "focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-brand",
  "aria-invalid:border-bad disabled:opacity-60",
);

/** A label, a box, and below it what helps to fill it in or what is wrong with it. */
function Labelled({
  id,
  label,
  hint,
  problem,
  children,
}: FieldProps & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-medium text-[13px]">
        {label}
      </label>
      {children}
      {(problem || hint) && (
        <p id={`${id}-note`} className={classNames("text-[13px]", problem ? "text-bad" : "text-soft")}>
          {problem || hint}
        </p>
      )}
    </div>
  );
}

function described({ hint, problem }: FieldProps, id: string) {
  return {
    ...((problem || hint) && { "aria-describedby": `${id}-note` }),
    ...(problem && { "aria-invalid": true }),
  };
}

/** One line of text. */
export function TextField({ label, hint, problem, className, ...rest }: FieldProps & ComponentProps<"input">) {
  const id = useId();
  const parts = { label, hint, ...(problem !== undefined && { problem }) };
  return (
    <Labelled id={id} {...parts}>
      <input id={id} {...rest} {...described(parts, id)} className={classNames(box, "h-9", className)} />
    </Labelled>
  );
}

/** Several lines of text. */
export function TextArea({ label, hint, problem, className, ...rest }: FieldProps & ComponentProps<"textarea">) {
  const id = useId();
  const parts = { label, hint, ...(problem !== undefined && { problem }) };
  return (
    <Labelled id={id} {...parts}>
      <textarea id={id} {...rest} {...described(parts, id)} className={classNames(box, "py-2", className)} />
    </Labelled>
  );
}

/** One of few: the system's own list, which every keyboard and screen reader knows. */
export function Choice({
  label,
  hideLabel = false,
  options,
  className,
  ...rest
}: ComponentProps<"select"> & {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly options: readonly (readonly [value: string, text: string])[];
}) {
  const id = useId();
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className={hideLabel ? "sr-only" : "font-medium text-[13px]"}>
        {label}
      </label>
      <select id={id} {...rest} className={classNames(box, "h-9 pr-8", className)}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Yes or no. */
export function Checkbox({ label, ...rest }: ComponentProps<"input"> & { readonly label: ReactNode }) {
  return (
    <label className="flex items-center gap-2.5">
      <input type="checkbox" {...rest} className="size-4 shrink-0 accent-(--brand)" />
      <span>{label}</span>
    </label>
  );
}
