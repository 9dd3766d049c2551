/**
 * What an API key can be narrowed to. `credentials:read` opens nothing: a check of a sign-in, which does, is `tasks:run`.
 */
export const scopes = ["credentials:write", "credentials:read", "tasks:run", "tasks:read", "design:run"] as const;

/** One of them. */
export type Scope = (typeof scopes)[number];
