/** Schemas to begin with. */
export const starters: readonly (readonly [title: string, schema: object])[] = [
  [
    "A list of posts",
    {
      type: "array",
      items: {
        type: "object",
        properties: { author: { type: "string" }, text: { type: "string" }, likes: { type: "integer" } },
        required: ["author", "text"],
      },
    },
  ],
  [
    "One record",
    {
      type: "object",
      properties: { name: { type: "string" }, followers: { type: "integer" }, verified: { type: "boolean" } },
      required: ["name"],
    },
  ],
  [
    "One of several answers",
    { type: "object", properties: { answer: { enum: ["yes", "no", "unclear"] } }, required: ["answer"] },
  ],
];
