import type { CommandArguments } from '../command-arguments.ts';
import type { InputsFile } from '../intent.ts';
import type { Argument } from '../parser/argument-parser.ts';

const longestPath = 400;
const expected = `a file’s path in this repository, such as data/inputs.jsonl, of ${longestPath} characters at most; then, where it is to be read at one commit, "@" and the commit’s 40 digits from 0 to f`;

/** Reads `path` or `path@<40 hex>`; undefined if it is none, which `given` is told. */
export const parseInputsFile = (given: CommandArguments, argument: Argument): InputsFile | undefined => {
  const { value } = argument;
  const [, pinned, commit] = /^(.*)@([0-9a-fA-F]{40})$/su.exec(value) ?? [];
  const path = pinned ?? value;
  const told = { expected, received: value };
  if (commit === undefined && /[^/]@[^@/.]*$/.test(value))
    given.addError(argument, 'wrong-type', 'What stands after "@" is no commit', told);
  else if (!isPath(path)) given.addError(argument, 'wrong-type', 'This is no path of a file', told);
  else return { path, ...(commit === undefined ? {} : { commit: commit.toLowerCase() }) };
  return undefined;
};

/** Relative, and the one way to write it: no part is empty, `.` or `..`. */
const isPath = (path: string): boolean =>
  path.length <= longestPath &&
  !/\p{Cc}/u.test(path) &&
  path.split('/').every((part) => !['', '.', '..'].includes(part));
