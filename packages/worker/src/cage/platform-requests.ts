import type { Platform } from "@stablehand/contract";

/** How a platform names an operation in the body of a request, where its address does not. */
export type OperationField = "form fb_api_req_friendly_name" | "json operation" | "json operationName";

/** Requests of one kind, by the path of their address: decoded, no doubled and no last slash. */
export interface RequestRule {
  readonly platform: Platform;
  readonly path: RegExp;
  /** What the body has to say too, as one of `in` and only so. */
  readonly operation?: { readonly in: OperationField; readonly is: RegExp };
  /** Where this is known from, or why it stands here. */
  readonly source: string;
}

const graphql = (names: string) => new RegExp(`^/(?:i/api/)?graphql/[\\w-]+/(?:${names})$`);
const innertube = (names: string, flags = "") => new RegExp(`^/youtubei/v1/(?:${names})$`, flags);

const xClient = "X's web client, as public clients of its private API call it (twikit, twscrape), 2025-26";
const redditPage = "reddit.com's own pages, partials with method=post, 2026";
const oldReddit = "reddit.com/dev/api, 2026";
const youtubeClient = "YouTube's web client (Innertube), as yt-dlp and YouTube.js call it, 2026";
const instagramClient =
  "Instagram's web client: Relay's compiler makes a query's name end in Query and a change's in Mutation";
const tiktokClient = "TikTok's web client, its endpoint registry as public clients list it, 2026";

/** What only reads although it is a POST. All other requests but GET, HEAD and OPTIONS are refused in a read-only task. */
export const readingPosts: readonly RequestRule[] = [
  {
    platform: "twitter",
    path: graphql("HomeTimeline|HomeLatestTimeline|SearchTimeline"),
    source: `${xClient}: the lists that also send what was seen before`,
  },
  { platform: "reddit", path: /^\/svc\/shreddit\/more-comments\/[^?]+$/, source: redditPage },
  { platform: "reddit", path: /^\/api\/morechildren(?:\.json)?$/, source: oldReddit },
  {
    platform: "reddit",
    path: /^\/svc\/shreddit\/graphql$/,
    operation: { in: "json operation", is: /^Get[A-Z]\w*$/ },
    source: "the same address takes every change (CreatePost, UpdatePostVoteState), so it is the name that counts",
  },
  {
    platform: "reddit",
    path: /^\/graphql$/,
    operation: { in: "json operationName", is: /^Get[A-Z]\w*$/ },
    source: "gql-fed.reddit.com, by the same rule",
  },
  {
    platform: "youtube",
    path: innertube("browse|search|next|player|guide|get_watch|get_transcript|get_panel|updated_metadata"),
    source: youtubeClient,
  },
  {
    platform: "youtube",
    path: innertube("navigation/resolve_url|music/get_search_suggestions"),
    source: youtubeClient,
  },
  { platform: "youtube", path: innertube("reel/reel_item_watch|reel/reel_watch_sequence"), source: youtubeClient },
  {
    platform: "youtube",
    path: innertube("live_chat/get_live_chat|live_chat/get_live_chat_replay"),
    source: youtubeClient,
  },
  {
    platform: "youtube",
    path: innertube("account/account_menu|account/accounts_list|notification/get_unseen_count"),
    source: `${youtubeClient}; not get_notification_menu, which marks all as seen`,
  },
  {
    platform: "instagram",
    path: /^\/(?:api\/graphql|graphql\/query)$/,
    operation: { in: "form fb_api_req_friendly_name", is: /^[A-Z]\w*Query$/ },
    source: instagramClient,
  },
  {
    platform: "instagram",
    path: /^\/ajax\/(?:bulk-)?route-definitions?$/,
    source: "Instagram's web client asks it which code a link of the page needs, 2026",
  },
  {
    platform: "instagram",
    path: /^\/api\/v1\/(?:feed\/timeline|feed\/reels_media|clips\/home|clips\/user)$/,
    source: "Instagram's web client, as instagrapi calls it, 2026",
  },
];

const xChanges =
  "Create|Delete|Favorite|Unfavorite|Retweet|Unretweet|Follow|Unfollow|Block|Unblock|Mute|Unmute|Pin|Unpin|Send|Join|Leave|Update|Edit|Remove|Add";

/** What changes something although it is a GET, or would if its server took it by GET. Refused in a read-only task. */
export const writingGets: readonly RequestRule[] = [
  {
    platform: "twitter",
    path: graphql(`(?:${xChanges})(?:[A-Z]\\w*)?`),
    source: `${xClient}; Followers, in one word, is a list`,
  },
  {
    platform: "twitter",
    path: graphql("\\w*Mutation\\w*|List(?:Add|Remove|Subscribe|Unsubscribe|Mute|Unmute|Pin)\\w*|bookmarkTweet\\w*"),
    source: xClient,
  },
  {
    platform: "twitter",
    path: /^\/(?:i\/api\/)?(?:1\.1|2|graphql)\/(?:.+\/)?(?:create|destroy|update|update_profile|new|add|delete|remove|accept|deny|report|logout)(?:_all)?(?:\.json)?$/i,
    source: "X's REST API 1.1: the verb is the last part of the path",
  },
  {
    platform: "reddit",
    path: /^\/api\/(?:vote|comment|submit|subscribe|save|unsave|hide|unhide|del|editusertext|report|compose|friend|unfriend|block_user|follow_post|read_message|unread_message|read_all_messages|site_admin|selectflair|approve|remove|lock|unlock)(?:\.json)?$/i,
    source: oldReddit,
  },
  {
    platform: "reddit",
    path: /^\/svc\/shreddit\/(?:.+\/)?(?:create-\w+|delete-\w+|update-\w+|edit-\w+|account\/logout)$/i,
    source: redditPage,
  },
  {
    platform: "tiktok",
    path: /^\/(?:tiktok\/v\d\/)?api\/(?:commit|item\/collect|comment\/(?:publish|delete)|relation\/\w+)(?:\/.*)?$/i,
    source: `${tiktokClient}; likes and follows carry all they need in the query`,
  },
  {
    platform: "youtube",
    path: innertube(
      "(?:like|subscription|comment|flag|feedback|playlist|share|notification|channel_edit)(?:/.*)?",
      "i",
    ),
    source: youtubeClient,
  },
  {
    platform: "youtube",
    path: /^\/api\/stats\/(?:playback|watchtime|delayplay)$/i,
    source: `${youtubeClient}: the player reports by GET, and the user's watch history grows`,
  },
  {
    platform: "instagram",
    path: /^\/(?:api\/v1\/)?(?:web\/)?(?:likes|save|friendships|comments|media)\/(?:.+\/)?(?:like|unlike|save|unsave|create|destroy|follow|unfollow|block|unblock|add|delete|bulk_delete|remove)(?:\/\d+)?$/i,
    source: "Instagram's web client, as instagrapi calls it, 2026",
  },
  ...(["twitter", "reddit", "tiktok", "youtube", "instagram"] as const).map((platform) => ({
    platform,
    path: /^\/(?:accounts\/|passport\/web\/|i\/flow\/)?(?:logout|signout|logoutoptions)(?:\/.*)?$/i,
    source: "an image with this address signs the end-user out (YouTube's and Google's do so by GET)",
  })),
];

/** What sites report about their visitors. Refused like every change, and not worth telling the model. */
export const telemetry: readonly RequestRule[] = [
  {
    platform: "twitter",
    path: /^\/(?:i\/api\/)?1\.1\/(?:jot\/.+|graphql\/user_flow\.json|live_pipeline\/.+)$/i,
    source: xClient,
  },
  {
    platform: "reddit",
    path: /^\/(?:svc\/shreddit\/)?(?:events|reports|perfmetrics|token)(?:\/.*)?$/i,
    source: redditPage,
  },
  {
    platform: "tiktok",
    path: /^\/(?:v1\/list|web\/(?:report|common)|service\/2\/.+|report\/.+)$/i,
    source: tiktokClient,
  },
  {
    platform: "youtube",
    path: /^\/(?:youtubei\/v1\/(?:log_event|att\/\w+)|api\/stats\/.+|ptracking|log|generate_204|error_204|\$rpc\/.+|rotatecookies)$/i,
    source: youtubeClient,
  },
  {
    platform: "instagram",
    path: /^\/(?:ajax\/(?:bz|qm|bootloader-endpoint|logging)|logging(?:\/.+|_client_events)|sync\/instagram)$/i,
    source: instagramClient,
  },
];
