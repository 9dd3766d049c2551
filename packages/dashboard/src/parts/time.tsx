import { useEffect, useState } from "react";
import { formatMoment, timeAgo } from "../format.ts";

/** A moment as the time since then, kept current; the moment itself when pointed at. */
export function Ago({ at }: { readonly at: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={formatMoment(at)} className="whitespace-nowrap">
      {timeAgo(at, now)}
    </time>
  );
}
