/** The scripts in which identifiers are usually written (Unicode UAX 31, table 5), and some whose letters look like Latin ones. */
const scriptNames = `
  Latin Cyrillic Greek Armenian Georgian Hebrew Arabic Thaana Ethiopic
  Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala
  Thai Lao Tibetan Myanmar Khmer Han Hiragana Katakana Bopomofo Hangul
  Cherokee Coptic Lisu Deseret Canadian_Aboriginal Tifinagh Vai Glagolitic
`
  .trim()
  .split(/\s+/);

const scripts = scriptNames.map((name) => ({
  name,
  own: new RegExp(`\\p{Script=${name}}`, 'u'),
  /** Includes letters that several scripts share. */
  used: new RegExp(`\\p{Script_Extensions=${name}}`, 'u'),
}));
const shared = /[\p{Script_Extensions=Common}\p{Script_Extensions=Inherited}]/u;

/** Combinations of scripts that are common in one word: the "highly restrictive" level of Unicode UTS 39. */
const allowedMixes = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];

/** A word, including parts with a single letter: `web-а` with a Cyrillic letter. */
const word = /[\p{L}\p{M}\p{N}_'’-]+/gu;
const letters = /\p{L}/gu;

/**
 * Returns the names of scripts that a word of the text mixes and that are not usually mixed, so that a letter may not be the one
 * it looks like. Empty if there is no such word.
 */
export const findMixedScripts = (text: string): string[] => {
  const found = (text.match(word) ?? [])
    .filter((match) => /[^\p{ASCII}]/u.test(match))
    .flatMap(findMixedScriptsInWord);
  return [...new Set(found)];
};

const findMixedScriptsInWord = (text: string): string[] => {
  const [first, ...rest] = [...new Set(text.match(letters))]
    .filter((letter) => !shared.test(letter))
    .map(getScripts);
  if (!first) return [];
  const commonScripts = rest.reduce((common, used) => common.filter((name) => used.includes(name)), first);
  const isAllowed = allowedMixes.some((mix) =>
    [first, ...rest].every((used) => used.some((name) => mix.includes(name))),
  );
  if (commonScripts.length > 0 || isAllowed) return [];
  return [first, ...rest].map(([name = '']) => name);
};

/** Returns the scripts that use a letter, its own script first. */
const getScripts = (letter: string): string[] => {
  const own = scripts.filter(({ own }) => own.test(letter));
  const used = scripts.filter(({ used }) => used.test(letter));
  const found = [...new Set([...own, ...used].map(({ name }) => name))];
  return found.length > 0 ? found : ['another script'];
};
