import { isBlank, replaceForbidden } from '../forbidden-characters.ts';
import {
  commandNames,
  isCommandName,
  type CommandName,
  type Grammar,
  type ParseError,
  type Position,
} from '../command.ts';
import { createParseError } from '../parse-error.ts';
import { getEditDistance, findClosest } from '../did-you-mean.ts';

import { visibility, type VisibilityMap } from '../../markdown-visibility/visibility.ts';
import { CommentLine } from './comment-line.ts';

/**
 * A line that begins with a command name, or with a word similar to one. `prefixed`: the word is the prefix; `after`: its end;
 * `start`: the offset of its slash in the comment; `uncertain`: readers may not see it as text.
 */
export type Candidate = {
  word: string;
  prefixed: boolean;
  line: CommentLine;
  after: number;
  start: number;
  uncertain: boolean;
};

/** Returns the lines of a comment that begin with a command name, or with a word similar to one. */
export const findCandidates = (visibilityMap: VisibilityMap, grammar: Grammar): Candidate[] => {
  const found: Candidate[] = [];
  let number = 1;
  let counted = 0;
  for (const { start, end } of visibilityMap.lines) {
    const raw = findSlashWord(visibilityMap, start, end);
    const word = raw === undefined ? undefined : matchCommandWord(raw, grammar);
    if (raw === undefined || word === undefined) continue;
    for (; counted < start; counted++) if (visibilityMap.text[counted] === '\n') number++;
    const lineStart = visibilityMap.text.lastIndexOf('\n', start) + 1;
    const after = Array.from(visibilityMap.text.slice(lineStart, start + raw.length)).length;
    const prefixed = word === grammar.prefix;
    const uncertain = visibilityMap.marks[start] === visibility.uncertain;
    found.push({
      word,
      prefixed,
      line: new CommentLine(visibilityMap, { start: lineStart, command: start, end }, number),
      after,
      start,
      uncertain,
    });
  }
  return found;
};

/** Returns the `/word` with which a line begins; undefined if it begins with a path or with other text. */
const findSlashWord = ({ text, marks }: VisibilityMap, start: number, end: number): string | undefined => {
  if (text[start] !== '/') return undefined;
  let at = start + 1;
  const isOver = (mark: number | undefined): boolean =>
    mark === visibility.hidden ||
    mark === visibility.comment ||
    (mark === visibility.uncertain && mark !== marks[start]);
  while (at < end && !isOver(marks[at]) && !isBlank(text.charAt(at))) {
    if (text[at] === '/') return undefined;
    at++;
  }
  return text.slice(start, at);
};

/**
 * Returns the word in lower case and without invisible characters, if it is the prefix or, where the prefix is optional, at most one
 * edit away from a command name; otherwise undefined.
 */
const matchCommandWord = (raw: string, { prefix, required }: Grammar): string | undefined => {
  const word = toAsciiLowerCase(replaceForbidden(raw.slice(1), ''));
  if (word === prefix || (!required && isCommandName(word))) return word;
  return !required && commandNames.some((name) => getEditDistance(word, name, 1) <= 1) ? word : undefined;
};

/** Converts ASCII letters to lower case. Other letters stay as they are, even if their lower case is an ASCII letter. */
export const toAsciiLowerCase = (word: string): string =>
  word.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** The command that a line names, or the errors if there is no such command. `end`: the offset of its arguments. */
export type CommandNameResult = { name: CommandName | undefined; errors: ParseError[]; end: number };

/** Parses the name of the command on a line. */
export const parseCommandName = (
  { word, prefixed, line, after }: Candidate,
  { prefix }: Grammar,
): CommandNameResult => {
  if (!prefixed) return resolveName(word, line.toPosition(line.skipBlanks(0)), after, '/');
  const next = line.skipBlanks(after);
  const start = line.isEnd(line.skipHidden(next)) ? line.length : next;
  const end = line.skipText(start);
  const name = toAsciiLowerCase(replaceForbidden(line.slice(start, end), '')).replace(/^\//, '');
  return resolveName(name, line.toPosition(start), end, `/${prefix} `);
};

/** @param commandPrefix the text before a command name in suggestions */
const resolveName = (
  word: string,
  position: Position,
  end: number,
  commandPrefix: string,
): CommandNameResult => {
  if (isCommandName(word)) return { name: word, errors: [], end };
  const expected = `one of ${commandNames.join(', ')}`;
  const intended = findClosest(word, commandNames);
  const error =
    word === ''
      ? createParseError('missing-command', position, 'A command is missing', { expected })
      : createParseError('unknown-command', position, '{received} is not a command', {
          expected,
          received: word,
          suggestion: intended === undefined ? null : `${commandPrefix}${intended}`,
        });
  return { name: undefined, errors: [error], end };
};
