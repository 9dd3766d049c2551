import { buildDashboard, isBuilt } from "./build-dashboard.ts";

// `npm run build`, and before `npm start`. Where the tools are not installed, what was built before goes on to be served.
try {
  if ((await buildDashboard()) === "built") process.stderr.write("The dashboard is built.\n");
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException; // whatever it is, it has a message
  const reason =
    code === "ERR_MODULE_NOT_FOUND" ? "its tools are not installed: run npm ci without --omit=dev" : message;
  process.stderr.write(`The dashboard could not be built: ${reason}\n`);
  if (!isBuilt()) process.exitCode = process.argv.includes("--if-possible") ? 0 : 1;
}
