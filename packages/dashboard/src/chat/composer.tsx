import type { Platform, TaskRequest } from "@stablehand/sdk";
import { ArrowUp, SlidersHorizontal } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useId, useState } from "react";
import { Button } from "../parts/button.tsx";
import { classNames } from "../parts/class-names.ts";
import { Checkbox, Choice, TextField } from "../parts/field.tsx";
import { Refused } from "../parts/states.tsx";
import { platformNames, platforms } from "../platforms.ts";
import { checkSchema } from "./check-schema.ts";
import { SchemaEditor } from "./schema-editor.tsx";

/** A task as it is put together here. */
export type Draft = Omit<TaskRequest, "endUserId" | "sessionId">;

const stepsMax = 25;

/** Where a task is written. It is emptied once `onSend` has resolved; what is chosen beside it stays for the next. */
export function Composer({
  isFollowUp,
  busy,
  error,
  onSend,
}: {
  readonly isFollowUp: boolean;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSend: (draft: Draft) => Promise<unknown>;
}) {
  const [task, setTask] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [mode, setMode] = useState<"act" | "read">("read");
  const [startUrl, setStartUrl] = useState("");
  const [chosen, setChosen] = useState<readonly Platform[]>([]);
  const [maxSteps, setMaxSteps] = useState(String(stepsMax));
  const [schemaText, setSchemaText] = useState("");
  const options = useId();
  const checked = schemaText.trim() === "" ? null : checkSchema(schemaText);
  const canSend = task.trim() !== "" && !checked?.problem && !busy;
  const amount =
    (startUrl ? 1 : 0) + chosen.length + (schemaText.trim() ? 1 : 0) + (maxSteps === String(stepsMax) ? 0 : 1);

  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (!canSend) return;
    const draft: Draft = {
      task,
      mode,
      ...(startUrl && { startUrl }),
      ...(chosen.length > 0 && { platforms: chosen }),
      ...(maxSteps !== String(stepsMax) && { maxSteps: Number(maxSteps) }),
      ...(checked?.schema && { schema: checked.schema }),
    };
    onSend(draft).then(
      () => setTask(""),
      () => undefined, // it is shown as `error`, and the text stays
    );
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form onSubmit={send} className="grid gap-2">
      <Refused error={error} />
      <div className="rounded-2xl border border-line-strong bg-surface shadow-lg has-[textarea:focus-visible]:border-brand">
        {isOpen && (
          <div id={options} className="grid max-h-[45dvh] gap-4 overflow-y-auto border-b p-4">
            <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_7rem]">
              <TextField
                label="Begin at"
                type="url"
                placeholder="https://x.com/home"
                value={startUrl}
                onChange={(event) => setStartUrl(event.target.value)}
              />
              <TextField
                label="At most, steps"
                type="number"
                min={1}
                max={stepsMax}
                required
                value={maxSteps}
                onChange={(event) => setMaxSteps(event.target.value)}
              />
            </div>
            <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
              <legend className="mb-1.5 font-medium text-[13px]">Signed in from the start at</legend>
              {platforms.map((platform) => (
                <Checkbox
                  key={platform}
                  label={platformNames[platform]}
                  checked={chosen.includes(platform)}
                  onChange={(event) =>
                    setChosen(event.target.checked ? [...chosen, platform] : chosen.filter((one) => one !== platform))
                  }
                />
              ))}
            </fieldset>
            <SchemaEditor text={schemaText} onChange={setSchemaText} />
          </div>
        )}
        <textarea
          aria-label={isFollowUp ? "Follow-up" : "Task"}
          placeholder={isFollowUp ? "What next?" : "Say what is to be done: “Read the newest posts of my feed on X”"}
          value={task}
          onChange={(event) => setTask(event.target.value)}
          onKeyDown={onKeyDown}
          maxLength={32_768}
          rows={2}
          className="field-sizing-content max-h-60 min-h-16 w-full resize-none bg-transparent px-4 pt-3.5 leading-6 outline-none placeholder:text-soft"
        />
        <div className="flex items-center gap-2 p-2.5 pt-1">
          <Button
            size="small"
            variant="quiet"
            aria-expanded={isOpen}
            aria-controls={options}
            onClick={() => setOpen(!isOpen)}
            className={classNames(isOpen && "bg-hover")}
          >
            <SlidersHorizontal aria-hidden />
            Options
            {amount > 0 && <span className="rounded-full bg-brand-tint px-1.5 text-brand text-xs">{amount}</span>}
          </Button>
          <Choice
            label="What it may do"
            hideLabel
            options={[
              ["read", "Read only"],
              ["act", "May act"],
            ]}
            value={mode}
            onChange={(event) => setMode(event.target.value === "act" ? "act" : "read")}
            className="!h-8 text-[13px]"
          />
          <span className="ml-auto hidden text-soft text-xs sm:block">Enter to send, Shift Enter for a new line</span>
          <Button
            type="submit"
            variant="primary"
            size="icon"
            aria-label="Send"
            busy={busy}
            disabled={!canSend}
            className="max-sm:ml-auto !rounded-xl"
          >
            <ArrowUp aria-hidden />
          </Button>
        </div>
      </div>
    </form>
  );
}
