export * from "./platforms.ts";
