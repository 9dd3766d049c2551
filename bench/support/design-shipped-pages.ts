import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { formatHex } from "culori";
import type {
  DesignTruth,
  LogoTruth,
  RoleTruth,
  TruthFile,
  TruthPage,
} from "../../tests/support/design-truth/design-truth.ts";
import { propertyTruths, rootPropertiesIn } from "./design-published.ts";
import type { SeenTruth } from "./design-shipped-truth.ts";
import { unpackPackage } from "./unpack-package.ts";

/** A page of a package of the registry, as those who publish it built it. */
interface ShippedDesign {
  readonly name: string;
  readonly version: string;
  /** The folder in it that is the site's root; empty for the package's own. */
  readonly root: string;
  readonly path: string;
  /** By its markup: the picture in what it calls its brand, or else the icon that it links. */
  readonly logo: LogoTruth;
  /** What leads to the root's custom properties in its sheets. */
  readonly light: readonly string[];
  readonly dark: readonly string[];
  /** What its published custom properties are for. */
  readonly roles: Readonly<Record<string, RoleTruth["role"]>>;
}

const bootstrap = {
  light: [":root"],
  dark: [],
  roles: {
    "--bs-body-bg": "background",
    "--bs-primary": "primary",
    "--bs-danger": "error",
    "--bs-success": "success",
    "--bs-warning": "warning",
  },
} as const;

const file = (path: string): LogoTruth => ({ kind: "file", src: path });

const shippedDesigns: readonly ShippedDesign[] = [
  {
    ...bootstrap,
    name: "startbootstrap-agency",
    version: "7.0.12",
    root: "dist",
    path: "/index.html",
    logo: file("/assets/img/navbar-logo.svg"),
    roles: { "--bs-body-bg": "background", "--bs-primary": "primary" }, // its warning is its primary
  },
  {
    ...bootstrap,
    name: "startbootstrap-creative",
    version: "7.0.7",
    root: "dist",
    path: "/index.html",
    logo: file("/assets/favicon.ico"),
  },
  {
    ...bootstrap,
    name: "startbootstrap-new-age",
    version: "6.0.7",
    root: "dist",
    path: "/index.html",
    logo: file("/assets/favicon.ico"),
  },
  {
    ...bootstrap,
    name: "startbootstrap-resume",
    version: "7.0.6",
    root: "dist",
    path: "/index.html",
    logo: file("/assets/img/profile.jpg"),
  },
  {
    name: "startbootstrap-sb-admin-2",
    version: "4.1.4",
    root: "",
    path: "/index.html",
    logo: { kind: "none" }, // a letter of an icon font
    light: [":root"],
    dark: [],
    roles: { "--primary": "primary", "--danger": "error", "--success": "success", "--warning": "warning" },
  },
  {
    name: "gentelella",
    version: "4.2.0",
    root: "dist",
    path: "/production/index.html",
    logo: file("/images/favicon.svg"),
    light: [":root"],
    dark: ["[data-theme=dark]", '[data-theme="dark"]'],
    roles: { "--body-bg": "background", "--primary": "primary" },
  },
  {
    ...bootstrap,
    name: "sneat-bootstrap-html-admin-template-free",
    version: "1.0.0",
    root: "",
    path: "/html/cards-basic.html",
    logo: {
      kind: "drawing",
      path: "M13.7918663,0.358365126 L3.39788168,7.44174259",
    },
  },
];

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
  ".ttf": "font/ttf",
  ".eot": "application/vnd.ms-fontobject",
};

/** A page as it is shipped, and what its package publishes of it. */
export interface ShippedPage extends TruthPage {
  /** The text of the page and of its own style sheets: where its colours are declared. */
  readonly sources: string;
  /** The colours that have a use by their names. */
  readonly roles: readonly RoleTruth[];
}

/** The pages, from the packages as npm delivers them now; nothing of them is kept. */
export async function shippedPages(): Promise<ShippedPage[]> {
  const pages: ShippedPage[] = [];
  for (const design of shippedDesigns) {
    const unpacked = await unpackPackage(design.name, design.version);
    try {
      pages.push(shippedPage(design, join(unpacked.directory, design.root)));
    } finally {
      await unpacked.remove();
    }
  }
  return pages;
}

function shippedPage({ name, path, logo, light, dark, roles }: ShippedDesign, directory: string): ShippedPage {
  const host = `http://${name}.example`;
  const url = host + path;
  const files = filesIn(directory, host);
  const html = String(files.get(url)?.body);
  const sheets = sheetsIn(html, url).map((address) => String(files.get(address)?.body ?? ""));
  const published = rootPropertiesIn(sheets.join("\n"), light, dark);
  const properties = propertyTruths(published.light, published.dark);
  return {
    name,
    url,
    files,
    truth: { properties, logo: logo.kind === "file" ? { ...logo, src: host + logo.src } : logo },
    sources: [...sheets, html].join("\n"),
    roles: Object.entries(roles).map(([property, role]) => {
      const hex = formatHex(properties.find((one) => one.name === property)?.value);
      if (!hex) throw new Error(`${name} publishes no colour ${property}`);
      return { hex, role };
    }),
  };
}

function sheetsIn(html: string, url: string): string[] {
  const links = (html.match(/<link\b[^>]*>/g) ?? []).filter((link) => /rel="?stylesheet/.test(link));
  return links.map((link) => new URL(/href="([^"]*)"/.exec(link)?.[1] ?? "", url).href);
}

/** What is known of the page once it was looked at: of its roles those of colours that it shows. */
export function shippedTruth({ truth, roles }: ShippedPage, seen: SeenTruth): Partial<DesignTruth> {
  return { ...truth, ...seen, roles: roles.filter(({ hex }) => seen.colors.includes(hex)) };
}

function filesIn(directory: string, host: string): Map<string, TruthFile> {
  const files = new Map<string, TruthFile>();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name).toLowerCase()];
    const file = join(entry.parentPath, entry.name);
    const address = new URL(relative(directory, file), `${host}/`).href;
    if (type && entry.isFile()) files.set(address, { type, body: readFileSync(file) });
  }
  return files;
}
