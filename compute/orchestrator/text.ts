import { maskSecrets } from '../../runtime/log.ts';

/** What was thrown, for people: its first line, at most 300 characters, without secrets. */
export const toErrorText = (thrown: unknown): string => {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return maskSecrets(text.split('\n')[0] ?? '').slice(0, 300);
};

/** The last whole lines among the last bytes of a log; of one endless line, its end. @param truncated whether the log begins before */
export const decodeLastLines = (tail: Buffer, truncated: boolean): string => {
  const line = truncated ? tail.indexOf(0x0a) + 1 : 0;
  const text = decodeText(line < tail.length ? tail.subarray(line) : tail);
  // Cut at a line, and so never inside a character, unless there is no line's end.
  return truncated ? text.replace(/^\uFFFD+/, '') : text;
};

/** Without a last character that is not all there yet, for the log may still grow. */
const decodeText = (bytes: Buffer): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
