/** Shorter ones than this occur by chance. */
const shortestDerived = 4;
const shortestLine = 8;

/**
 * The texts in which a secret value may stand in a log, longest first: as it is, each of its longer lines, and encoded for
 * a URL, in JSON or in base64. They are in the log's own terms: a character a byte (latin1).
 */
export const secretForms = (values: readonly string[]): string[] => {
  const forms = new Set(values.flatMap(formsOf).map((form) => Buffer.from(form).toString('latin1')));
  return [...forms].sort((a, b) => b.length - a.length);
};

const formsOf = (value: string): string[] => {
  const text = value.trim();
  if (text === '') return [];
  const lines = text.split(/\r?\n/).filter((line) => line.length >= shortestLine);
  const encoded = encodeURIComponent(text.toWellFormed());
  const urls = [encoded, encoded.replaceAll('%20', '+')].flatMap((form) => [form, lowerEscapes(form)]);
  const derived = [...urls, JSON.stringify(text).slice(1, -1), ...base64Forms(text)];
  return [text, ...lines, ...derived.filter((form) => form.length >= shortestDerived)];
};

const lowerEscapes = (encoded: string): string =>
  encoded.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());

/**
 * In base64, three bytes make four characters, so what a value looks like depends on where in the encoded text it starts:
 * for each of the three places, the characters that depend on nothing but the value.
 */
const base64Forms = (text: string): string[] =>
  [0, 1, 2].flatMap((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
    const [from, to] = [Math.ceil((shift * 8) / 6), Math.floor((bytes.length * 8) / 6)];
    return [bytes.toString('base64').slice(from, to), bytes.toString('base64url').slice(from, to)];
  });
