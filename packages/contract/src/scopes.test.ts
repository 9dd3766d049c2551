import { expect, test } from "vitest";
import type { z } from "zod";
import type { Route } from "./route.ts";
import { routes } from "./routes.ts";

const list: readonly Route[] = routes;

test("a route that says where it names its end-user has it there, and one that says it names none has it nowhere", () => {
  for (const route of list) {
    const places = { path: route.params, query: route.query, body: route.body };
    const named = Object.entries(places).flatMap(([place, schema]) =>
      "endUserId" in ((schema as z.ZodObject | undefined)?.shape ?? {}) ? [place] : [],
    );
    const wanted =
      route.endUser === undefined || ["stored", "all", "listed"].includes(route.endUser) ? [] : [route.endUser];
    expect([route.id, named]).toEqual([route.id, wanted]);
  }
});

test("a route that names a task or session looks at whose it is", () => {
  const naming = list.filter((route) => /\{(taskId|sessionId)\}/.test(route.path));
  expect(naming.length).toBeGreaterThan(3);
  expect(naming.filter((route) => route.endUser !== "stored")).toEqual([]);
});
