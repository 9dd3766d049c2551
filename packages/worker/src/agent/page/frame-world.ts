import type { CDPSession, Frame, Page } from "playwright-core";
import { type Toolkit, toolkitExpression } from "./in-page/toolkit.ts";

/** Our isolated world in one document. */
export interface FrameWorld {
  /** Of the document, see `Toolkit.identity`. */
  readonly identity: string;
  /** The frame element in the parent's world that holds this document; null for the page itself. */
  readonly parent: { readonly world: FrameWorld; readonly index: number } | null;
  /** Runs one of the toolkit's functions there. Errors: WorldGoneError; never resolves in a page that hangs. */
  call<Name extends keyof Toolkit>(
    name: Name,
    ...values: Parameters<Toolkit[Name]>
  ): Promise<Awaited<ReturnType<Toolkit[Name]>>>;
  /** The world of the document in the frame element with this number; null when it cannot be entered. */
  enter(index: number): Promise<FrameWorld | null>;
}

/** The document has been replaced or its frame removed. */
export class WorldGoneError extends Error {
  override readonly name = "WorldGoneError";
}

/** Our code failed in the page: a fault of ours, or a page that we do not understand. */
export class PageReaderError extends Error {
  override readonly name = "PageReaderError";
}

/** The worlds of one tab. */
export interface TabWorlds {
  /** The world of the page's own document. */
  main(): Promise<FrameWorld>;
}

/**
 * Prepares isolated worlds by CDP: the page shares our DOM, but neither our variables nor our prototypes.
 *
 * Not Playwright's own utility world, which its public interface does not lend.
 */
export function createTabWorlds(page: Page, session: CDPSession): TabWorlds {
  const ownSessions = new Map<Frame, CDPSession | null>();

  /** Frames of other sites have a process and a session of their own. */
  async function sessionsOfFrames(): Promise<CDPSession[]> {
    const frames = page.frames().slice(1, framesMax);
    await Promise.all(
      frames.map(async (frame) => {
        if (ownSessions.get(frame)) return;
        const own = await page
          .context()
          .newCDPSession(frame)
          .catch(() => null);
        own?.once("close", () => ownSessions.delete(frame));
        ownSessions.set(frame, own);
      }),
    );
    for (const frame of ownSessions.keys()) if (frame.isDetached()) ownSessions.delete(frame);
    return [...ownSessions.values()].filter((own) => own !== null);
  }

  async function openAnywhere(frameId: string, likely: CDPSession, parent: FrameWorld["parent"]) {
    const first = await openWorld(likely, frameId, parent).catch(() => null);
    if (first) return first;
    for (const own of await sessionsOfFrames()) {
      const world = await openWorld(own, frameId, parent).catch(() => null);
      if (world) return world;
    }
    return null;
  }

  async function openWorld(owner: CDPSession, frameId: string, parent: FrameWorld["parent"]): Promise<FrameWorld> {
    const { executionContextId: contextId } = await owner.send("Page.createIsolatedWorld", {
      frameId,
      worldName: "stablehand",
    });
    const evaluate = async (expression: string, returnByValue: boolean) => {
      const answer = await owner
        .send("Runtime.evaluate", { expression, contextId, returnByValue, awaitPromise: true })
        .catch((error: unknown) => {
          throw new WorldGoneError("the document is gone", { cause: error });
        });
      if (answer.exceptionDetails) throw new PageReaderError(whereOf(answer.exceptionDetails));
      return answer.result;
    };
    const { value: identity } = await evaluate(`${toolkitExpression}.identity()`, true);

    const world: FrameWorld = {
      identity: String(identity),
      parent,
      async call(name, ...values) {
        const { value } = await evaluate(`stablehand.${name}(...${JSON.stringify(values)})`, true);
        return value; // typed any by Playwright; the toolkit's own return type holds, since only its code answers
      },
      async enter(index) {
        const { objectId } = await evaluate(`stablehand.element(${index})`, false);
        if (!objectId) return null;
        const { node } = await owner.send("DOM.describeNode", { objectId });
        return node.frameId ? openAnywhere(node.frameId, owner, { world, index }) : null;
      },
    };
    return world;
  }

  return {
    async main() {
      const { frameTree } = await session.send("Page.getFrameTree");
      return openWorld(session, frameTree.frame.id, null);
    },
  };
}

const framesMax = 30;

function whereOf(details: { readonly exception?: { readonly description?: string } }): string {
  return details.exception?.description?.split("\n").slice(0, 3).join(" ").slice(0, 300) ?? "no description";
}
