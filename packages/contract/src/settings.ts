import { z } from "zod";
import { allowedHosts } from "./allowed-hosts.ts";
import { defineRoute } from "./route.ts";

const settings = z
  .strictObject(
    {
      allowedHosts: allowedHosts.meta({
        description:
          "Hosts that every task's browser reaches beside those of the platforms whose cookies it holds. `.example.com` is that name and all below it.",
      }),
    },
    {
      error: (issue) =>
        issue.code === "unrecognized_keys"
          ? 'the body may hold only "allowedHosts"'
          : 'the body must be a JSON object such as {"allowedHosts":["example.com"]}',
    },
  )
  .meta({ id: "Settings", example: { allowedHosts: [".example.com"] } });

/** What a business has set for all of its tasks. */
export type Settings = z.output<typeof settings>;

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

/** Replaces the business's settings: from the next task to begin on, they count. */
export const setSettings = defineRoute({
  id: "set-settings",
  method: "PUT",
  path: "/v1/settings",
  auth: "business",
  scope: "whole",
  endUser: "all",
  summary: "Replace the settings",
  body: settings,
  reply: { status: 200, body: settings },
  errors: [],
  audit: null,
});
