import Fastify from "fastify";
import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { executablePath } from "../../../tests/support/chromium.ts";
import { registerApiReference } from "./api-reference.ts";
import { describeApi } from "./openapi.ts";

test("the reference shows the API's routes, asks no other origin for anything, and breaks no rule of its own", async () => {
  const app = Fastify();
  registerApiReference(app);
  app.get("/v1/openapi.json", async () => describeApi());
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
  try {
    const page = await browser.newPage();
    const asked: string[] = [];
    const refused: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).origin));
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) refused.push(message.text());
    });
    await page.goto(`${url}/docs`);
    await page.getByRole("heading", { name: "Set credentials" }).first().waitFor({ timeout: 40_000 });
    expect([...new Set(asked)].filter((origin) => origin !== url && origin !== "null")).toEqual([]);
    expect(asked.length).toBeGreaterThan(3);
    expect(refused).toEqual([]);
  } finally {
    await browser.close();
    await app.close();
  }
});
