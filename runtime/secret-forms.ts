/** Shorter texts than these occur by chance. */
export type ShortestForms = {
  /** Of a value itself. */
  value: number;
  /** Of a line of it, or of an encoding. */
  derived: number;
};

const shortestLine = 8;

/**
 * Returns the texts in which secret values may stand in a log, longest first: each value as it is, what is secret in it if it is a
 * connection string or a link, each of its longer lines, and all of these encoded for a URL, in JSON or in base64.
 */
export const secretForms = (values: readonly string[], shortest: ShortestForms): string[] => {
  const forms = new Set(values.flatMap((value) => formsOf(value, shortest)));
  return [...forms].sort((a, b) => b.length - a.length);
};

const formsOf = (value: string, shortest: ShortestForms): string[] => {
  const text = value.trim();
  const whole = [text, ...partsOf(text)].filter((part) => part !== '' && part.length >= shortest.value);
  return whole.flatMap((part) => [
    part,
    ...linesOf(part),
    ...[...urlForms(part), ...jsonForms(part), ...base64Forms(part)].filter(
      (form) => form.length >= shortest.derived,
    ),
  ]);
};

/** Of a connection string the key and the signature, of a link its signature: also when they stand alone. */
const partsOf = (text: string): string[] => [
  ...[...text.matchAll(/(?:^|;)\s*(?:AccountKey|SharedAccessKey|SharedAccessSignature)=([^;\s]+)/gi)].map(
    ([, key = '']) => key,
  ),
  ...[...text.matchAll(/(?:^|[?&;=])(?:sig|code)=([^&;\s]+)/gi)].flatMap(([, given = '']) => [
    given,
    decoded(given),
  ]),
];

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** A key in PEM is known by its lines, but not by those that every key has. */
const linesOf = (text: string): string[] =>
  text.includes('\n')
    ? text
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line.length >= shortestLine && !/^-----(?:BEGIN|END) [A-Z ]+-----$/.test(line))
        .flatMap((line) => [line, ...urlForms(line)])
    : [];

/** As `encodeURIComponent`, forms and stricter encoders have it, with capitals or without; and encoded twice, as a link within a link. */
const urlForms = (text: string): string[] => {
  const encoded = encodeURIComponent(text.toWellFormed());
  const strict = encoded.replaceAll(
    /[!'()*~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const once = [encoded, strict, form, encoded.replaceAll('%20', '+')];
  return [...new Set(once)].flatMap((one) => [one, lowerEscapes(one), one.replaceAll('%', '%25')]);
};

const lowerEscapes = (encoded: string): string =>
  encoded.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());

/** Also as JSON within a text of JSON. */
const jsonForms = (text: string): string[] => {
  const once = JSON.stringify(text).slice(1, -1);
  return [once, JSON.stringify(once).slice(1, -1)];
};

/**
 * In base64, three bytes make four characters, so what a value looks like depends on where in the encoded text it starts:
 * for each of the three places, the characters that depend on nothing but the value.
 */
const base64Forms = (text: string): string[] =>
  [0, 1, 2].flatMap((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
    const [from, to] = [Math.ceil((shift * 8) / 6), Math.floor((bytes.length * 8) / 6)];
    const base64 = bytes.toString('base64').slice(from, to);
    return [base64, bytes.toString('base64url').slice(from, to), ...urlForms(base64)];
  });
