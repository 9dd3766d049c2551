import { Card } from "../parts/card.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { CodeBlock } from "./structured-content.tsx";

/**
 * The page on which a task ended.
 *
 * Shown in a frame that may run nothing, send nothing, load nothing and lead nowhere: `sandbox` says the first, and the
 * dashboard's own policy, which the frame inherits, the others.
 */
export function HtmlDump({ html }: { readonly html: string }) {
  return (
    <Card
      title="Last page"
      description="As the task's browser had it at the end: without styles, pictures and scripts."
    >
      <Tabs
        label="Last page"
        tabs={[
          {
            id: "page",
            title: "Page",
            content: (
              <iframe
                title="The last page, inert"
                sandbox=""
                srcDoc={html}
                className="h-96 w-full rounded-lg border bg-white [color-scheme:light]"
              />
            ),
          },
          { id: "source", title: "Source", content: <CodeBlock text={html} what="the source" /> },
        ]}
      />
    </Card>
  );
}
