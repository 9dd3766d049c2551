import type { MailSettings } from "./account-settings.ts";

/** An e-mail of plain text. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends an e-mail; rejects when the server did not take it within half a minute. */
export type SendMail = (mail: Mail) => Promise<void>;

const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 };

/** Opens the way out for e-mails; the package is loaded at the first. */
export function openMail({ smtpUrl, from }: MailSettings): SendMail {
  return async (mail) => {
    const { createTransport } = await import("nodemailer");
    const transport = createTransport({ url: smtpUrl, ...timeouts });
    await transport.sendMail({ from, ...mail });
  };
}

/** The e-mail with a link to a new password. */
export function resetMail(to: string, link: string): Mail {
  const lines = [
    `Someone asked for a new password for ${to}. If it was you, choose one within the hour:`,
    link,
    "If not, nothing has changed, and nothing needs to be done.",
  ];
  return { to, subject: "A new password for Stablehand", text: [...lines, ""].join("\n\n") };
}
