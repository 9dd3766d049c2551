import { seededRandom } from "../../tests/support/random.ts";
import { framed } from "./frame.ts";
import { classes, icon, trackedHref, wrapped } from "./markup.ts";
import { prose } from "./prose.ts";

/** The title of the third post, which leads to the form. */
export const thirdPostTitle = "Registration for the autumn workshop is open";

/** A board of 100 posts, each with votes, a title, its author, its topic, a time and its comments. */
export function listPage(): string {
  const random = seededRandom(1);
  const { title, person, handle, slug, noun } = prose(random);

  function post(index: number): string {
    const heading = index === 2 ? thirdPostTitle : title();
    const author = handle();
    const topic = noun();
    const votes = random.integer(0, 9_800);
    const comments = random.integer(0, 940);
    const path = `/t/${topic}/comments/${random.token(7)}/${slug(heading)}`;
    const outside = `https://${noun()}-${noun()}.example/${random.integer(2019, 2026)}/${slug(heading)}`;
    const target =
      index === 2
        ? "/form"
        : random.chance(0.6)
          ? `${outside}?utm_source=board&amp;utm_medium=social&amp;utm_campaign=${random.token(10)}`
          : path;
    const day = `2026-05-${String(random.integer(1, 30)).padStart(2, "0")}`;
    return `<article class="post ${classes(random)}" data-testid="post-container" data-fullname="t3_${random.token(7)}" data-rank="${index + 1}" data-promoted="false">
<div class="votes ${classes(random, 2)}"><button type="button" aria-label="Upvote" aria-pressed="false" data-click-id="upvote" class="${classes(random)}">${icon(random)}</button><span class="${classes(random, 1)}">${votes}</span><button type="button" aria-label="Downvote" aria-pressed="false" data-click-id="downvote" class="${classes(random)}">${icon(random)}</button></div>
${wrapped(
  random,
  2,
  `<h3 class="${classes(random)}"><a href="${target}" data-click-id="body" class="${classes(random)}">${heading}</a></h3>
<div class="meta bar"><span>Posted by</span><a href="/user/${author}/" data-testid="post_author_link" class="${classes(random, 2)}" title="${person()}">${author}</a><span aria-hidden="true">·</span><time datetime="${day}T${random.integer(10, 23)}:14:00Z" title="${day}">${random.integer(2, 23)} hours ago</time><span>in</span><a href="/t/${topic}/">${topic}</a></div>
<div class="bar"><a href="${trackedHref(random, path)}" data-click-id="comments" class="${classes(random)}">${icon(random)}<span>${comments} comments</span></a><button type="button" class="${classes(random)}">${icon(random)}<span>Share</span></button><button type="button" class="${classes(random)}">${icon(random)}<span>Save</span></button><button type="button" aria-haspopup="menu" aria-label="More options" class="${classes(random)}">${icon(random)}</button>
<div class="off" role="menu"><button role="menuitem">Hide</button><button role="menuitem">Report</button></div></div>`,
)}</article>`;
  }

  const posts = Array.from({ length: 100 }, (_, index) => post(index));
  return framed(random, {
    title: "Commons Board: hot",
    site: "Commons Board",
    styles: ".post{display:flex;gap:12px;border-bottom:1px solid #eee;padding:8px 0}.votes{width:56px}",
    main: `<h1>Hot posts</h1><div role="tablist" aria-label="Sort" class="bar">${["Hot", "New", "Top", "Rising"].map((tab, index) => `<button role="tab" aria-selected="${index === 0}">${tab}</button>`).join("")}</div>
<div data-testid="posts-list">${posts.join("\n")}</div><nav aria-label="Pages" class="bar"><a href="/list?after=${random.token(9)}" rel="next">Next page</a></nav>`,
  });
}
