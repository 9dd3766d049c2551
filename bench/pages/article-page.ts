import { type Random, seededRandom } from "../../tests/support/random.ts";
import { framed } from "./frame.ts";
import { classes, image, trackedHref } from "./markup.ts";
import { prose } from "./prose.ts";

/** A sentence that stands once in the article, two thirds down. */
export const articlePassage = "The spare key to the paper store hangs behind the blue door on the second floor.";

const sections = 48;

/**
 * An article as encyclopedias have them: 1 MB of HTML, a fifth of it text. Contents, a box of facts, 48 sections
 * full of links, figures and quotes, some 500 footnotes with their sources, boxes of related articles at the end.
 */
export function articlePage(): string {
  const random = seededRandom(3);
  const { title, sentence, paragraph, noun, person } = prose(random);
  let notes = 0;

  const wikiLink = (words: string) => {
    const article = `${words.replaceAll(" ", "_")}_(${noun()})`;
    return `<a href="/wiki/${article}" title="${article.replaceAll("_", " ")}" class="${random.chance(0.1) ? "mw-redirect" : "mw-link"}">${words}</a>`;
  };
  const cited = () => {
    notes += 1;
    return `<sup id="cite-ref-${notes}" class="reference" typeof="mw:Extension/ref" data-mw='{"name":"ref","attrs":{"name":"n${notes}"}}'><a href="#cite-note-${notes}"><span class="cite-bracket">[</span>${notes}<span class="cite-bracket">]</span></a></sup>`;
  };
  const linked = () =>
    sentence().replaceAll(/the (\w+)/g, (all, word: string) => (random.chance(0.32) ? `the ${wikiLink(word)}` : all));
  const text = (sentences: number) =>
    Array.from({ length: sentences }, () => `${linked()}${random.chance(0.2) ? cited() : ""}`).join(" ");

  const headings = Array.from({ length: sections }, title);
  const body = headings.map((heading, index) => {
    const part = (paragraphs: number) =>
      Array.from({ length: paragraphs }, () => `<p id="mw${random.token(4)}">${text(random.integer(5, 9))}</p>`).join(
        "\n",
      );
    const passage = index === 32 ? `<p id="mw${random.token(4)}">${linked()} ${articlePassage} ${linked()}</p>` : "";
    const figure = `<figure class="${classes(random)}" typeof="mw:File/Thumb"><a href="/wiki/File:${random.token(24)}.jpg" class="mw-file-description">${image(random, title(), 250)}</a><figcaption>${linked()}</figcaption></figure>`;
    const quote = `<blockquote cite="${trackedHref(random, "/source")}"><p>${paragraph(2)}</p><footer>— ${person()}</footer></blockquote>`;
    return `<section data-mw-section-id="${index + 1}" aria-labelledby="section-${index}"><div class="mw-heading bar"><h2 id="section-${index}">${heading}</h2><span class="small"><span aria-hidden="true">[</span><a href="/w/index.php?title=Handbook&amp;action=edit&amp;section=${index + 1}" title="Edit section: ${heading}"><span>edit</span></a><span aria-hidden="true">]</span></span></div>
${part(3)}${index % 2 ? figure : ""}<h3>${title()}</h3>${part(2)}${passage}${index % 3 ? "" : quote}</section>`;
  });
  const footnotes = Array.from({ length: notes }, (_, index) => footnote(random, index + 1));
  const contents = headings.map(
    (heading, index) =>
      `<li id="toc-${index}" class="${classes(random, 2)}"><a href="#section-${index}"><div class="${classes(random, 1)}"><span>${index + 1}</span><span>${heading}</span></div></a></li>`,
  );
  const facts = Array.from(
    { length: 16 },
    () =>
      `<tr><th scope="row">${noun()}</th><td>${wikiLink(noun())}, ${random.integer(1800, 2024)}${cited()}</td></tr>`,
  );
  const related = () =>
    `<div role="navigation" aria-label="${title()}" class="navbox"><table><tbody><tr><th colspan="2">${wikiLink(`${noun()} ${noun()}`)}</th></tr>${Array.from({ length: 6 }, () => `<tr><th scope="row">${noun()}</th><td><ul class="bar">${Array.from({ length: 9 }, () => `<li>${wikiLink(`${noun()} ${noun()}`)}</li>`).join("")}</ul></td></tr>`).join("")}</tbody></table></div>`;

  return framed(random, {
    title: "Handbook of the workshop",
    site: "Open Handbook",
    styles:
      "article{max-width:960px}figure,.infobox{float:right;width:260px}.navbox{clear:both;font-size:13px}.navbox .bar{flex-wrap:wrap}",
    main: `<article class="${classes(random)}"><h1>Handbook of the workshop</h1><p class="small">By ${person()} and ${person()}, updated <time datetime="2026-05-04">4 May 2026</time></p>
<table class="infobox"><caption>Facts</caption><tbody>${facts.join("")}</tbody></table><p>${text(8)}</p>
<nav aria-label="Contents"><h2>Contents</h2><ol>${contents.join("")}</ol></nav>${body.join("\n")}
<section aria-labelledby="notes"><h2 id="notes">References</h2><ol class="references">${footnotes.join("\n")}</ol></section>${Array.from({ length: 4 }, related).join("\n")}</article>`,
  });
}

/** A source: way back, author, title, publisher, and the machine-readable copies that nobody sees. */
function footnote(random: Random, number: number): string {
  const { title, paragraph, noun, person } = prose(random);
  const [name, author, year] = [title(), person(), random.integer(1950, 2024)];
  const address = `https://${noun()}-${noun()}.example/${year}/${random.token(8)}`;
  const copy = `ctx_ver=Z39.88-2004&amp;rft_val_fmt=info%3Aofi%2Ffmt%3Akev%3Amtx%3Ajournal&amp;rft.genre=article&amp;rft.atitle=${encodeURIComponent(name)}&amp;rft.date=${year}&amp;rft.au=${encodeURIComponent(author)}&amp;rft_id=${encodeURIComponent(address)}&amp;rfr_id=info%3Asid%2Fhandbook.example%3A${random.token(12)}`;
  const parameters = {
    author: { wt: author },
    title: { wt: name },
    date: { wt: `${year}` },
    url: { wt: address },
    quote: paragraph(5),
  };
  const template = JSON.stringify({
    parts: [
      { template: { target: { wt: "cite journal", href: "./Template:Cite_journal" }, params: parameters, i: 0 } },
    ],
  });
  return `<li id="cite-note-${number}" data-mw-footnote-number="${number}"><span class="mw-cite-backlink"><a href="#cite-ref-${number}" aria-label="Jump up to ${number}">^</a></span> <span class="reference-text"><cite class="citation journal cs1" about="#mwt${number}" typeof="mw:Transclusion" data-mw='${template}'>${author} (${year}). <a rel="nofollow" class="external text" href="${address}">"${name}"</a>. <i>${noun()} ${noun()}</i>: ${random.integer(1, 400)}.</cite><span title="${copy}" class="Z3988"></span></span></li>`;
}
