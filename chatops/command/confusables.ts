/** Cyrillic and Greek letters that look like Latin ones in most fonts (Unicode UTS 39, confusables). */
const latinConfusables = new Set('АВЕЅІЈКМНОРСТУХаеорсухѕіјһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ');

/** Symbols that look like ASCII, and that compatibility normalization does not change. */
const confusableSymbols =
  /[\u01C0\u01C3\u02D7\u0589\u05C3\u2010-\u2015\u2044\u2212\u2215\u2216\u2236\u29F5\u29F8\uA789]/u;

const letters = /\p{L}/gu;

/** A run of letters and their marks. */
const word = /[\p{L}\p{M}]+/gu;

/** Right-to-left letters, around which browsers may reorder other characters. */
const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}\p{Script=Hanifi_Rohingya}]/u;

/**
 * Returns the characters of a text that only look like ASCII, each once: variants such as fullwidth letters, dashes
 * and slashes, and the letters of words that consist of lookalikes, such as `сосо` in Cyrillic.
 */
export const findConfusables = (text: string): string[] => {
  const words = (text.match(word) ?? []).filter((one) => {
    const wordLetters = one.match(letters) ?? [];
    return wordLetters.length > 0 && wordLetters.every((letter) => latinConfusables.has(letter));
  });
  const variants = Array.from(text).filter((char) => isVariant(char) || confusableSymbols.test(char));
  return [...new Set([...variants, ...words.flatMap((match) => match.match(letters) ?? [])])];
};

/** Returns whether Unicode maps a non-ASCII character to ASCII. */
const isVariant = (char: string): boolean =>
  /[^\p{ASCII}\p{Zs}]/u.test(char) && /^[!-~]$/.test(char.normalize('NFKC'));

/** Returns whether browsers may show the parts of a text in a different order. */
export const mayBeReordered = (text: string): boolean => rightToLeft.test(text) && /[!-~]/.test(text);
