import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button.tsx";

const shownForMs = 1_600;

/** Copies `text`, and says so for a moment. `what` names it for whoever does not see the icon. */
export function CopyButton({
  text,
  what,
  full = false,
}: {
  readonly text: string;
  readonly what: string;
  readonly full?: boolean;
}) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  useEffect(() => {
    if (state !== "copied") return;
    const timer = setTimeout(() => setState("idle"), shownForMs);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text); // there is none but over https
      setState("copied");
    } catch {
      setState("refused");
    }
  };
  const Icon = state === "copied" ? Check : Copy;
  return (
    <>
      <Button
        variant={full ? "secondary" : "quiet"}
        size={full ? "medium" : "icon"}
        aria-label={`Copy ${what}`}
        className={full ? "" : "-my-2"}
        onClick={() => void copy()}
      >
        <Icon aria-hidden />
        {full && "Copy"}
      </Button>
      <span role="status" className={state === "refused" ? "basis-full text-[13px] text-warn" : "sr-only"}>
        {state === "copied" && `Copied ${what}`}
        {state === "refused" && "The browser did not allow copying: select the text and copy it yourself."}
      </span>
    </>
  );
}
