import { seededRandom } from "../../tests/support/random.ts";
import { framed } from "./frame.ts";
import { classes, icon, image, trackedHref, wrapped } from "./markup.ts";
import { prose } from "./prose.ts";

/** A shop's category: filters, sorting, 60 products with prices, ratings and their buttons, and pages. */
export function shopPage(): string {
  const random = seededRandom(5);
  const { title, noun, slug } = prose(random);

  function product(): string {
    const name = title();
    const id = random.token(10).toUpperCase();
    const price = `${random.integer(4, 480)}.${random.pick(["00", "49", "90", "99"])}`;
    const href = trackedHref(random, `/shop/${slug(name)}/dp/${id}`);
    const rating = `${random.integer(2, 4)}.${random.integer(0, 9)}`;
    return `<li class="card ${classes(random)}" data-asin="${id}" data-component-type="s-search-result" data-index="${random.integer(0, 999)}">${wrapped(
      random,
      4,
      `<a href="${href}" tabindex="-1" aria-hidden="true">${image(random, name, 218)}</a>${random.chance(0.2) ? '<span class="badge">Best seller</span>' : ""}
<h2 class="small"><a href="${href}" class="${classes(random)}"><span>${name}</span></a></h2>
<div class="bar"><a href="${href}#reviews" aria-label="${rating} out of 5 stars, ${random.integer(3, 9_400)} ratings">${Array.from({ length: 5 }, () => icon(random)).join("")}</a></div>
<div class="${classes(random)}"><span class="sr-only">€${price}</span><span aria-hidden="true"><span>€</span><span>${price.split(".")[0]}</span><sup>${price.split(".")[1]}</sup></span>${random.chance(0.3) ? `<s>€${random.integer(481, 900)}.00</s>` : ""}</div>
<p class="small">Delivery <b>${random.pick(["tomorrow", "on Friday", "in 3 to 5 days"])}</b></p>
<div class="bar">${["Natural", "Black", "Blue"].map((colour) => `<button type="button" aria-label="Colour: ${colour}" aria-pressed="false" class="${classes(random, 2)}"></button>`).join("")}</div>
<div class="bar"><button type="button" name="add" data-csa-c-type="action" class="${classes(random)}">Add to cart</button><button type="button" aria-label="Add to wish list" class="${classes(random)}">${icon(random)}</button></div>`,
    )}</li>`;
  }

  const filter = (name: string, options: readonly string[]) =>
    `<div class="${classes(random)}" role="group" aria-label="${name}"><h3 class="small">${name}</h3><ul>${options
      .map(
        (option) =>
          `<li><label class="${classes(random)}"><input type="checkbox" class="sr-only" name="${slug(name)}" value="${random.token(8)}"><i aria-hidden="true" class="box"></i><span>${option}</span> <span class="small">(${random.integer(1, 800)})</span></label></li>`,
      )
      .join("")}</ul></div>`;

  return framed(random, {
    title: "Tools and paper",
    site: "Paper & Press",
    styles:
      ".shell{display:grid;grid-template-columns:220px 1fr;gap:16px}ul{list-style:none;padding:0}.box{display:inline-block;width:14px;height:14px;border:1px solid #555}",
    main: `<nav aria-label="Breadcrumb"><ol class="bar"><li><a href="/">Home</a></li><li><a href="/shop">Shop</a></li><li aria-current="page">Tools and paper</li></ol></nav>
<h1>Tools and paper</h1><div class="bar"><p role="status">1–60 of over 3,000 results</p><label for="sort">Sort by</label><select id="sort"><option selected>Featured</option><option>Price: low to high</option><option>Price: high to low</option><option>Customer rating</option><option>Newest</option></select></div>
<div class="shell"><aside aria-label="Filters">${filter(
      "Brand",
      Array.from({ length: 14 }, () => `${noun()} &amp; ${noun()}`),
    )}${filter("Material", ["Cotton", "Linen", "Recycled", "Hemp", "Wood pulp"])}${filter("Availability", ["In stock", "Ready to ship", "Pre-order"])}
<div role="group" aria-label="Price"><label>From <input type="number" name="low" placeholder="0"></label><label>To <input type="number" name="high" placeholder="500"></label><button type="button">Apply price</button></div></aside>
<ul class="grid" aria-label="Products">${Array.from({ length: 60 }, product).join("\n")}</ul></div>
<nav aria-label="Pagination" class="bar">${[1, 2, 3, 4, 50].map((number) => (number === 1 ? '<span aria-current="page">1</span>' : `<a href="${trackedHref(random, "/shop")}&amp;page=${number}" aria-label="Page ${number}">${number}</a>`)).join("")}<a href="/shop?page=2" rel="next">Next</a></nav>`,
  });
}
