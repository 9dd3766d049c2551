import type { CDPSession } from "playwright-core";
import { type DesignToolkit, designToolkitExpression } from "./in-page.ts";

/** Our isolated world in the page's document: it shares the DOM, but neither variables nor prototypes. */
export interface DesignWorld {
  /** Runs one of the toolkit's functions there. Never resolves in a page that hangs. */
  call<Name extends Exclude<keyof DesignToolkit, "showTree">>(
    name: Name,
    ...values: Parameters<DesignToolkit[Name]>
  ): Promise<Awaited<ReturnType<DesignToolkit[Name]>>>;
  /** Lets the toolkit into the closed shadow tree that this node stands in, by the browser's number. */
  showTree(backendNodeId: number): Promise<void>;
}

/** Opens the world in the document that is there now. Errors: when the document is replaced, calls reject. */
export async function openDesignWorld(session: CDPSession): Promise<DesignWorld> {
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId: contextId } = await session.send("Page.createIsolatedWorld", {
    frameId: frameTree.frame.id,
    worldName: "stablehand-design",
  });
  return {
    async call(name, ...values) {
      const expression = `${designToolkitExpression}.${name}(...${JSON.stringify(values)})`;
      const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
        expression,
        contextId,
        returnByValue: true,
        awaitPromise: true,
      });
      if (exceptionDetails)
        throw new Error(exceptionDetails.exception?.description?.slice(0, 300) ?? "failed in the page");
      return result.value; // typed any by Playwright; only our own code answers, so the toolkit's type holds
    },
    async showTree(backendNodeId) {
      const { object } = await session.send("DOM.resolveNode", { backendNodeId, executionContextId: contextId });
      if (!object.objectId) return;
      await session.send("Runtime.callFunctionOn", {
        objectId: object.objectId,
        functionDeclaration: `function () { ${designToolkitExpression}.showTree(this); }`,
      });
    },
  };
}
