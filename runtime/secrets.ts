import { getSecretEncodings } from './secret-encodings.ts';
import { TextFinder } from './text-finder.ts';

/*
 * The secrets that this process has read, which are masked in everything it prints. Code that reads a secret registers it: settings
 * do this themselves (`secretSetting`), and code that fetches a token registers it.
 */

/** Shorter values can occur by chance, so they are masked only by field name. */
const minLengths = { value: 8, derived: 8 };
const mark = '[redacted]';

const finder = new TextFinder(minLengths.value);
/** The expiry of each secret, by value, in milliseconds since 1970. */
const expiries = new Map<string, number>();
let nextExpiry = Infinity;

/**
 * Masks a value and its usual encodings in everything that this process prints from now on.
 * @param until when it expires, in milliseconds since 1970; never by default
 */
export const registerSecret = (value: string | undefined, until = Infinity): void => {
  if (value === undefined || value.trim().length < minLengths.value || until <= Date.now()) return;
  const before = expiries.get(value);
  if (before === undefined) encodeSecret(value).forEach((form) => finder.add(form));
  expiries.set(value, Math.max(until, before ?? 0));
  nextExpiry = Math.min(nextExpiry, until);
};

/** Masks each secret that this process has read in a text. */
export const maskRegisteredSecrets = (text: string): string => {
  removeExpired(Date.now());
  return maskBuffers(finder.replace(text, mark));
};

/** Buffers as JSON and as `util.inspect` shows them. */
const bufferFormats: readonly [pattern: RegExp, bytesOf: (bytes: string) => Buffer][] = [
  [
    /(?<=Buffer\\{0,7}",\\{0,7}"data\\{0,7}":\[)[\d,]+/g,
    (bytes) => Buffer.from(bytes.split(',').map(Number)),
  ],
  [/(?<=<Buffer )[\da-f ]+/g, (bytes) => Buffer.from(bytes.replaceAll(' ', ''), 'hex')],
];

/** Masks the bytes of Buffers that contain a secret. */
const maskBuffers = (text: string): string =>
  text.includes('Buffer')
    ? bufferFormats.reduce(
        (shown, [pattern, bytesOf]) =>
          shown.replace(pattern, (bytes) => {
            const content = bytesOf(bytes).toString();
            return finder.replace(content, mark) === content ? bytes : mark;
          }),
        text,
      )
    : text;

const encodeSecret = (value: string): string[] => getSecretEncodings([value], minLengths);

const removeExpired = (now: number): void => {
  if (now < nextExpiry) return;
  for (const [value, until] of expiries) {
    if (until > now) continue;
    expiries.delete(value);
    encodeSecret(value).forEach((form) => finder.remove(form));
  }
  nextExpiry = Math.min(Infinity, ...expiries.values());
};
