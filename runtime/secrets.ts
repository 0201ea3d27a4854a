import { secretForms } from './secret-forms.ts';
import { TextFinder } from './text-finder.ts';

/*
 * The secrets that this process has read, so that nothing it prints shows one. Whoever reads a secret registers it: settings do so by
 * themselves (`secretSetting`), tokens by those who fetch them.
 */

/** Shorter values occur by chance: those are masked by the names of their fields alone. */
const shortest = { value: 8, derived: 8 };
const mark = '[redacted]';

const finder = new TextFinder(shortest.value);
/** By value: when it stops being a secret, in milliseconds since 1970. */
const known = new Map<string, number>();
let nextEnd = Infinity;

/**
 * Masks a value, in its usual encodings, in all that this process prints from now on.
 * @param until when it is worth nothing any more, in milliseconds since 1970; by default never
 */
export const registerSecret = (value: string | undefined, until = Infinity): void => {
  if (value === undefined || value.trim().length < shortest.value || until <= Date.now()) return;
  const before = known.get(value);
  if (before === undefined) formsOf(value).forEach((form) => finder.add(form));
  known.set(value, Math.max(until, before ?? 0));
  nextEnd = Math.min(nextEnd, until);
};

/** Returns the text with each secret that this process has read masked. */
export const withoutSecrets = (text: string): string => {
  forgetEnded(Date.now());
  return finder.replace(text, mark);
};

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
