import { longestValue, type Given } from '../command-arguments.ts';
import type { Argument } from '../parser/argument-parser.ts';

/** Reads a command's free text, `reason="…"`, or the words in its place as the reason; null without a reason. */
export const readReason = (given: Given, words: Given['positionals'] = []): string | null => {
  if (given.text) return textOf(given, given.text);
  given.onlyParameter('reason');
  const named = given.parameter('reason');
  const [first] = words;
  if (!first) return named?.value || null;
  const reason = words.map(({ value }) => value).join(' ');
  if (named) {
    const told = { expected: 'the reason once', received: first.value };
    given.wrong(first, 'too-many-arguments', 'The reason is given twice', told);
  } else if (Buffer.byteLength(reason) > longestValue) {
    const told = {
      expected: `at most ${longestValue} bytes in UTF-8`,
      received: `${Buffer.byteLength(reason)} bytes`,
    };
    given.wrong(first, 'too-long', 'The reason is too long', told);
  }
  return reason || null;
};

const textOf = (given: Given, text: Argument): string | null => {
  const bytes = Buffer.byteLength(text.value);
  if (bytes > longestValue && !given.mistakes.some(({ code }) => code === 'too-long')) {
    const told = { expected: `at most ${longestValue} bytes in UTF-8`, received: `${bytes} bytes` };
    given.wrong(text, 'too-long', 'The reason is too long', told);
  }
  return text.value || null;
};
