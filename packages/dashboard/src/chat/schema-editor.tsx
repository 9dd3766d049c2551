import { CircleCheck } from "lucide-react";
import { Button } from "../parts/button.tsx";
import { TextArea } from "../parts/field.tsx";
import { checkSchema } from "./check-schema.ts";
import { starters } from "./schema-starters.ts";

/** A JSON Schema as text, judged at each key. */
export function SchemaEditor({ text, onChange }: { readonly text: string; readonly onChange: (text: string) => void }) {
  const { problem } = text.trim() === "" ? { problem: null } : checkSchema(text);
  const isGood = text.trim() !== "" && problem === null;
  return (
    <div className="grid gap-2.5">
      <TextArea
        label="JSON Schema of the answer"
        value={text}
        onChange={(event) => onChange(event.target.value)}
        rows={text ? 9 : 3}
        spellCheck={false}
        className="font-mono text-xs leading-5"
        problem={problem}
        hint={
          isGood ? (
            <span className="inline-flex items-center gap-1.5 text-good">
              <CircleCheck aria-hidden className="size-3.5" />
              The answer's data will conform to it.
            </span>
          ) : (
            "The answer's data then conforms to it, and is shown as a table. Begin with one of these:"
          )
        }
      />
      <div className="flex flex-wrap gap-2">
        {starters.map(([title, schema]) => (
          <Button key={title} size="small" onClick={() => onChange(JSON.stringify(schema, null, 2))}>
            {title}
          </Button>
        ))}
        {text && (
          <Button size="small" variant="quiet" onClick={() => onChange("")}>
            No schema
          </Button>
        )}
      </div>
    </div>
  );
}
