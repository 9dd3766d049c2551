import { seededRandom } from "../../tests/support/random.ts";
import { framed } from "./frame.ts";
import { classes, icon, wrapped } from "./markup.ts";
import { prose } from "./prose.ts";

/** A settings page under a modal dialog. The page behind is covered, but neither inert nor hidden: many sites leave it so. */
export function dialogPage(): string {
  const random = seededRandom(7);
  const { title, sentence, handle } = prose(random);

  const setting = (index: number) =>
    `<div class="card ${classes(random)}">${wrapped(
      random,
      2,
      `<h3 id="setting-${index}">${title()}</h3><p id="about-${index}">${sentence()}</p><button type="button" role="switch" aria-checked="${random.chance(0.5)}" aria-labelledby="setting-${index}" aria-describedby="about-${index}" class="${classes(random)}"><span></span></button> <a href="/help/${random.token(8)}">Learn more about setting ${index + 1}</a>`,
    )}</div>`;
  const member = (index: number) =>
    `<li class="bar"><label><input type="checkbox" ${index < 3 ? "checked" : ""}> ${handle()}</label><select aria-label="Role of member ${index + 1}"><option>Reader</option><option>Editor</option><option>Owner</option></select><button type="button" aria-label="Remove member ${index + 1}">${icon(random)}</button></li>`;

  return framed(random, {
    title: "Settings",
    site: "Team Space",
    styles:
      ".backdrop{position:fixed;inset:0;background:#0008;z-index:10}.modal{position:fixed;inset:5% 20%;overflow:auto;background:#fff;z-index:11;padding:24px}",
    main: `<h1>Settings</h1><nav aria-label="Settings" class="bar">${["General", "Members", "Billing", "Security", "Integrations", "Audit"].map((name) => `<a href="/settings/${name.toLowerCase()}">${name}</a>`).join("")}</nav><div class="grid">${Array.from({ length: 24 }, (_, index) => setting(index)).join("\n")}</div>`,
    overlay: `<div class="backdrop ${classes(random)}"></div><div role="dialog" aria-modal="true" aria-labelledby="dialog-title" class="modal ${classes(random)}" tabindex="-1">${wrapped(
      random,
      2,
      `<div class="bar"><h2 id="dialog-title">Share this space</h2><button type="button" aria-label="Close the dialog">${icon(random)}</button></div><p>${sentence()}</p>
<form><label for="invite">Invite by email</label><input id="invite" type="email" placeholder="name@company.example"><label for="message">Message</label><textarea id="message" rows="3"></textarea><fieldset><legend>Access</legend><label><input type="radio" name="access" checked> Invited people</label><label><input type="radio" name="access"> Anyone with the link</label></fieldset>
<h3>Members</h3><ul>${Array.from({ length: 10 }, (_, index) => member(index)).join("")}</ul><div class="bar"><button type="button">Copy link</button><button type="button">Cancel sharing</button><button type="submit">Send invitations</button></div></form>`,
    )}</div>`,
  });
}
