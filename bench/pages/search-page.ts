import { seededRandom } from "../../tests/support/random.ts";
import { framed } from "./frame.ts";
import { classes, icon, image, trackedHref, wrapped } from "./markup.ts";
import { prose } from "./prose.ts";

/** Search results: 20 hits with breadcrumbs and snippets, some with links below, questions, a panel, related searches. */
export function searchPage(): string {
  const random = seededRandom(8);
  const { title, sentence, noun, slug, person } = prose(random);
  const redirect = (target: string) =>
    `/url?sa=t&amp;source=web&amp;rct=j&amp;url=${encodeURIComponent(target)}&amp;ved=2ahUKEwi${random.token(32)}&amp;usg=AOvVaw${random.token(22)}&amp;opi=${random.integer(10_000_000, 99_999_999)}`;

  function hit(): string {
    const name = title();
    const host = `www.${noun()}-${noun()}.example`;
    const below = random.chance(0.25)
      ? `<table class="${classes(random)}"><tbody>${Array.from({ length: 2 }, () => `<tr>${Array.from({ length: 2 }, () => `<td><h3 class="small"><a href="${redirect(`https://${host}/${slug(title())}`)}">${title()}</a></h3><div>${sentence()}</div></td>`).join("")}</tr>`).join("")}</tbody></table>`
      : "";
    return `<div class="${classes(random)}" data-hveid="C${random.token(6)}" data-ved="2ahUKE${random.token(30)}">${wrapped(
      random,
      4,
      `<div class="bar"><a href="${redirect(`https://${host}/${slug(name)}`)}" data-jsarwt="1" ping="${trackedHref(random, "/ping")}" class="${classes(random)}"><h3 class="${classes(random)}">${name}</h3><div class="${classes(random)}">${image(random, "", 18)}<span>${noun()} ${noun()}</span><cite role="text">https://${host}<span> › ${noun()} › ${slug(name).slice(0, 24)}</span></cite></div></a><button type="button" aria-label="About this result" aria-haspopup="dialog">${icon(random)}</button></div>
<div class="${classes(random)}" data-sncf="1"><span class="small">${random.integer(1, 28)} Apr 2026 — </span><span>${sentence()} <em>${noun()}</em> ${sentence()}</span></div>${below}`,
    )}</div>`;
  }

  const question = () =>
    `<div class="${classes(random)}" data-q="${random.token(8)}"><button type="button" aria-expanded="false" class="${classes(random)}"><span>How does the ${noun()} work?</span>${icon(random)}</button><div class="off">${sentence()} <a href="/hidden">More</a></div></div>`;

  return framed(random, {
    title: "quiet harbour archive - Search",
    site: "Finder",
    styles: ".shell{display:grid;grid-template-columns:1fr 320px;gap:24px}",
    main: `<h1 class="sr-only">Search results</h1><div role="navigation" aria-label="Result kinds" class="bar">${["All", "Images", "News", "Videos", "Maps", "Books"].map((name, index) => (index === 0 ? `<span aria-current="page">${name}</span>` : `<a href="${trackedHref(random, "/search")}&amp;tbm=${name}">${name}</a>`)).join("")}<button type="button" aria-expanded="false">Tools</button></div>
<p id="result-stats">About ${random.integer(1, 9)},${random.integer(100, 999)},000 results (0.41 seconds)</p>
<div class="shell"><div id="search">${Array.from({ length: 6 }, hit).join("\n")}<div role="region" aria-label="People also ask"><h2>People also ask</h2>${Array.from({ length: 4 }, question).join("")}</div>${Array.from({ length: 14 }, hit).join("\n")}
<h2>Related searches</h2><div class="grid">${Array.from({ length: 8 }, () => `<a href="${trackedHref(random, "/search")}"><span>${noun()} <b>${noun()}</b></span></a>`).join("")}</div></div>
<aside aria-label="Knowledge panel"><h2>${title()}</h2>${image(random, "Photograph of the harbour", 300)}<p>${sentence()} ${sentence()} <a href="${redirect("https://en.encyclopedia.example/harbour")}">Encyclopedia</a></p><dl>${["Opened", "Architect", "Owner", "Visitors"].map((term) => `<dt>${term}</dt><dd>${person()}</dd>`).join("")}</dl><button type="button">${icon(random)}Feedback</button></aside></div>
<nav aria-label="Page navigation" class="bar">${Array.from({ length: 9 }, (_, index) => `<a href="${trackedHref(random, "/search")}&amp;start=${(index + 1) * 10}" aria-label="Page ${index + 2}">${index + 2}</a>`).join("")}<a href="/search?start=10">Next</a></nav>`,
  });
}
