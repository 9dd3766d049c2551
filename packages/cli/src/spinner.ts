/** A line at the end of a terminal that shows that something goes on. */
export interface Spinner {
  /** What goes on now. */
  label(text: string): void;
  /** Writes a line that stays, above. */
  line(text: string): void;
  stop(): void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const everyMs = 100;
const clear = "\r\u001b[2K";

/** Starts one on `stream`; where that is no terminal, only the lines are written. */
export function startSpinner(stream: NodeJS.WriteStream): Spinner {
  if (!stream.isTTY) return { label: () => {}, line: (text) => void stream.write(`${text}\n`), stop: () => {} };
  let at = 0;
  let label = "";
  const paint = () =>
    stream.write(`${clear}${frames[at++ % frames.length]} ${label.slice(0, (stream.columns || 80) - 3)}`);
  paint();
  const timer = setInterval(paint, everyMs);
  return {
    label(text) {
      label = text;
    },
    line: (text) => void stream.write(`${clear}${text}\n`),
    stop() {
      clearInterval(timer);
      stream.write(clear);
    },
  };
}
