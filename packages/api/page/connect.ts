import { createTicketForm, make } from "./form.ts";
import { guideTo } from "./platform-guide.ts";
import { Refusal, type Ticket, ticketClientOf } from "./ticket.ts";

const page = document.getElementById("page") ?? document.body;
const state = document.getElementById("state") ?? page;
const place = location.href.replace(/[?#].*$/s, "");
const ticketId = place.split("/").at(-1) ?? "";
const client = ticketClientOf(place, location.hash.slice(1));
history.replaceState(null, "", place); // the token stays in no history

function say(text: string, kind: "" | "bad" | "good" = ""): void {
  state.textContent = text;
  state.className = kind;
}

function wordsOf(error: unknown): string {
  return error instanceof Refusal ? error.message : "Something went wrong on this page. Open its link again.";
}

/** Asks for the values until they are stored, or until the ticket is over. */
function showForm(ticket: Ticket): void {
  const form = createTicketForm(ticket.platforms);
  const intro = make(
    "p",
    {},
    "Paste the cookies of your own accounts. You can do this once, until ",
    clockOf(ticket),
    ".",
  );
  window.addEventListener("pagehide", form.clear);

  function close(): void {
    form.clear();
    form.element.remove();
    intro.remove();
  }

  async function send(): Promise<void> {
    const values = form.read();
    if (!values) return;
    form.setBusy(true);
    say("Sealing and sending …");
    try {
      await client.store(ticket, values);
      close();
      showEnd(ticket, [
        ...new Set(values.map(([field]) => ticket.platforms.find((one) => field.startsWith(one)) ?? "")),
      ]);
    } catch (error) {
      say(wordsOf(error), "bad");
      form.setBusy(false);
      if (error instanceof Refusal && error.isOver) close();
    }
  }

  form.element.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  say("");
  page.append(intro, form.element);
}

function clockOf({ expiresAt }: Ticket): string {
  return new Date(expiresAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** The pages of the business that embed this one are told, and no others; alone, this one goes where it is to return. */
function showEnd({ embedOrigins, returnUrl }: Ticket, platforms: readonly string[]): void {
  say(`Connected: ${platforms.map((platform) => guideTo(platform).name).join(", ")}. You can close this page.`, "good");
  if (window.parent !== window)
    for (const origin of embedOrigins)
      window.parent.postMessage({ type: "stablehand.connected", ticketId, platforms }, origin);
  else if (returnUrl !== null) location.assign(returnUrl);
}

client.read().then(showForm, (error: unknown) => say(wordsOf(error), "bad"));
