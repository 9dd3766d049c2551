import { expect, test } from "vitest";
import { type BrowserRequest, judgeRequest } from "./judge-request.ts";
import { type RequestRule, readingPosts, telemetry, writingGets } from "./platform-requests.ts";

const request = (method: string, url: string, body = "", headers: Record<string, string> = {}): BrowserRequest => ({
  method,
  url,
  headers,
  body: Buffer.from(body),
});
const judge = (method: string, url: string, body?: string, headers?: Record<string, string>) =>
  judgeRequest(request(method, url, body, headers));
const form = (name: string) => `lsd=1&fb_api_req_friendly_name=${name}&doc_id=1`;

const posts: readonly { readonly url: string; readonly body?: string }[] = [
  { url: "https://x.com/i/api/graphql/c-CzHF1LboFilMpsx4ZCrQ/HomeTimeline" },
  { url: "https://x.com/i/api/graphql/BKB7oi212Fi7kQtCBGE4zA/HomeLatestTimeline" },
  { url: "https://api.x.com/graphql/abc_d/SearchTimeline?variables=%7B%7D" },
  { url: "https://www.reddit.com/svc/shreddit/more-comments/test/t3_abc?top-level=1", body: "cursor=1" },
  { url: "https://old.reddit.com/api/morechildren", body: "link_id=t3_abc" },
  { url: "https://www.reddit.com/svc/shreddit/graphql", body: '{"operation":"GetProfile","variables":{}}' },
  { url: "https://gql-fed.reddit.com/graphql", body: '{"operationName":"GetFeed","variables":{}}' },
  { url: "https://www.youtube.com/youtubei/v1/browse?prettyPrint=false" },
  { url: "https://www.youtube.com/youtubei/v1/search" },
  { url: "https://www.youtube.com/youtubei/v1/next" },
  { url: "https://youtubei.googleapis.com/youtubei/v1/player" },
  { url: "https://www.youtube.com/youtubei/v1/guide" },
  { url: "https://www.youtube.com/youtubei/v1/navigation/resolve_url" },
  { url: "https://www.youtube.com/youtubei/v1/reel/reel_item_watch" },
  { url: "https://www.youtube.com/youtubei/v1/live_chat/get_live_chat" },
  { url: "https://www.youtube.com/youtubei/v1/account/account_menu" },
  { url: "https://www.instagram.com/graphql/query", body: form("PolarisProfilePostsQuery") },
  { url: "https://www.instagram.com/graphql/query/", body: form("PolarisFeedTimelineRootV2Query") },
  { url: "https://www.instagram.com/api/graphql", body: form("PolarisSearchBoxRefetchableQuery") },
  { url: "https://www.instagram.com/ajax/bulk-route-definitions/", body: "route_urls[0]=/" },
  { url: "https://www.instagram.com/api/v1/feed/timeline/" },
];
const writingPosts: readonly { readonly url: string; readonly body?: string }[] = [
  { url: "https://x.com/i/api/graphql/q/CreateTweet" },
  { url: "https://x.com/i/api/graphql/q/FavoriteTweet" },
  { url: "https://x.com/i/api/graphql/SearchTimeline/CreateTweet" },
  { url: "https://x.com/i/api/graphql/q/SearchTimeline/CreateTweet" },
  { url: "https://x.com/i/api/graphql/q/CreateTweet?x=/SearchTimeline" },
  { url: "https://x.com/i/api/graphql/q/SomethingNew" },
  { url: "https://x.com/i/api/1.1/friendships/create.json" },
  { url: "https://www.reddit.com/api/vote" },
  { url: "https://www.reddit.com/svc/shreddit/t3_abc/create-comment" },
  { url: "https://www.reddit.com/svc/shreddit/graphql", body: '{"operation":"CreatePost"}' },
  {
    url: "https://www.reddit.com/svc/shreddit/graphql",
    body: '{"operation":"UpdatePostVoteState","operationName":"GetFeed"}',
  },
  { url: "https://www.reddit.com/svc/shreddit/graphql", body: '[{"operation":"GetFeed"},{"operation":"CreatePost"}]' },
  { url: "https://www.reddit.com/svc/shreddit/graphql", body: "not JSON" },
  { url: "https://www.reddit.com/svc/shreddit/graphql" },
  { url: "https://www.youtube.com/youtubei/v1/like/like" },
  { url: "https://www.youtube.com/youtubei/v1/subscription/subscribe" },
  { url: "https://www.youtube.com/youtubei/v1/comment/create_comment" },
  { url: "https://www.youtube.com/youtubei/v1/browse/edit_playlist" },
  { url: "https://www.instagram.com/graphql/query", body: form("usePolarisLikeMediaLikeMutation") },
  { url: "https://www.instagram.com/graphql/query", body: `${form("AQuery")}&fb_api_req_friendly_name=LikeMutation` },
  { url: "https://www.instagram.com/graphql/query", body: "doc_id=1" },
  { url: "https://www.instagram.com/api/v1/web/friendships/1/follow/" },
  { url: "https://www.tiktok.com/api/commit/item/digg/?type=1" },
  { url: "https://example.com/search" },
  { url: "https://example.com/youtubei/v1/browse" },
  { url: "https://x.com/youtubei/v1/browse" },
];
const gets = [
  "https://x.com/i/api/graphql/q/CreateTweet?variables=%7B%7D",
  "https://x.com/i/api/graphql/q/Follow",
  "https://x.com/i/api/graphql/q/DMMessageDeleteMutation",
  "https://x.com/i/api/graphql/q/ListAddMember",
  "https://x.com/i/api/1.1/friendships/create.json?user_id=1",
  "https://x.com/i/api/1.1/account/update_profile.json",
  "https://www.reddit.com/api/vote?id=t3_a&dir=1",
  "https://old.reddit.com//api/subscribe.json",
  "https://www.reddit.com/%61pi/vote",
  "https://www.reddit.com/svc/shreddit/t3_abc/create-comment",
  "https://www.tiktok.com/api/commit/item/digg/?aweme_id=1&type=1",
  "https://www.tiktok.com/api/commit/follow/user/?user_id=1",
  "https://www.youtube.com/youtubei/v1/like/like?videoId=1",
  "https://www.instagram.com/web/likes/1/like/",
  "https://www.instagram.com/api/v1/friendships/create/1/",
  "https://x.com/logout",
  "https://www.reddit.com/logout",
  "https://www.tiktok.com/passport/web/logout/",
  "https://www.youtube.com/logout",
  "https://accounts.google.com/Logout?continue=x",
  "https://www.instagram.com/accounts/logout/",
  "https://x.com/%E0%A4%A",
  "https://x.com/%252e%252e/logout",
];
const reports: readonly (readonly [method: string, url: string])[] = [
  ["POST", "https://x.com/i/api/1.1/jot/client_event.json"],
  ["POST", "https://www.reddit.com/svc/shreddit/events"],
  ["POST", "https://mcs.tiktokw.us/v1/list"],
  ["POST", "https://www.youtube.com/youtubei/v1/log_event?alt=json"],
  ["GET", "https://www.youtube.com/api/stats/watchtime?docid=1"],
  ["POST", "https://www.instagram.com/ajax/bz"],
];
const readGets = [
  "https://x.com/home",
  "https://x.com/i/api/graphql/q/TweetDetail?variables=%7B%7D",
  "https://x.com/i/api/graphql/q/Followers",
  "https://x.com/i/api/graphql/q/BlockedAccountsAll",
  "https://x.com/i/api/1.1/friendships/show.json",
  "https://www.reddit.com/r/test/comments/abc/create_a_thing/",
  "https://www.reddit.com/svc/shreddit/feeds/home-feed",
  "https://www.tiktok.com/api/recommend/item_list/",
  "https://www.tiktok.com/api/comment/list/?aweme_id=1",
  "https://www.youtube.com/watch?v=abc",
  "https://www.instagram.com/api/v1/users/web_profile_info/?username=a",
  "https://example.com/logout-explained",
  "blob:https://x.com/0b8f4a1e",
];

test.each(posts)("a POST that only reads passes, and the same by another method does not: $url", ({ url, body }) => {
  expect(judge("POST", url, body)).toBe("read");
  for (const method of ["PUT", "DELETE", "PATCH"]) expect(judge(method, url, body), method).not.toBe("read");
});

test.each(writingPosts)(
  "a POST that changes something, or that nobody knows, is refused: $url $body",
  ({ url, body }) => {
    expect(judge("POST", url, body)).toBe("write");
  },
);

test.each(gets)("a GET that changes something is refused: %s", (url) => {
  expect(judge("GET", url)).toBe("write");
  expect(judge("HEAD", url)).toBe("write");
});

test.each(reports)("a site's reports are refused without a word: %s %s", (method, url) => {
  expect(judge(method, url)).toBe("report");
});

test.each(readGets)("other GETs pass: %s", (url) => {
  expect(judge("GET", url)).toBe("read");
});

test("a method hidden in a header is no way round", () => {
  for (const name of ["X-HTTP-Method-Override", "x-method-override", "X-HTTP-Method"])
    expect(judge("GET", "https://x.com/home", "", { [name]: "POST" })).toBe("write");
});

/** Whether any of the addresses is this line's work: the verdict depends on it. */
function isSeen(rule: RequestRule, urls: readonly string[]): boolean {
  return urls.some((url) => {
    const { pathname } = new URL(url);
    return rule.path.test(pathname.replace(/\/{2,}/g, "/").replace(/(?<=.)\/$/, ""));
  });
}

test("no line of the tables is without an example above, and each says where it is known from", () => {
  const urls = [...posts.map(({ url }) => url), ...gets, ...reports.map(([, url]) => url)];
  const untested = [...readingPosts, ...writingGets, ...telemetry].filter((rule) => !isSeen(rule, urls));
  expect(untested.map(({ path }) => String(path))).toEqual([]);
  for (const { source } of [...readingPosts, ...writingGets, ...telemetry]) expect(source).not.toBe("");
});
