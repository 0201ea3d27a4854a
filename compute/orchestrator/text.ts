import { maskSecrets } from '../../runtime/log.ts';

/** Returns the message of a thrown value for display: its first line, at most 300 characters, without secrets. */
export const toErrorText = (thrown: unknown): string =>
  toShownLine(thrown instanceof Error ? thrown.message : String(thrown), 300);

/** The maximum length of a launcher's message in a job. */
export const maxLauncherMessageLength = 1_000;

/** Returns the first line of a text for display, without secrets. */
export const toShownLine = (text: string, maxLength: number): string =>
  maskSecrets(text.split('\n')[0] ?? '').slice(0, maxLength);

/** Returns the whole lines at the end of a log; the end of the line if there is only one. @param truncated whether `tail` is not the whole log */
export const decodeLastLines = (tail: Buffer, truncated: boolean): string => {
  const line = truncated ? tail.indexOf(0x0a) + 1 : 0;
  const text = decodeText(line < tail.length ? tail.subarray(line) : tail);
  // Without a line break, the cut can be inside a character, of which at most 3 bytes are left.
  return truncated ? text.replace(/^\uFFFD{1,3}/, '') : text;
};

/** Decodes UTF-8 without an incomplete last character: the log may still grow. */
const decodeText = (bytes: Buffer): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });

/** The text of a part of a log, and the number of its bytes. */
type DecodedPart = { text: string; bytes: number };

/** Decodes a part of a log without an incomplete last character, which the next part begins with. @param isLast whether no part follows */
export const decodePart = (body: Buffer, isLast: boolean): DecodedPart => {
  const bytes = isLast ? body.length : body.length - countIncompleteBytes(body);
  return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(body.subarray(0, bytes)), bytes };
};

/** Returns the number of bytes at the end that are the beginning of a character. */
const countIncompleteBytes = (body: Buffer): number => {
  for (let count = 1; count <= Math.min(3, body.length); count += 1) {
    const byte = body[body.length - count] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return getCharacterLength(byte) > count ? count : 0;
  }
  return 0;
};

/** Returns the length of a character of UTF-8 by its first byte. */
const getCharacterLength = (first: number): number => {
  if (first >= 0xf0) return first < 0xf8 ? 4 : 1;
  return first >= 0xe0 ? 3 : 2;
};
