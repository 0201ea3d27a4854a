import { secretForms } from './secret-encodings.ts';
import { TextFinder } from './text-finder.ts';

/*
 * The secrets that this process has read, which are masked in everything it prints. Code that reads a secret registers it: settings
 * do this themselves (`secretSetting`), and code that fetches a token registers it.
 */

/** Shorter values can occur by chance, so they are masked only by field name. */
const shortest = { value: 8, derived: 8 };
const mark = '[redacted]';

const finder = new TextFinder(shortest.value);
/** The expiry of each secret, by value, in milliseconds since 1970. */
const known = new Map<string, number>();
let nextEnd = Infinity;

/**
 * Masks a value and its usual encodings in everything that this process prints from now on.
 * @param until when it expires, in milliseconds since 1970; never by default
 */
export const registerSecret = (value: string | undefined, until = Infinity): void => {
  if (value === undefined || value.trim().length < shortest.value || until <= Date.now()) return;
  const before = known.get(value);
  if (before === undefined) formsOf(value).forEach((form) => finder.add(form));
  known.set(value, Math.max(until, before ?? 0));
  nextEnd = Math.min(nextEnd, until);
};

/** Masks each secret that this process has read in a text. */
export const withoutSecrets = (text: string): string => {
  forgetEnded(Date.now());
  return withoutBuffers(finder.replace(text, mark));
};

/** Buffers as JSON and as `util.inspect` shows them. */
const writtenBuffers: readonly [pattern: RegExp, bytesOf: (bytes: string) => Buffer][] = [
  [
    /(?<=Buffer\\{0,7}",\\{0,7}"data\\{0,7}":\[)[\d,]+/g,
    (bytes) => Buffer.from(bytes.split(',').map(Number)),
  ],
  [/(?<=<Buffer )[\da-f ]+/g, (bytes) => Buffer.from(bytes.replaceAll(' ', ''), 'hex')],
];

/** Masks the bytes of Buffers that contain a secret. */
const withoutBuffers = (text: string): string =>
  text.includes('Buffer')
    ? writtenBuffers.reduce(
        (shown, [pattern, bytesOf]) =>
          shown.replace(pattern, (bytes) => {
            const content = bytesOf(bytes).toString();
            return finder.replace(content, mark) === content ? bytes : mark;
          }),
        text,
      )
    : text;

const formsOf = (value: string): string[] => secretForms([value], shortest);

const forgetEnded = (now: number): void => {
  if (now < nextEnd) return;
  for (const [value, until] of known) {
    if (until > now) continue;
    known.delete(value);
    formsOf(value).forEach((form) => finder.remove(form));
  }
  nextEnd = Math.min(Infinity, ...known.values());
};
