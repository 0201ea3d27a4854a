import type { Argument } from '../command.ts';
import { maxValueBytes, type CommandArguments } from '../command-arguments.ts';

/**
 * Returns the reason: the free text of the command, `reason="…"`, or the given words; null without a reason.
 * @param others the names of the command's other parameters
 */
export const parseReason = (
  args: CommandArguments,
  words: CommandArguments['positionals'] = [],
  others: readonly string[] = [],
): string | null => {
  args.rejectParametersExcept(['reason', ...others]);
  if (args.text) return parseFreeText(args, args.text);
  const named = args.getParameter('reason');
  const [first] = words;
  if (!first) return named?.value || null;
  const reason = words.map(({ value }) => value).join(' ');
  if (named) {
    const details = { expected: 'the reason once', received: first.value };
    args.addError(first, 'too-many-arguments', 'The reason is given twice', details);
  } else if (Buffer.byteLength(reason) > maxValueBytes) {
    const details = {
      expected: `at most ${maxValueBytes} bytes in UTF-8`,
      received: `${Buffer.byteLength(reason)} bytes`,
    };
    args.addError(first, 'too-long', 'The reason is too long', details);
  }
  return reason || null;
};

const parseFreeText = (args: CommandArguments, text: Argument): string | null => {
  const bytes = Buffer.byteLength(text.value);
  if (bytes > maxValueBytes && !args.errors.some(({ code }) => code === 'too-long')) {
    const details = { expected: `at most ${maxValueBytes} bytes in UTF-8`, received: `${bytes} bytes` };
    args.addError(text, 'too-long', 'The reason is too long', details);
  }
  return text.value || null;
};
