import { z } from "zod";
import { allowedHosts } from "./allowed-hosts.ts";
import { embedOrigins } from "./embed-origins.ts";
import { defineRoute } from "./route.ts";

const hosts = allowedHosts.meta({
  description:
    "Hosts that every task's browser reaches beside those of the platforms whose cookies it holds. `.example.com` is that name and all below it.",
});

const settings = z
  .object({ allowedHosts: hosts, embedOrigins })
  .meta({ id: "Settings", example: { allowedHosts: [".example.com"], embedOrigins: ["https://app.example.com"] } });

const change = z
  .strictObject(
    {
      allowedHosts: hosts,
      embedOrigins: embedOrigins
        .optional()
        .meta({ description: "As it is read; what is set stays when this is left out." }),
    },
    {
      error: (issue) =>
        issue.code === "unrecognized_keys"
          ? 'the body may hold only "allowedHosts" and "embedOrigins"'
          : 'the body must be a JSON object such as {"allowedHosts":["example.com"]}',
    },
  )
  .meta({ id: "SetSettings", example: { allowedHosts: [".example.com"], embedOrigins: ["https://app.example.com"] } });

/** What a business has set for all of its tasks and end-users. */
export type Settings = z.output<typeof settings>;

/** What of it is to be another. */
export type SettingsChange = z.output<typeof change>;

/** Reads the business's settings. */
export const getSettings = defineRoute({
  id: "get-settings",
  method: "GET",
  path: "/v1/settings",
  auth: "business",
  scope: "tasks:read",
  endUser: "all",
  summary: "Get the settings",
  reply: { status: 200, body: settings },
  errors: [],
  audit: null,
});

/** Replaces the business's settings: for the next task to begin, and the next page to be opened, they count. */
export const setSettings = defineRoute({
  id: "set-settings",
  method: "PUT",
  path: "/v1/settings",
  auth: "business",
  scope: "whole",
  endUser: "all",
  summary: "Replace the settings",
  body: change,
  reply: { status: 200, body: settings },
  errors: [],
  audit: null,
});
