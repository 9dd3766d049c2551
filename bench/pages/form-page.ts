import { seededRandom } from "../../tests/support/random.ts";
import { framed } from "./frame.ts";
import { classes, icon, wrapped } from "./markup.ts";
import { prose } from "./prose.ts";

const countries =
  "Argentina,Australia,Austria,Belgium,Bolivia,Brazil,Bulgaria,Cameroon,Canada,Chile,China,Colombia,Costa Rica,Croatia,Cyprus,Czechia,Denmark,Ecuador,Egypt,Estonia,Ethiopia,Finland,France,Georgia,Germany,Ghana,Greece,Hungary,Iceland,India,Indonesia,Ireland,Israel,Italy,Japan,Jordan,Kenya,Latvia,Lebanon,Lithuania,Luxembourg,Malaysia,Malta,Mexico,Morocco,Nepal,Netherlands,New Zealand,Nigeria,Norway,Pakistan,Panama,Peru,Philippines,Poland,Portugal,Romania,Rwanda,Senegal,Serbia,Singapore,Slovakia,Slovenia,South Africa,South Korea,Spain,Sri Lanka,Sweden,Switzerland,Tanzania,Thailand,Tunisia,Türkiye,Uganda,Ukraine,United Kingdom,United States,Uruguay,Vietnam,Zambia".split(
    ",",
  );

/** A registration form: 40 fields of every kind, with labels, hints, groups and long selects. */
export function formPage(): string {
  const random = seededRandom(2);
  const { sentence } = prose(random);

  function field(label: string, control: (id: string) => string, hint = ""): string {
    const id = `field-${random.token(8)}`;
    return `<div class="field ${classes(random)}" data-field="${id}">${wrapped(
      random,
      1,
      `<label for="${id}" class="${classes(random, 2)}">${label}</label>${control(id)}${hint && `<p id="${id}-hint" class="small">${hint}</p>`}<p class="off" role="alert" id="${id}-error">This field is required</p>`,
    )}</div>`;
  }
  const input = (label: string, name: string, attributes = 'type="text"', hint = "") =>
    field(
      label,
      (id) => `<input id="${id}" name="${name}" ${attributes} class="${classes(random)}" data-lpignore="true">`,
      hint,
    );
  const select = (label: string, name: string, options: readonly string[]) =>
    field(
      label,
      (id) =>
        `<select id="${id}" name="${name}" class="${classes(random)}"><option value="">Please choose</option>${options.map((option, index) => `<option value="${name}-${index}">${option}</option>`).join("")}</select>`,
    );
  const choices = (type: "radio" | "checkbox", legend: string, name: string, options: readonly string[]) =>
    `<fieldset class="${classes(random)}"><legend>${legend}</legend>${options
      .map((option, index) => {
        const id = `${name}-${index}-${random.token(4)}`;
        return `<div class="bar"><input type="${type}" id="${id}" name="${name}" value="${index}"><label for="${id}">${option}</label></div>`;
      })
      .join("")}</fieldset>`;
  const section = (heading: string, fields: readonly string[]) =>
    `<section class="${classes(random)}"><h2>${heading}</h2><p>${sentence()}</p>${fields.join("\n")}</section>`;

  return framed(random, {
    title: "Autumn workshop: registration",
    site: "Workshop Week",
    styles: ".field{margin:8px 0;max-width:480px}.field label{display:block}",
    main: `<h1>Register for the autumn workshop</h1><ol class="bar" aria-label="Progress"><li aria-current="step">Details</li><li>Payment</li><li>Confirmation</li></ol>
<form action="/form/sent" method="get" novalidate data-form-id="${random.token(12)}"><input type="hidden" name="authenticity_token" value="${random.token(64)}">
${section("About you", [
  select("Title", "title", ["Ms", "Mr", "Mx", "Dr", "Prof."]),
  input("Full name *", "fullName", 'type="text" required autocomplete="name"'),
  input(
    "Email *",
    "email",
    'type="email" required autocomplete="email" placeholder="you@company.example"',
    "We send the ticket to this address.",
  ),
  input("Phone", "phone", 'type="tel" autocomplete="tel"'),
  input("Date of birth", "birth", 'type="date" min="1920-01-01" max="2010-12-31"'),
  input("Website", "website", 'type="url" placeholder="https://"'),
  select("Country", "country", countries),
  select("Nationality", "nationality", countries),
])}
${section("Address", [
  input("Company", "company", 'type="text" autocomplete="organization"'),
  input("Street and number", "street"),
  input("Address line 2", "street2"),
  input("Postal code", "postal", 'type="text" inputmode="numeric" maxlength="10"'),
  input("City", "city"),
  input("State or region", "region"),
  input("VAT number", "vat", 'type="text"', "Two letters and up to twelve digits."),
])}
${section("Your stay", [
  input("Arrival", "arrival", 'type="date" value="2026-10-04"'),
  input("Departure", "departure", 'type="date" value="2026-10-09"'),
  input("Arrival time", "arrivalTime", 'type="time"'),
  input("Number of guests", "guests", 'type="number" min="0" max="6" value="1"'),
  choices("radio", "Room", "room", ["Single", "Double", "Shared", "No room needed"]),
  choices("radio", "Meals", "meals", ["Everything", "Vegetarian", "Vegan", "Halal", "Kosher"]),
  choices("checkbox", "Workshops", "workshops", [
    "Bookbinding",
    "Letterpress",
    "Natural dyes",
    "Woodcut",
    "Paper making",
    "Type design",
  ]),
  select(
    "T-shirt size",
    "shirt",
    ["XS", "S", "M", "L", "XL", "XXL"].flatMap((size) => [`${size} straight`, `${size} fitted`]),
  ),
  select(
    "Time zone",
    "zone",
    Array.from({ length: 25 }, (_, index) => `UTC${index < 12 ? "−" : "+"}${Math.abs(index - 12)}:00`),
  ),
])}
${section("More", [
  input("How satisfied were you last year?", "satisfaction", 'type="range" min="0" max="10" value="7"'),
  input("Favourite colour", "colour", 'type="color" value="#336699"'),
  input("Portfolio", "portfolio", 'type="file" accept=".pdf"'),
  input("Access code", "code", 'type="password" autocomplete="one-time-code"'),
  input("Coupon", "coupon", 'type="text" disabled value="EARLY-26"'),
  field(
    "What do you hope to learn?",
    (id) => `<textarea id="${id}" name="hopes" rows="4" maxlength="2000" class="${classes(random)}"></textarea>`,
    "Up to 2,000 characters.",
  ),
  field(
    "Notes for the team",
    (id) => `<textarea id="${id}" name="notes" rows="3">I would like to bring my own press.</textarea>`,
  ),
  choices("checkbox", "Consent", "consent", [
    'I agree to the <a href="/info/terms">terms of participation</a>',
    "Send me the newsletter",
    "You may photograph me",
  ]),
])}
<div class="bar"><button type="submit" class="${classes(random)}">${icon(random)}Register</button><button type="reset">Clear the form</button><a href="/list">Cancel</a></div></form>`,
  });
}

/** What the form's submission leads to; its one link in the text goes on to the article. */
export function formSentPage(): string {
  const random = seededRandom(20);
  return framed(random, {
    title: "Thank you",
    site: "Workshop Week",
    main: `<h1>Thank you, you are registered</h1><p>Your ticket is on its way.</p><p>Before you come, please <a href="/article">read the handbook</a>.</p>`,
  });
}
