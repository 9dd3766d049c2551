import { useId } from "react";

/** A browser's developer tools: what the reader looks for in them. */
export interface Browser {
  readonly id: string;
  readonly name: string;
  readonly panel: "Application" | "Storage";
  readonly openWith: string;
  readonly first?: string;
}

/** The browsers that are explained. */
export const browsers: readonly Browser[] = [
  { id: "chromium", name: "Chrome, Edge, Brave", panel: "Application", openWith: "F12, or ⌥⌘I on a Mac" },
  { id: "firefox", name: "Firefox", panel: "Storage", openWith: "Shift F9, or ⌥⌘I on a Mac, then Storage" },
  {
    id: "safari",
    name: "Safari",
    panel: "Storage",
    openWith: "⌥⌘I",
    first: "In Safari’s settings, under Advanced, turn on “Show features for web developers”.",
  },
];

const tabsOf = {
  Application: ["Elements", "Console", "Network", "Application"],
  Storage: ["Inspector", "Console", "Network", "Storage"],
} as const;

/** A drawing of the developer tools, with the rows to copy from. `cookies` are the names of those rows. */
export function DeveloperTools({
  panel,
  site,
  cookies,
}: {
  readonly panel: Browser["panel"];
  readonly site: string;
  readonly cookies: readonly string[];
}) {
  const title = useId();
  const rows = [...cookies.map((name) => ({ name, isWanted: true })), { name: "lang", isWanted: false }];
  const height = 96 + rows.length * 24;
  return (
    <svg
      role="img"
      aria-labelledby={title}
      viewBox={`0 0 560 ${height}`}
      className="w-full rounded-lg border bg-surface text-[11px]"
      fontFamily="inherit"
    >
      <title id={title}>
        {`The developer tools with the panel ${panel}, Cookies, ${site}: the column Value of ${cookies.join(" and ")} is marked`}
      </title>
      <rect width="560" height="34" className="fill-sunken" />
      {tabsOf[panel].map((tab, index) => (
        <g key={tab}>
          <text x={18 + index * 84} y="21" className={tab === panel ? "fill-ink font-semibold" : "fill-soft"}>
            {tab}
          </text>
          {tab === panel && <rect x={12 + index * 84} y="31" width="72" height="3" rx="1.5" className="fill-brand" />}
        </g>
      ))}
      <path d={`M0 34H560M168 34V${height}M168 60H560`} className="fill-none stroke-line" />
      <text x="16" y="56" className="fill-soft">
        Storage
      </text>
      <text x="26" y="78" className="fill-ink">
        ▾ Cookies
      </text>
      <rect x="10" y="86" width="148" height="22" rx="5" className="fill-brand-tint" />
      <text x="38" y="101" className="fill-brand font-semibold">
        {site}
      </text>
      <text x="182" y="51" className="fill-soft">
        Name
      </text>
      <text x="300" y="51" className="fill-soft">
        Value
      </text>
      <text x="496" y="51" className="fill-soft">
        Domain
      </text>
      {rows.map(({ name, isWanted }, index) => {
        const y = 68 + index * 24;
        return (
          <g key={name} className={isWanted ? "" : "opacity-60"}>
            <text x="182" y={y + 14} className={isWanted ? "fill-ink font-semibold" : "fill-soft"}>
              {name}
            </text>
            {isWanted && (
              <rect
                x="294"
                y={y}
                width="188"
                height="20"
                rx="5"
                className="fill-brand-tint stroke-brand"
                strokeWidth="1.500"
              />
            )}
            <text x="302" y={y + 14} className={isWanted ? "fill-brand" : "fill-soft"}>
              {isWanted ? "•••••••••••••••••••••" : "en"}
            </text>
            <text x="496" y={y + 14} className="fill-soft">
              {new URL(site).hostname.replace(/^www/, "")}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
