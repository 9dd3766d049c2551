export * from "./health.ts";
export * from "./platforms.ts";
