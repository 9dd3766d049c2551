import { checkCredentials, deleteCredentials, getCredentials, setCredentials } from "./credentials.ts";
import type { Route } from "./route.ts";
import { getHealth, getOpenapi, getReadiness } from "./server.ts";
import { getTask } from "./tasks.ts";

/** Every route of the server. A route is registered, documented and tested because it stands here. */
export const routes = [
  setCredentials,
  getCredentials,
  deleteCredentials,
  checkCredentials,
  getTask,
  getOpenapi,
  getHealth,
  getReadiness,
] as const satisfies readonly Route[];
