import type { Platform } from "@stablehand/sdk";
import type { ReactNode } from "react";
import { Tabs } from "../parts/tabs.tsx";
import { platformCookies, platformNames } from "../platforms.ts";
import { type Browser, browsers, DeveloperTools } from "./developer-tools.tsx";

/** How a platform's cookies are found, browser by browser. */
export function FindCookies({ platform }: { readonly platform: Platform }) {
  return (
    <Tabs
      label="Your browser"
      tabs={browsers.map((browser) => ({
        id: browser.id,
        title: browser.name,
        content: <Steps browser={browser} platform={platform} />,
      }))}
    />
  );
}

function Steps({
  browser: { panel, openWith, first },
  platform,
}: {
  readonly browser: Browser;
  readonly platform: Platform;
}) {
  const { site, fields } = platformCookies[platform];
  const host = new URL(site).hostname.replace(/^www\./, "");
  const cookies = fields.map(([, cookie]) => cookie);
  const steps: readonly ReactNode[] = [
    ...(first ? [first] : []),
    <>
      Sign in at <b>{host}</b> in your own browser, as the account that is to be connected.
    </>,
    <>On that page open the developer tools: {openWith}.</>,
    <>
      Choose <b>{panel}</b>, then <b>Cookies</b>, then <b>{site}</b>.
    </>,
    <>
      Double-click the <b>Value</b> of {listed(cookies)}, copy it, and paste it here.
      {cookies.length > 1 && " Take all of them in one go: they belong to one sign-in."}
    </>,
    <>Close the page without signing out: to sign out of {platformNames[platform]} ends these cookies.</>,
  ];
  return (
    <div className="grid gap-5">
      <ol className="grid list-decimal gap-2 pl-5 leading-6 marker:text-soft">
        {steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the steps of one platform never move
          <li key={index} className="pl-1">
            {step}
          </li>
        ))}
      </ol>
      <DeveloperTools panel={panel} site={site} cookies={cookies} />
    </div>
  );
}

function listed(names: readonly string[]): ReactNode {
  return names.map((name, index) => (
    <span key={name}>
      {index > 0 && (index === names.length - 1 ? " and " : ", ")}
      <code className="font-mono text-[13px]">{name}</code>
    </span>
  ));
}
