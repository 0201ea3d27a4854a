import { maskSecrets } from '../../runtime/log.ts';

/** Returns the message of a thrown value for display: its first line, at most 300 characters, without secrets. */
export const toErrorText = (thrown: unknown): string => {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return maskSecrets(text.split('\n')[0] ?? '').slice(0, 300);
};

/** Returns the whole lines at the end of a log; the end of the line if there is only one. @param truncated whether `tail` is not the whole log */
export const decodeLastLines = (tail: Buffer, truncated: boolean): string => {
  const line = truncated ? tail.indexOf(0x0a) + 1 : 0;
  const text = decodeText(line < tail.length ? tail.subarray(line) : tail);
  // Without a line break, the cut can be inside a character.
  return truncated ? text.replace(/^\uFFFD+/, '') : text;
};

/** Decodes UTF-8 without an incomplete last character: the log may still grow. */
const decodeText = (bytes: Buffer): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
