import type { SealingKey } from "../../sdk/src/contract/records.ts";
import type { CredentialField } from "../../sdk/src/credential-values.ts";
import { sealValues } from "../../sdk/src/sealing/seal-values.ts";

/** What the server says of a ticket: nothing of what is stored. */
export interface Ticket {
  readonly platforms: readonly string[];
  readonly returnUrl: string | null;
  readonly embedOrigins: readonly string[];
  readonly expiresAt: string;
  readonly sealingKey: SealingKey;
}

/** The server said no, in words for whoever reads the page. `isOver`: this ticket will not do any more. */
export class Refusal extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }

  get isOver(): boolean {
    return this.code.startsWith("ticket_");
  }
}

const deadlineMs = 20_000;
const sealingsMax = 4;
const waitsMax = 3;

/** What may be done with one ticket, whose id is in the page's address and whose token was in its fragment. */
export interface TicketClient {
  read(): Promise<Ticket>;
  /** Stores the values, or none of them. They leave the browser sealed wherever it can seal. */
  store(ticket: Ticket, values: readonly (readonly [CredentialField, string])[]): Promise<void>;
}

/** Makes the client of a ticket. `place` is the page's address without a query or fragment. */
export function ticketClientOf(place: string, token: string): TicketClient {
  async function ask(method: "GET" | "PUT", name: string, body?: object): Promise<unknown> {
    for (let waits = 0; ; waits++) {
      const response = await fetch(`${place}/${name}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(deadlineMs),
        cache: "no-store",
        redirect: "error",
      }).catch(() => {
        throw new Refusal("The server could not be reached. Check your connection and try again.", "unreachable");
      });
      if (response.status === 429 && waits < waitsMax) {
        const seconds = Number(response.headers.get("retry-after")) || 1;
        await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, 5) * 1_000));
        continue;
      }
      const answer = (await response.json().catch(() => ({}))) as { error?: unknown; code?: unknown }; // any JSON has or lacks them
      if (response.ok) return answer;
      throw new Refusal(String(answer.error ?? "The server did not answer as it should."), String(answer.code));
    }
  }

  const read = async () => (await ask("GET", "ticket")) as Ticket; // as the server's own page, it knows

  return {
    read,
    async store(ticket, values) {
      if (!(await canSeal())) {
        await ask("PUT", "credentials", Object.fromEntries(values));
        return;
      }
      let { sealingKey } = ticket;
      for (let tries = 1; ; tries++) {
        const sealed = await sealValues(sealingKey, values);
        try {
          await ask("PUT", "credentials", { sealed });
          return;
        } catch (error) {
          const isStale = error instanceof Refusal && error.code === "sealing_key_changed";
          if (!isStale || tries === sealingsMax) throw error;
          sealingKey = (await read()).sealingKey;
        }
      }
    },
  };
}

/** False where the page came over plain http, or in a browser that is too old. */
async function canSeal(): Promise<boolean> {
  try {
    await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]);
    return true;
  } catch {
    return false;
  }
}
