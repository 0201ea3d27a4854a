import { maxValueBytes, type CommandArguments } from '../command-arguments.ts';
import type { Argument } from '../parser/argument-parser.ts';

/** Reads a command's free text, `reason="…"`, or the words in its place as the reason; null without a reason. */
export const parseReason = (
  given: CommandArguments,
  words: CommandArguments['positionals'] = [],
): string | null => {
  if (given.text) return textOf(given, given.text);
  given.rejectParametersExcept('reason');
  const named = given.getParameter('reason');
  const [first] = words;
  if (!first) return named?.value || null;
  const reason = words.map(({ value }) => value).join(' ');
  if (named) {
    const told = { expected: 'the reason once', received: first.value };
    given.addError(first, 'too-many-arguments', 'The reason is given twice', told);
  } else if (Buffer.byteLength(reason) > maxValueBytes) {
    const told = {
      expected: `at most ${maxValueBytes} bytes in UTF-8`,
      received: `${Buffer.byteLength(reason)} bytes`,
    };
    given.addError(first, 'too-long', 'The reason is too long', told);
  }
  return reason || null;
};

const textOf = (given: CommandArguments, text: Argument): string | null => {
  const bytes = Buffer.byteLength(text.value);
  if (bytes > maxValueBytes && !given.mistakes.some(({ code }) => code === 'too-long')) {
    const told = { expected: `at most ${maxValueBytes} bytes in UTF-8`, received: `${bytes} bytes` };
    given.addError(text, 'too-long', 'The reason is too long', told);
  }
  return text.value || null;
};
