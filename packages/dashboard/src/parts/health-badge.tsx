import { Badge, type Tone } from "./badge.tsx";

const looks = {
  valid: ["good", "Signed in"],
  expired: ["bad", "Expired"],
  challenged: ["warn", "Challenged"],
  unknown: ["neutral", "Not checked"],
} as const satisfies Record<string, readonly [Tone, string]>;

/** What a sign-in check last said of a platform's cookies. */
export function HealthBadge({ health }: { readonly health: keyof typeof looks }) {
  const [tone, text] = looks[health];
  return (
    <Badge tone={tone} dot>
      {text}
    </Badge>
  );
}
