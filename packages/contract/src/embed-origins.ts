import { z } from "zod";

/** The most origins that a business may list. */
export const embedOriginsMax = 20;

const plainHost = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])$/; // a URL's may have a star, which CSP takes for all
const localName = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

/** True when `text` is an origin just as browsers write it, of https, or of http on this machine. */
export function isEmbedOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  return (
    origin === text &&
    plainHost.test(hostname) &&
    (protocol === "https:" || (protocol === "http:" && localName.test(hostname)))
  );
}

/** Pages of the business that may show an upload ticket's page inside themselves, and to which it may return. */
export const embedOrigins = z
  .array(
    z
      .string("embedOrigins must be an array of origins")
      .max(300, "embedOrigins has an origin longer than 300 characters")
      .refine(isEmbedOrigin, {
        error: ({ input }) =>
          `embedOrigins: ${JSON.stringify(String(input).slice(0, 80))} is no origin: it must look like https://app.example.com, without a path and in lower case; http only on localhost`,
      }),
    "embedOrigins must be an array of origins",
  )
  .max(embedOriginsMax, `embedOrigins has more than ${embedOriginsMax} origins`)
  .meta({
    description: "Origins whose pages may embed the page of an upload ticket, and to which it may return.",
    example: ["https://app.example.com"],
  });
