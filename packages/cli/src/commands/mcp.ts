import { serveMcpOnStdio } from "@stablehand/core/mcp-server";
import { Command } from "commander";
import { serverOf, serverOptions } from "../server-options.ts";

/** `stablehand mcp`: the tools of a running server, for a client that starts programs instead of opening addresses. */
export function mcpCommand(): Command {
  return serverOptions(
    new Command("mcp").description(
      "serve the Model Context Protocol on standard input and output, with a server's tools",
    ),
  ).action(async (options) => {
    const server = serverOf(options);
    await serveMcpOnStdio((method, path, body) => server.call(method, path, body));
  });
}
