/** One page of the guide: its address below /docs/guide/, and its file in the repository. */
export interface Chapter {
  readonly slug: string;
  readonly file: string;
  readonly title: string;
}

/** The guide's pages in reading order, by part. What is not named here is not served. */
export const parts: readonly { readonly title: string; readonly chapters: readonly Chapter[] }[] = [
  {
    title: "Begin",
    chapters: [
      { slug: "quickstart", file: "docs/quickstart.md", title: "Quickstart" },
      { slug: "concepts", file: "docs/concepts.md", title: "Concepts" },
      { slug: "hosted-client", file: "docs/hosted-client.md", title: "The hosted product's Python client" },
      { slug: "migrating", file: "docs/migrating.md", title: "Coming from the hosted product" },
    ],
  },
  {
    title: "Use",
    chapters: [
      { slug: "dashboard", file: "docs/dashboard.md", title: "The dashboard" },
      { slug: "tasks", file: "docs/tasks.md", title: "Tasks and sessions" },
      { slug: "design", file: "docs/design.md", title: "Design extraction" },
      { slug: "webhooks", file: "docs/webhooks.md", title: "Webhooks" },
      { slug: "accounts", file: "docs/accounts.md", title: "Accounts" },
      { slug: "api-keys", file: "docs/api-keys.md", title: "API keys" },
      { slug: "upload-tickets", file: "docs/upload-tickets.md", title: "Upload tickets" },
      { slug: "client-side-sealing", file: "docs/client-side-sealing.md", title: "Sealing in your own process" },
      { slug: "tools", file: "docs/tools.md", title: "Command line and MCP" },
      { slug: "errors", file: "docs/errors.md", title: "Errors" },
    ],
  },
  {
    title: "Platforms",
    chapters: [
      { slug: "platforms", file: "docs/platforms.md", title: "All platforms" },
      { slug: "x", file: "docs/platforms/x.md", title: "X" },
      { slug: "reddit", file: "docs/platforms/reddit.md", title: "Reddit" },
      { slug: "tiktok", file: "docs/platforms/tiktok.md", title: "TikTok" },
      { slug: "youtube", file: "docs/platforms/youtube.md", title: "YouTube" },
      { slug: "instagram", file: "docs/platforms/instagram.md", title: "Instagram" },
    ],
  },
  {
    title: "Operate",
    chapters: [
      { slug: "self-hosting", file: "docs/self-hosting.md", title: "Self-hosting" },
      { slug: "observability", file: "docs/observability.md", title: "Observability" },
      { slug: "scaling", file: "docs/scaling.md", title: "Scaling" },
      { slug: "settings", file: "docs/settings.md", title: "Settings" },
      { slug: "security", file: "SECURITY.md", title: "Security model" },
      { slug: "custody", file: "docs/custody.md", title: "Key services" },
      { slug: "custody-drill", file: "docs/custody-drill.md", title: "When a key has leaked" },
      { slug: "audit", file: "docs/audit.md", title: "The access log" },
      { slug: "leaktest", file: "docs/leaktest.md", title: "The leak test" },
    ],
  },
];

/** All pages in reading order. */
export const chapters: readonly Chapter[] = parts.flatMap((part) => part.chapters);
