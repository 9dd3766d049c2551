import type { Site } from "./sites.ts";

/** A page of a fake platform. `body` and `script` are trusted HTML and JavaScript of ours. */
function page(title: string, colour: string, body: string, script = ""): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,"><style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: ${colour}; font: 16px/1.5 system-ui, sans-serif }
  main { background: #fff; color: #222; padding: 2.5rem 3rem; border-radius: 1rem; box-shadow: 0 1rem 3rem #0006; max-width: 26rem }
  h1 { margin: 0 0 .5rem; color: ${colour}; font-size: 1.6rem } p { margin: .5rem 0 } small { color: #777 }
  .captcha_verify_container { position: fixed; inset: 20%; background: #fffd; padding: 2rem; border: 3px solid ${colour} }
</style></head><body><main>${body}<p><small>A fake for tests: no real platform is involved.</small></p></main>
${script ? `<script>${script}</script>` : ""}</body></html>`;
}

/** Says who is signed in; with `script` also does something. */
export function signedInPage(site: Site, name: string, script = ""): string {
  return page(site.title, site.colour, `<h1>${site.title}</h1><p>Signed in as <b>${name}</b></p>`, script);
}

/** What the fake feeds show, the newest first. */
export const feedPosts = [
  { author: "nina", text: "The harbour at six in the morning", likes: 128 },
  { author: "otto", text: "Rye bread, second attempt", likes: 42 },
  { author: "pia", text: "We moved the database on a Friday", likes: 1_204 },
  { author: "quinn", text: "Looking for a bassist", likes: 7 },
] as const;

/** The feed of whoever is signed in, and a form to post with; each post can be liked. */
export function feedPage(site: Site, name: string): string {
  const posts = feedPosts
    .map(
      ({ author, text, likes }) =>
        `<article><h2>@${author}</h2><p>${text}</p><p>${likes} likes</p><form method="post" action="/like/${author}"><button>Like @${author}</button></form></article>`,
    )
    .join("");
  const compose = `<form method="post" action="/compose"><label>New post <textarea name="text"></textarea></label><button>Post</button></form>`;
  return page(`Home / ${site.title}`, site.colour, `<h1>${name}'s feed</h1>${compose}${posts}`);
}

/** A page that shows the cookies that its script can read, in text, title and address. */
export function echoPage(site: Site, name: string): string {
  const script = `
    document.title = document.cookie;
    document.querySelector("main").append(document.cookie, document.createElement("input"));
    document.querySelector("input").value = document.cookie;
    history.replaceState(null, "", "?" + encodeURIComponent(document.cookie));`;
  return page(site.title, site.colour, `<h1>Hello ${name}</h1>`, script);
}

/** The page a visitor must sign in on. */
export function loginPage(site: Site): string {
  return page(`Sign in to ${site.title}`, site.colour, `<h1>${site.title}</h1><p>Please sign in to go on.</p>`);
}

/** The page a doubted visitor gets. */
export function challengePage(site: Site): string {
  return page(`Check at ${site.title}`, site.colour, `<h1>${site.title}</h1><p>Prove that it is really you.</p>`);
}

/** The page asked for, covered by TikTok's captcha. */
export function captchaOverlayPage(site: Site): string {
  const overlay = `<div class="captcha_verify_container">Drag the slider to fit the puzzle.</div>`;
  return page(site.title, site.colour, `<h1>${site.title}</h1>${overlay}`);
}

/** A page without content that runs `script`. */
export function scriptPage(site: Site, script: string): string {
  return page(site.title, site.colour, `<h1>${site.title}</h1><p>One moment…</p>`, script);
}

/** A page that says only `text`. */
export function plainPage(text: string): string {
  return page(text, "#445", `<h1>${text}</h1>`);
}
