import type { DesignResults } from "@stablehand/sdk";
import type { ReactNode } from "react";
import { count, formatNumber, words } from "../format.ts";
import { Badge } from "../parts/badge.tsx";
import { Card } from "../parts/card.tsx";
import { Table } from "../parts/table.tsx";
import { Facts } from "./facts.tsx";
import { CodeBlock } from "./structured-content.tsx";

type Found<Name extends keyof DesignResults> = Exclude<NonNullable<DesignResults[Name]>, { readonly error: string }>;

/** What an extraction found of a page's design. */
export function DesignReport({ url, results }: { readonly url: string; readonly results: DesignResults }) {
  const { colors, fonts, logo, tokens, images, icons } = results;
  return (
    <>
      <Section title="Colours" results={colors} amount={(found) => count(found.colors.length, "colour")}>
        {(found) => <Colors found={found} />}
      </Section>
      <Section title="Fonts" results={fonts} amount={(found) => count(found.fonts.length, "family", "families")}>
        {(found) => <Fonts found={found} />}
      </Section>
      <Section title="Logo" results={logo} amount={(found) => (found.logo.found ? "found" : "none found")}>
        {({ logo: found }) => (
          <div className="flex flex-wrap items-center gap-6">
            <Picture address={found.downloadUrl} alt={found.alt ?? "The logo"} />
            <Facts
              facts={[
                ["Kind", found.type],
                ["Size", found.width && found.height ? `${found.width} × ${found.height}` : undefined],
                ["Address", found.src?.startsWith("data:") ? "in the page itself" : found.src],
              ]}
            />
          </div>
        )}
      </Section>
      <Section title="Tokens" results={tokens} amount={(found) => count(found.tokens.cssVariables.length, "variable")}>
        {(found) => <Tokens found={found} />}
      </Section>
      <Section title="Images" results={images} amount={(found) => count(found.images.length, "image")}>
        {(found) => <Images found={found} />}
      </Section>
      <Section title="Icons" results={icons} amount={(found) => count(found.icons.length, "icon")}>
        {({ icons: found }) => (
          <Table
            label="Icons"
            rows={found}
            rowKey={({ hash }) => hash}
            columns={[
              { title: "Hash", cell: ({ hash }) => <code className="font-mono text-xs">{hash.slice(0, 12)}</code> },
              { title: "Style", cell: ({ style }) => words(style) },
              { title: "Size", cell: ({ size }) => `${size} px`, end: true },
              { title: "Uses", cell: ({ count: uses }) => formatNumber(uses), end: true },
            ]}
          />
        )}
      </Section>
      <p className="text-[13px] text-soft [overflow-wrap:anywhere]">
        Extracted from {url}. The whole findings are in the task's record; `stablehand design` makes a report file of
        them.
      </p>
    </>
  );
}

function Section<Result extends object>({
  title,
  results,
  amount,
  children,
}: {
  readonly title: string;
  readonly results: Result | { readonly error: string } | undefined;
  readonly amount: (found: Result) => string;
  readonly children: (found: Result) => ReactNode;
}) {
  if (!results) return null;
  if ("error" in results)
    return (
      <Card title={title}>
        <p className="text-bad">{results.error}</p>
      </Card>
    );
  return (
    <Card title={title} description={amount(results)}>
      {children(results)}
    </Card>
  );
}

function Colors({ found: { colors, contrastIssues } }: { readonly found: Found<"colors"> }) {
  const low = contrastIssues.filter(({ passesAA }) => !passesAA);
  return (
    <div className="grid gap-5">
      <ul className="grid grid-cols-2 gap-3 sm:grid-cols-4 lg:grid-cols-5">
        {colors.map(({ hex, role, count: uses }) => (
          <li key={`${hex} ${role}`} className="overflow-hidden rounded-lg border">
            <Swatch color={hex} className="h-14" />
            <div className="px-2.5 py-2 text-xs">
              <div className="font-mono">{hex}</div>
              <div className="text-soft">
                {words(role)} · {formatNumber(uses)}×
              </div>
            </div>
          </li>
        ))}
      </ul>
      {low.length > 0 && (
        <div>
          <h3 className="mb-2 font-medium text-[13px]">Text whose contrast is below AA</h3>
          <ul className="grid gap-2 text-[13px]">
            {low.slice(0, 12).map(({ fg, bg, ratio }) => (
              <li key={`${fg} ${bg}`} className="flex items-center gap-3">
                <Swatch color={fg} className="size-5 rounded border" />
                <Swatch color={bg} className="size-5 rounded border" />
                <span className="font-mono text-xs">
                  {fg} on {bg}
                </span>
                <Badge tone="warn">{ratio.toFixed(2)}</Badge>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

/** A colour of a page, which is text of a stranger: only as hexadecimal digits it becomes a style. */
function Swatch({ color, className }: { readonly color: string; readonly className: string }) {
  const isHex = /^#[0-9a-f]{3,8}$/i.test(color);
  return <div aria-hidden className={className} style={isHex ? { backgroundColor: color } : {}} />;
}

function Fonts({ found: { fonts } }: { readonly found: Found<"fonts"> }) {
  return (
    <Table
      label="Fonts"
      rows={fonts}
      rowKey={({ family, usage }) => `${family} ${usage}`}
      columns={[
        { title: "Family", cell: ({ family }) => <span className="font-medium">{family}</span> },
        { title: "For", cell: ({ usage }) => words(usage) },
        { title: "Weights", cell: ({ weights }) => weights.join(", "), wideOnly: true },
        { title: "Source", cell: ({ source }) => words(source) },
        { title: "Characters", cell: ({ count: characters }) => formatNumber(characters), end: true },
      ]}
    />
  );
}

function Tokens({ found: { tokens } }: { readonly found: Found<"tokens"> }) {
  const { spacing, radii, shadows, gradients, motionDurationsMs, dtcg } = tokens;
  const list = (values: readonly (string | number)[]) => (values.length > 0 ? values.join(", ") : undefined);
  return (
    <div className="grid gap-5 [&>*]:min-w-0">
      <Facts
        facts={[
          ["Spacing", list(spacing)],
          ["Radii", list(radii)],
          ["Shadows", list(shadows)],
          ["Gradients", list(gradients)],
          ["Durations, ms", list(motionDurationsMs)],
        ]}
      />
      <details>
        <summary className="mb-3 w-fit font-medium text-[13px]">Design Tokens (DTCG) as JSON</summary>
        <CodeBlock text={JSON.stringify(dtcg, null, 2)} what="the design tokens" />
      </details>
    </div>
  );
}

function Images({ found: { images } }: { readonly found: Found<"images"> }) {
  return (
    <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-4">
      {images.map(({ src, alt, type, naturalWidth, naturalHeight, downloadUrl, originalSrc }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a finding never changes, and two may be alike
        <li key={`${src} ${index}`} className="overflow-hidden rounded-lg border">
          <Picture address={downloadUrl} alt={alt} />
          <div className="px-2.5 py-2 text-xs">
            <div className="truncate" title={originalSrc ?? src}>
              {nameOf(originalSrc ?? src)}
            </div>
            <div className="text-soft">
              {type} · {naturalWidth} × {naturalHeight}
            </div>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** A copy that this server keeps; from anywhere else nothing is loaded. */
function Picture({ address, alt }: { readonly address: string | undefined; readonly alt: string }) {
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : null;
  if (url?.origin !== location.origin)
    return (
      <div className="grid h-28 place-items-center bg-sunken px-3 text-center text-soft text-xs">Not kept here</div>
    );
  return (
    <div className="grid h-28 place-items-center bg-sunken p-2">
      <img src={url.href} alt={alt} loading="lazy" className="max-h-full max-w-full object-contain" />
    </div>
  );
}

function nameOf(src: string): string {
  if (src.startsWith("data:")) return "In the page itself";
  return URL.canParse(src) ? new URL(src).pathname.split("/").at(-1) || src : src;
}
