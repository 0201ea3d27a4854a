import type { Command, Option } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { quoteForShell as quote } from '../format-flags.ts';
import type { Shell } from '../program/shells.ts';

/** `coxswain completion SHELL`: prints the shell's script, which derives from the commands. */
export const printCompletion = (shell: Shell, program: Command): number => {
  console.log(renderers[shell](listCommands(program)));
  return exitCodes.ok;
};

/** A command as completion knows it. `path`: its words after `coxswain`; empty for `coxswain` itself. */
type CompletedCommand = {
  path: string;
  subcommands: { name: string; description: string }[];
  options: { flags: string[]; description: string; takesValue: boolean; choices: string[] }[];
  /** The choices of its first argument. */
  choices: string[];
};

const listCommands = (command: Command, path = ''): CompletedCommand[] => {
  const subcommands = command.commands.filter((one) => one.name() !== 'help');
  const own: CompletedCommand = {
    path,
    subcommands: subcommands.map((one) => ({
      name: one.name(),
      description: firstSentence(one.description()),
    })),
    options: [...command.options.map(toCompletedOption), helpOption],
    choices: command.registeredArguments[0]?.argChoices ?? [],
  };
  return [own, ...subcommands.flatMap((one) => listCommands(one, `${path} ${one.name()}`.trim()))];
};

const helpOption = { flags: ['--help'], description: 'print help', takesValue: false, choices: [] };

const toCompletedOption = ({ short, long, description, required, argChoices = [] }: Option) => ({
  flags: [short, long].filter((flag) => flag !== undefined && flag !== null),
  description,
  takesValue: required,
  choices: argChoices,
});

const firstSentence = (text: string): string => text.replace(/[.:,] .*$|\.$/, '');
const listFlags = ({ options }: CompletedCommand): string[] => options.flatMap(({ flags }) => flags);
const listWords = (command: CompletedCommand): string[] => [
  ...command.subcommands.map(({ name }) => name),
  ...command.choices,
];

/** Finds the longest command in the words before the cursor. Shared by bash and zsh, whose arrays begin at 0 and 1. */
const renderBash = (commands: readonly CompletedCommand[]): string => `# coxswain completion for bash
_coxswain() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
${commands
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      ${quote(path)}) path=${quote(path)} ;;`)
  .join('\n')}
    esac
  done
  case "$path $prev" in
${commands
  .flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map((option) => ({ path, ...option })),
  )
  .map(({ path, flags, choices }) => {
    const patterns = flags.map((flag) => quote(`${path} ${flag}`)).join('|');
    return choices.length > 0
      ? `    ${patterns}) COMPREPLY=($(compgen -W ${quote(choices.join(' '))} -- "$cur")); return ;;`
      : `    ${patterns}) COMPREPLY=($(compgen -f -- "$cur")); return ;;`;
  })
  .join('\n')}
  esac
  case "$path" in
${commands
  .map((command) => {
    const words = listWords(command);
    const files = words.length === 0 ? ' $(compgen -f -- "$cur")' : '';
    return `    ${quote(command.path)})
      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W ${quote(listFlags(command).join(' '))} -- "$cur"))
      else COMPREPLY=(${words.length > 0 ? `$(compgen -W ${quote(words.join(' '))} -- "$cur")` : files.trim()}); fi ;;`;
  })
  .join('\n')}
  esac
}
complete -F _coxswain coxswain`;

const renderZsh = (commands: readonly CompletedCommand[]): string => `#compdef coxswain
# coxswain completion for zsh
_coxswain() {
  local coxswain_path='' word
  for word in "\${words[@]:1:CURRENT-2}"; do
    case "\${coxswain_path:+$coxswain_path }$word" in
${commands
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      ${quote(path)}) coxswain_path=${quote(path)} ;;`)
  .join('\n')}
    esac
  done
  local -a subcommands options
  case "$coxswain_path" in
${commands
  .map((command) => {
    const describe = (name: string, text: string) => quote(`${name}:${text.replaceAll(':', '\\:')}`);
    const words = [
      ...command.subcommands.map(({ name, description }) => describe(name, description)),
      ...command.choices.map((choice) => quote(choice)),
    ];
    const options = command.options.flatMap(({ flags, description }) =>
      flags.map((flag) => describe(flag, description)),
    );
    return `    ${quote(command.path)}) subcommands=(${words.join(' ')}); options=(${options.join(' ')}) ;;`;
  })
  .join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then _describe 'option' options
  elif (( \${#subcommands} )); then _describe 'command' subcommands
  else _files; fi
}
if [[ \${funcstack[1]} == _coxswain ]]; then _coxswain "$@"; else compdef _coxswain coxswain; fi`;

const renderFish = (commands: readonly CompletedCommand[]): string =>
  [
    '# coxswain completion for fish',
    'function __coxswain_path',
    "  set -l path ''",
    '  for word in (commandline -opc)[2..-1]',
    '    switch (string trim "$path $word")',
    ...commands
      .filter(({ path }) => path !== '')
      .map(({ path }) => `      case ${quote(path)}\n        set path ${quote(path)}`),
    '    end',
    '  end',
    '  test "$path" = "$argv[1]"',
    'end',
    ...commands.flatMap((command) => {
      const here = `complete -c coxswain -n ${quote(`__coxswain_path "${command.path}"`)}`;
      return [
        ...command.subcommands.map(
          ({ name, description }) => `${here} -f -a ${name} -d ${quote(description)}`,
        ),
        ...(command.choices.length > 0 ? [`${here} -f -a ${quote(command.choices.join(' '))}`] : []),
        ...command.options.map(({ flags, description, takesValue, choices }) => {
          const names = flags.map((flag) =>
            flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
          );
          const value = takesValue ? ' -r' : '';
          const list = choices.length > 0 ? ` -f -a ${quote(choices.join(' '))}` : '';
          return `${here} ${names.join(' ')}${value}${list} -d ${quote(description)}`;
        }),
      ];
    }),
  ].join('\n');

const renderers: Record<Shell, (commands: readonly CompletedCommand[]) => string> = {
  bash: renderBash,
  zsh: renderZsh,
  fish: renderFish,
};
