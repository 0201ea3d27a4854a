import { formatExpectation, toBulletList } from './problem-list.ts';
import {
  findConfusables,
  nameCharacter,
  type CorrectedCommand,
  type ParseError,
} from '../../command/index.ts';
import { escapeUnlessPlain } from '../../markdown/untrusted-text.ts';
import { formatExact } from '../exact-text.ts';
import { renderCorrection } from './correction.ts';
import { renderRefusal, renderRefusalReason } from './refusal.ts';

/** A parse error as the reply shows it; `position`: null if the command is the only line of its text. */
type ShownParseError = Omit<ParseError, 'code' | 'position'> & { position: ParseError['position'] | null };

/**
 * Refuses a command with errors: each with its position, what was expected and what was received.
 * @param corrected the command to copy instead
 */
export const renderParseErrors = (
  command: string,
  errors: readonly ShownParseError[],
  corrected?: CorrectedCommand,
): string => {
  const [first] = errors;
  const refusal =
    first?.position === null && errors.length === 1
      ? renderRefusalReason(command, formatParseError(first))
      : [renderRefusal(command, 'was not run.'), '', ...toBulletList(errors.map(formatParseError))].join(
          '\n',
        );
  return [refusal, ...renderCorrection(corrected)].join('\n\n');
};

const formatParseError = ({ position, message, expected, received, suggestion }: ShownParseError): string => {
  const [, quotes, text = ''] = /^(\{received\} )?(.*)$/su.exec(message) ?? [];
  const subject = quotes === undefined || received === null ? '' : `${formatExact(received)} `;
  const parts = [
    `${position ? `Line ${position.line}, column ${position.column}: ` : ''}${subject}${escapeUnlessPlain(text)}.`,
    // If the message says what was written, a suggestion says enough.
    subject && suggestion !== null ? undefined : formatExpectation(expected, subject ? null : received),
    suggestion === null ? undefined : `Did you mean ${formatExact(suggestion)}?`,
    received === null ? undefined : formatLookalikes(received),
  ];
  return parts.filter((part) => part !== undefined).join(' ');
};

/** The maximum number of characters that an error names. */
const maxLookalikes = 3;

/** Names the characters of a text that look like others, such as a dash that a phone writes for two hyphens; undefined if there are none. */
const formatLookalikes = (received: string): string | undefined => {
  const typographic = received.match(/[‘’“”„…]/gu) ?? [];
  const found = [...new Set([...findConfusables(received), ...typographic])].slice(0, maxLookalikes);
  if (found.length === 0 || /\(U\+/.test(received)) return undefined;
  return `It contains ${found.map((char) => formatExact(nameCharacter(char))).join(', ')}, which only ${found.length === 1 ? 'looks like an ASCII character' : 'look like ASCII characters'}.`;
};
