import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

/** A server for e-mail on loopback that takes whatever comes. */
export interface MailServer {
  readonly url: string;
  /** The next e-mail to come, or one that came and was not yet taken: its headers and text. */
  next(): Promise<string>;
  /** How many came that nobody took. */
  waiting(): number;
  stop(): Promise<void>;
}

/** Starts it. It speaks as much SMTP as a sender needs. */
export async function startMailServer(): Promise<MailServer> {
  const mails: string[] = [];
  const takers: ((mail: string) => void)[] = [];
  const sockets = new Set<Socket>();
  const deliver = (mail: string) => {
    const taker = takers.shift();
    if (taker) taker(mail);
    else mails.push(mail);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    let pending = "";
    let isData = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    say("220 mail.test");
    socket.setEncoding("utf8").on("data", (text: string) => {
      pending += text;
      for (;;) {
        const end = isData ? pending.indexOf("\r\n.\r\n") : pending.indexOf("\r\n");
        if (end < 0) return;
        const part = pending.slice(0, end);
        pending = pending.slice(end + (isData ? 5 : 2));
        if (isData) {
          isData = false;
          deliver(part.replaceAll("=\r\n", "").replaceAll("=3D", "=")); // quoted-printable
          say("250 taken");
        } else if (/^(EHLO|HELO|MAIL|RCPT|RSET|NOOP)/i.test(part)) say("250 ok");
        else if (/^DATA/i.test(part)) {
          isData = true;
          say("354 go on");
        } else if (/^QUIT/i.test(part)) socket.end("221 bye\r\n");
        else say("502 not here");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, // of a TCP server
    next: () => {
      const mail = mails.shift();
      return mail === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(mail);
    },
    waiting: () => mails.length,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
