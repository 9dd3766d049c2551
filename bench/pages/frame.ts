import type { Random } from "../../tests/support/random.ts";
import { classes, dataBlob, icon, trackedHref, wrapped } from "./markup.ts";

/** What stands in the middle of a site's page, and what the frame around it needs to know. */
export interface FramedPage {
  readonly title: string;
  readonly site: string;
  /** Inside `main`. */
  readonly main: string;
  /** After everything else: dialogs, live regions. */
  readonly overlay?: string;
  readonly styles?: string;
}

const sections = [
  ["Explore", ["Popular", "New arrivals", "Collections", "Editors' choice", "Archive"]],
  ["Community", ["Members", "Groups", "Events", "Guidelines"]],
  ["Help", ["Help centre", "Contact us", "Accessibility", "Report a problem", "Status"]],
] as const;

const footerLinks = [
  ["About", ["Our story", "Careers", "Press", "Investors", "Blog"]],
  ["Legal", ["Terms of service", "Privacy policy", "Cookie preferences", "Imprint", "Do not sell my information"]],
  ["Follow", ["Newsletter", "Podcast", "Video channel", "Photo page"]],
] as const;

/** A whole document: header with search and hidden menus, the page, a cookie banner, a footer, templates, data. */
export function framed(random: Random, page: FramedPage): string {
  return `<!DOCTYPE html>
<html lang="en" class="${classes(random)}"><head><meta charset="utf-8"><title>${page.title}</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="csrf-param" content="authenticity_token">
<style>${baseStyles}${page.styles ?? ""}</style>${dataBlob(random, "__EARLY_DATA__", 20)}</head>
<body class="${classes(random, 2)}"><div id="root" data-reactroot>
<a class="sr-only" href="#content">Skip to content</a>
${header(random, page.site)}
<main id="content" role="main">${wrapped(random, 3, page.main)}</main>
${footer(random, page.site)}
${cookieBanner(random)}</div>
${page.overlay ?? ""}
<template id="toast"><div role="alert" class="${classes(random)}"><button>Dismiss the toast</button></div></template>
<noscript><iframe src="/ns?id=${random.token(8)}" height="0" width="0" hidden></iframe></noscript>
${dataBlob(random, "__NEXT_DATA__", 120)}</body></html>
`;
}

function header(random: Random, site: string): string {
  const menus = sections.map(
    ([name, entries], index) => `<li class="has-menu ${classes(random, 2)}" data-nav-item="${index}">
<button type="button" aria-haspopup="true" aria-expanded="false" aria-controls="menu-${index}" class="${classes(random)}"><span>${name}</span>${icon(random)}</button>
<ul class="menu" id="menu-${index}" role="menu">${entries
      .map(
        (entry) =>
          `<li role="none"><a role="menuitem" tabindex="-1" href="${trackedHref(random, `/${entry.toLowerCase().replaceAll(/\W+/g, "-")}`)}" data-ga-event="nav|${entry}">${entry}</a></li>`,
      )
      .join("")}</ul></li>`,
  );
  return `<header role="banner" class="${classes(random)}">${wrapped(
    random,
    2,
    `<a href="/" aria-label="${site} home" class="${classes(random)}">${icon(random)}</a>
<nav aria-label="Primary"><ul class="bar">${menus.join("")}</ul></nav>
<form role="search" action="/search" class="${classes(random)}"><div class="${classes(random, 2)}"><input type="search" name="q" aria-label="Search ${site}" placeholder="Search" autocomplete="off"><button type="submit" aria-label="Submit search">${icon(random)}</button></div></form>
<div class="bar"><button type="button" aria-label="Notifications, 3 unread" data-testid="notifications">${icon(random)}<span class="badge" aria-hidden="true">3</span></button>
<a href="/messages" aria-label="Messages">${icon(random)}</a>
<button type="button" aria-haspopup="menu" aria-label="Account menu" data-testid="account"><span class="avatar" role="presentation"></span></button></div>`,
  )}</header>`;
}

function footer(random: Random, site: string): string {
  const columns = footerLinks.map(
    ([name, entries]) =>
      `<div class="${classes(random)}"><h2 class="small">${name}</h2><ul>${entries
        .map(
          (entry) =>
            `<li><a href="${trackedHref(random, `/info/${entry.toLowerCase().replaceAll(/\W+/g, "-")}`)}" class="${classes(random, 2)}">${entry}</a></li>`,
        )
        .join("")}</ul></div>`,
  );
  return `<footer role="contentinfo" class="${classes(random)}"><div class="columns">${columns.join("")}</div>
<div class="${classes(random)}"><label for="language">Language</label><select id="language" name="language">${["English", "Deutsch", "Español", "Français", "Italiano", "日本語", "Português"].map((language) => `<option>${language}</option>`).join("")}</select>
<p class="small">© 2026 ${site}. All rights reserved.</p></div></footer>`;
}

function cookieBanner(random: Random): string {
  return `<div id="consent" role="region" aria-label="Cookie consent" class="banner ${classes(random)}" data-nosnippet="true"><div class="${classes(random)}">
<p>We and our <a href="/partners">842 partners</a> store and access information on your device to personalise content, measure advertising and improve this site. Read our <a href="${trackedHref(random, "/info/cookie-policy")}">cookie policy</a>.</p>
<div class="bar"><button type="button" class="${classes(random)}">Accept all</button><button type="button" class="${classes(random)}">Reject all</button><button type="button" class="${classes(random)}">Manage choices</button></div>
<div class="off"><h2>Choices</h2><label><input type="checkbox" checked> Measurement</label><label><input type="checkbox"> Advertising</label><button type="button">Save choices</button></div></div></div>`;
}

const baseStyles = `*{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#18181b}
header,footer,main{padding:8px 24px}.bar{display:flex;gap:8px;list-style:none;padding:0;margin:0}.has-menu{position:relative}
.menu{display:none;position:absolute;background:#fff}.has-menu:hover .menu{display:block}.off{display:none}.small{font-size:13px}
.sr-only{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0 0 0 0);white-space:nowrap}
.columns{display:grid;grid-template-columns:repeat(3,1fr)}.avatar{display:inline-block;width:32px;height:32px;border-radius:50%;background:#ccc}
.banner{position:fixed;left:0;right:0;bottom:0;background:#fff;border-top:1px solid #ccc;padding:12px 24px}
.grid{display:grid;grid-template-columns:repeat(4,1fr);gap:16px}.card{border:1px solid #ddd;padding:12px}.cut{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}`;
