import type { Command } from "commander";

/** The shells that completion is written for. */
export const shells = ["bash", "zsh", "fish"] as const;

/** A command as it is typed, and what may follow it. */
interface Words {
  /** With spaces between; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly Command[];
  readonly options: readonly { readonly flag: string; readonly description: string }[];
}

/** The script that lets a shell complete commands and options of `program`; it asks nothing of the program when used. */
export function completionScript(program: Command, shell: (typeof shells)[number]): string {
  const all = wordsOf(program, "");
  if (shell === "fish") return fish(program.name(), all);
  const bash = bashFunction(program.name(), all);
  return shell === "bash" ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

function wordsOf(command: Command, path: string): Words[] {
  const options = command.options.flatMap(({ long, description, hidden }) =>
    long && !hidden ? [{ flag: long, description }] : [],
  );
  const own = { path, commands: command.commands, options: [...options, { flag: "--help", description: "show help" }] };
  return [own, ...command.commands.flatMap((one) => wordsOf(one, `${path} ${one.name()}`.trim()))];
}

function bashFunction(name: string, all: readonly Words[]): string {
  const cases = all.map(
    ({ path, commands, options }) =>
      `    "${path}") words="${[...commands.map((one) => one.name()), ...options.map(({ flag }) => flag)].join(" ")}" ;;`,
  );
  return `_${name}() {
  local path="" word words=""
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case " ${all.map(({ path }) => path.replaceAll(" ", "/")).join(" ")} " in
      *" \${path:+\${path// //}/}\${word} "*) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name} ${name}
`;
}

function fish(name: string, all: readonly Words[]): string {
  const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = all.flatMap(({ path, commands, options }) => {
    const inside = path.split(" ").filter(Boolean);
    const others = commands.map((one) => one.name());
    const seen = inside.map((word) => `__fish_seen_subcommand_from ${word}`);
    const unseen = others.length > 0 ? [`not __fish_seen_subcommand_from ${others.join(" ")}`] : [];
    const when = quoted([...seen, ...unseen].join("; and ") || "true");
    return [
      ...commands.map((one) => `complete -c ${name} -n ${when} -f -a ${one.name()} -d ${quoted(one.description())}`),
      ...options.map(
        ({ flag, description }) => `complete -c ${name} -n ${when} -l ${flag.slice(2)} -d ${quoted(description)}`,
      ),
    ];
  });
  return `${lines.join("\n")}\n`;
}
