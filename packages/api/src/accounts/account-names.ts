/** The header in which a set-up link's token comes, with a sign-up or with the start of a sign-in at an OpenID provider. */
export const setupTokenHeader = "x-setup-token";

/** The header in which the mount says which address a request came from; whatever a caller sent there is replaced. */
export const addressHeader = "x-stablehand-address";

/** The name that an OpenID provider has in addresses: `/auth/callback/oidc`. */
export const oidcProvider = "oidc";

/** The shortest and the longest password, in characters. */
export const passwordCharacters = { min: 12, max: 128 } as const;
