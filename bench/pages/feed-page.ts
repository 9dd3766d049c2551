import { seededRandom } from "../../tests/support/random.ts";
import { framed } from "./frame.ts";
import { classes, icon, image, trackedHref, wrapped } from "./markup.ts";
import { prose } from "./prose.ts";

/** A social feed: a composer, 40 cards with their row of actions, and a column of suggestions. */
export function feedPage(): string {
  const random = seededRandom(4);
  const { paragraph, person, handle, title, noun, sentence } = prose(random);
  const count = () =>
    random.chance(0.3) ? `${random.integer(1, 40)}.${random.integer(1, 9)}K` : `${random.integer(0, 999)}`;

  function action(name: string, amount: string): string {
    return `<div class="${classes(random, 2)}"><button type="button" aria-label="${amount} ${name}" data-testid="${name.toLowerCase()}" class="${classes(random)}"><div dir="ltr" class="${classes(random)}">${icon(random)}<span data-testid="count"><span>${amount}</span></span></div></button></div>`;
  }

  function card(): string {
    const name = person();
    const at = handle();
    const id = `${random.integer(17, 18)}${random.integer(10_000_000, 99_999_999)}${random.integer(10_000_000, 99_999_999)}`;
    const words = paragraph(random.integer(1, 3)).replace(
      /the (\w+)/,
      `<a href="/hashtag/$1?src=hashtag_click" class="${classes(random, 2)}">#$1</a>`,
    );
    const media = random.chance(0.4)
      ? `<a href="/${at}/status/${id}/photo/1" class="${classes(random)}">${image(random, random.chance(0.5) ? "Image" : sentence(), 506)}</a>`
      : "";
    const preview = random.chance(0.3)
      ? `<a href="https://t.example/${random.token(10)}?amp=1&amp;s=${random.token(30)}" rel="noopener noreferrer nofollow" target="_blank" class="${classes(random)}"><div class="${classes(random)}"><span>${noun()}.example</span><span>${title()}</span></div></a>`
      : "";
    const menu = `<button type="button" aria-haspopup="menu" aria-expanded="false" aria-label="More" data-testid="caret">${icon(random)}</button>`;
    return `<div data-testid="cellInnerDiv" class="${classes(random)}"><article aria-labelledby="n-${id} t-${id}" role="article" tabindex="-1" data-testid="tweet" class="card ${classes(random, 6)}">${wrapped(
      random,
      3,
      `<div class="bar"><a href="/${at}" aria-hidden="true" tabindex="-1">${image(random, "", 40)}</a><div class="${classes(random, 4)}" data-testid="User-Name"><a id="n-${id}" href="/${at}" class="${classes(random)}"><span>${name}</span></a>${random.chance(0.4) ? `<svg aria-label="Verified account" role="img" viewBox="0 0 22 22" width="18" height="18"><path d="M20.4 11l-2 1 .5 3-3 .5-2 2z"></path></svg>` : ""}<a href="/${at}" tabindex="-1"><span>@${at}</span></a><span aria-hidden="true">·</span><a href="/${at}/status/${id}" aria-label="${random.integer(1, 23)} hours ago"><time datetime="2026-05-04T09:12:00.000Z">${random.integer(1, 23)}h</time></a></div>${menu}</div>
<div dir="auto" lang="en" id="t-${id}" data-testid="tweetText" class="${classes(random, 4)}"><span class="${classes(random, 2)}">${words}</span></div>${media}${preview}
<div role="group" aria-label="${count()} replies, ${count()} reposts, ${count()} likes, ${count()} views" class="bar">${action("Reply", count())}${action("Repost", count())}${action("Like", count())}<a href="/${at}/status/${id}/analytics" aria-label="${count()} views. View post analytics">${icon(random)}<span>${count()}</span></a><button type="button" aria-label="Bookmark">${icon(random)}</button><button type="button" aria-label="Share post" aria-haspopup="menu">${icon(random)}</button></div>`,
    )}</article></div>`;
  }

  const suggestion = () => {
    const name = person();
    const at = handle();
    return `<li class="bar" data-testid="UserCell"><a href="${trackedHref(random, `/${at}`)}"><span>${name}</span><span>@${at}</span></a><button type="button" aria-label="Follow @${at}"><span>Follow</span></button></li>`;
  };
  const navigation = ["Home", "Explore", "Notifications", "Messages", "Lists", "Bookmarks", "Communities", "Profile"]
    .map(
      (name) =>
        `<a href="/${name.toLowerCase()}" aria-label="${name}" class="${classes(random)}">${icon(random)}<span>${name}</span></a>`,
    )
    .join("");

  return framed(random, {
    title: "Home / Plaza",
    site: "Plaza",
    styles: ".shell{display:grid;grid-template-columns:200px 1fr 300px;gap:16px}.shell nav a{display:block}",
    main: `<div class="shell"><nav aria-label="Main">${navigation}</nav><section aria-labelledby="timeline"><h1 id="timeline" class="sr-only">Your home timeline</h1>
<div class="bar" role="tablist"><a role="tab" aria-selected="true" href="/home">For you</a><a role="tab" aria-selected="false" href="/home/following">Following</a></div>
<div class="card"><div role="textbox" contenteditable="true" aria-multiline="true" aria-label="Post text" data-testid="tweetTextarea_0" class="public-DraftEditor-content"></div><div class="bar"><button type="button" aria-label="Add photos or video">${icon(random)}</button><button type="button" aria-label="Add an emoji">${icon(random)}</button><button type="button" disabled>Post</button></div></div>
<div aria-label="Timeline: Your home timeline">${Array.from({ length: 40 }, card).join("\n")}</div></section>
<aside aria-label="Suggestions"><h2>Who to follow</h2><ul>${Array.from({ length: 8 }, suggestion).join("")}</ul><h2>Trends for you</h2><ul>${Array.from({ length: 10 }, () => `<li><a href="${trackedHref(random, "/search")}"><span>Trending</span> <span>${noun()} ${noun()}</span> <span>${count()} posts</span></a></li>`).join("")}</ul></aside></div>`,
  });
}
