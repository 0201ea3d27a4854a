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
import { editDistance, findClosest } from '../did-you-mean.ts';
import type { VisibilityMap } from '../../markdown-visibility/analyze-visibility.ts';
import { visibility } from '../../markdown-visibility/visibility.ts';
import { CommentLine } from './comment-line.ts';

/**
 * A line that begins with one of our command names, or nearly. `prefixed`: the word is the prefix; `after`: its end; `start`: the
 * offset of its slash in the comment; `covered`: readers may not see it as text.
 */
export type Candidate = {
  word: string;
  prefixed: boolean;
  line: CommentLine;
  after: number;
  start: number;
  covered: boolean;
};

/** The lines of a comment that are a command of ours, or nearly one. */
export const findCandidates = (sight: VisibilityMap, grammar: Grammar): Candidate[] => {
  const found: Candidate[] = [];
  let number = 1;
  let counted = 0;
  for (const { start, end } of sight.lines) {
    const raw = slashWord(sight, start, end);
    const word = raw === undefined ? undefined : ourWord(raw, grammar);
    if (raw === undefined || word === undefined) continue;
    for (; counted < start; counted++) if (sight.text[counted] === '\n') number++;
    const lineStart = sight.text.lastIndexOf('\n', start) + 1;
    const after = start - lineStart + Array.from(raw).length;
    const prefixed = word === grammar.prefix;
    const covered = sight.marks[start] === visibility.uncertain;
    found.push({
      word,
      prefixed,
      line: new CommentLine(sight, lineStart, end, number),
      after,
      start,
      covered,
    });
  }
  return found;
};

/** The `/word` with which a line begins; undefined if it begins otherwise, or with a path. */
const slashWord = ({ text, marks }: VisibilityMap, start: number, end: number): string | undefined => {
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
 * The word in lower case without what nobody sees, if it is the prefix, or, where commands need none, one edit or less away
 * from a command of ours.
 */
const ourWord = (raw: string, { prefix, required }: Grammar): string | undefined => {
  const word = lowerCase(replaceForbidden(raw.slice(1), ''));
  if (word === prefix || (!required && isCommandName(word))) return word;
  return !required && commandNames.some((name) => editDistance(word, name, 1) <= 1) ? word : undefined;
};

/** ASCII only: other letters that lower to ASCII ones are not ours. */
export const lowerCase = (word: string): string =>
  word.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Which command a line names, or the mistake that it is none of ours. `end`: where its arguments begin. */
export type CommandNameResult = { name: CommandName | undefined; mistakes: ParseError[]; end: number };

/** Reads which command a line names. */
export const parseCommandName = (
  { word, prefixed, line, after }: Candidate,
  { prefix }: Grammar,
): CommandNameResult => {
  if (!prefixed) return naming(word, line.toPosition(line.skipBlanks(0)), after, '/');
  const next = line.skipBlanks(after);
  const start = line.isEnd(line.skipHidden(next)) ? line.length : next;
  const end = line.skipText(start);
  const spoken = lowerCase(replaceForbidden(line.slice(start, end), '')).replace(/^\//, '');
  return naming(spoken, line.toPosition(start), end, `/${prefix} `);
};

/** `lead`: what stands before a command's name. */
const naming = (word: string, position: Position, end: number, lead: string): CommandNameResult => {
  if (isCommandName(word)) return { name: word, mistakes: [], end };
  const expected = `one of ${commandNames.join(', ')}`;
  const meant = findClosest(word, commandNames);
  const found =
    word === ''
      ? createParseError('missing-command', position, 'A command is missing', { expected })
      : createParseError('unknown-command', position, 'There is no such command', {
          expected,
          received: word,
          suggestion: meant === undefined ? null : `${lead}${meant}`,
        });
  return { name: undefined, mistakes: [found], end };
};
