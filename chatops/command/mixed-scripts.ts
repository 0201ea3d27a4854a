/** The scripts that identifiers are usually written in (Unicode UAX 31, table 5), and some that look like Latin ones. */
const names = `
  Latin Cyrillic Greek Armenian Georgian Hebrew Arabic Thaana Ethiopic
  Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala
  Thai Lao Tibetan Myanmar Khmer Han Hiragana Katakana Bopomofo Hangul
  Cherokee Coptic Lisu Deseret Canadian_Aboriginal Tifinagh Vai Glagolitic
`
  .trim()
  .split(/\s+/);

const scripts = names.map((name) => ({
  name,
  own: new RegExp(`\\p{Script=${name}}`, 'u'),
  /** Also letters that several scripts share. */
  used: new RegExp(`\\p{Script_Extensions=${name}}`, 'u'),
}));
const shared = /[\p{Script_Extensions=Common}\p{Script_Extensions=Inherited}]/u;

/** Scripts that are written together: the level "highly restrictive" of Unicode UTS 39. */
const mixes = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];

/** What is taken for one word, also where a part of it has one letter alone: `web-а` with a Cyrillic one. */
const word = /[\p{L}\p{M}\p{N}_'’-]+/gu;
const letters = /\p{L}/gu;

/**
 * The names of the scripts, if within one word of the text letters of several are mixed that are not usually written together;
 * then a letter may not be the one that it looks like. Empty if there is no such word.
 */
export const findMixedScripts = (text: string): string[] => {
  const found = (text.match(word) ?? []).filter((one) => /[^\p{ASCII}]/u.test(one)).flatMap(mixedInWord);
  return [...new Set(found)];
};

const mixedInWord = (one: string): string[] => {
  const [first, ...rest] = [...new Set(one.match(letters))]
    .filter((letter) => !shared.test(letter))
    .map(scriptsOf);
  if (!first) return [];
  const single = rest.reduce((common, used) => common.filter((name) => used.includes(name)), first);
  const usual = mixes.some((mix) =>
    [first, ...rest].every((used) => used.some((name) => mix.includes(name))),
  );
  if (single.length > 0 || usual) return [];
  return [first, ...rest].map(([name = '']) => name);
};

/** The scripts that use a letter, its own first. */
const scriptsOf = (letter: string): string[] => {
  const own = scripts.filter(({ own }) => own.test(letter));
  const used = scripts.filter(({ used }) => used.test(letter));
  const found = [...new Set([...own, ...used].map(({ name }) => name))];
  return found.length > 0 ? found : ['another script'];
};
