import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { type CallApi, offerTools } from "./mcp-tools.ts";

const instructions =
  "Stablehand keeps the session cookies of a business's end-users and does tasks in real browsers that are signed in with them. " +
  "Cookies are stored and deleted through its API or command line, never through these tools.";

function createServer(call: CallApi): McpServer {
  const server = new McpServer({ name: "stablehand", version: "1" }, { instructions });
  offerTools(server, call);
  return server;
}

/**
 * Answers one POST of the streamable HTTP transport, in JSON and without a session, so that any API process can.
 *
 * `body` is the request's JSON. The answer's body is empty for a notification.
 */
export async function answerMcp(request: Request, body: unknown, call: CallApi): Promise<Response> {
  const server = createServer(call);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  try {
    await server.connect(transport);
    return await transport.handleRequest(request, { parsedBody: body });
  } finally {
    await server.close();
  }
}

/** Serves one client on standard input and output, until it closes them. Nothing else may be written to standard output. */
export async function serveMcpOnStdio(call: CallApi): Promise<void> {
  const server = createServer(call);
  const closed = new Promise<void>((resolve) => {
    server.server.onclose = resolve;
    process.stdin.once("end", resolve);
  });
  await server.connect(new StdioServerTransport());
  await closed;
  await server.close();
}
