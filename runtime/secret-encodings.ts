/** Shorter texts can occur by chance. */
type MinEncodingLengths = {
  /** Of a value itself. */
  value: number;
  /** Of a line of it, or of an encoding. */
  derived: number;
};

const minLineLength = 8;

/**
 * Returns the forms in which secret values can appear in a log, longest first: each value itself, the secret parts of connection
 * strings and links, each of its longer lines, and all of these encoded for URLs, in JSON and in base64.
 */
export const getSecretEncodings = (values: readonly string[], minLengths: MinEncodingLengths): string[] => {
  const forms = new Set(values.flatMap((value) => encodeSecret(value, minLengths)));
  return [...forms].sort((a, b) => b.length - a.length);
};

const encodeSecret = (value: string, minLengths: MinEncodingLengths): string[] => {
  const text = value.trim();
  const whole = [text, ...extractSecretParts(text)].filter(
    (part) => part !== '' && part.length >= minLengths.value,
  );
  return whole.flatMap((part) => [
    part,
    ...getLines(part),
    ...[
      ...getUrlEncodings(part),
      ...getJsonEncodings(part),
      ...getBase64Encodings(part),
      ...getOtherEncodings(part),
    ].filter((form) => form.length >= minLengths.derived),
  ]);
};

/** Returns the key and signature of a connection string, and the signature of a link, which can also appear alone. */
const extractSecretParts = (text: string): string[] => [
  ...[...text.matchAll(/(?:^|;)\s*(?:AccountKey|SharedAccessKey|SharedAccessSignature)=([^;\s]+)/gi)].map(
    ([, key = '']) => key,
  ),
  ...[...text.matchAll(/(?:^|[?&;=])(?:sig|code)=([^&;\s]+)/gi)].flatMap(([, given = '']) => [
    given,
    decode(given),
  ]),
];

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Returns the lines of a PEM key, without the lines that every key has. */
const getLines = (text: string): string[] =>
  text.includes('\n')
    ? text
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line.length >= minLineLength && !/^-----(?:BEGIN|END) [A-Z ]+-----$/.test(line))
        .flatMap((line) => [line, ...getUrlEncodings(line)])
    : [];

/** Returns the encodings of `encodeURIComponent`, of forms and of stricter encoders, in both cases; also encoded twice, as in nested links. */
const getUrlEncodings = (text: string): string[] => {
  const encoded = encodeURIComponent(text.toWellFormed());
  const strict = encoded.replaceAll(
    /[!'()*~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const once = [encoded, strict, form, encoded.replaceAll('%20', '+')];
  return [...new Set(once)].flatMap((one) => [one, lowercaseEscapes(one), one.replaceAll('%', '%25')]);
};

const lowercaseEscapes = (encoded: string): string =>
  encoded.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());

/** Returns the JSON-escaped forms, including JSON in a JSON string, and the additional escapes of PHP (`\/`) and .NET (`\u002B`). */
const getJsonEncodings = (text: string): string[] => {
  const once = JSON.stringify(text).slice(1, -1);
  const dotNet = once.replaceAll(
    /[+<>&'`]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  return [once, JSON.stringify(once).slice(1, -1), dotNet, once.replaceAll('/', '\\/')];
};

/**
 * Returns the base64 forms. Base64 encodes three bytes as four characters, so the form depends on the offset of the value: for each
 * of the three offsets, the characters that depend only on the value.
 */
const getBase64Encodings = (text: string): string[] => {
  const inJson = JSON.stringify(text).slice(1, -1);
  return [...new Set([text, inJson])].flatMap((content) =>
    [0, 1, 2].flatMap((shift) => encodeBase64At(content, shift)),
  );
};

const encodeBase64At = (text: string, shift: number): string[] => {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
  const [from, to] = [Math.ceil((shift * 8) / 6), Math.floor((bytes.length * 8) / 6)];
  const base64 = bytes.toString('base64').slice(from, to);
  return [base64, bytes.toString('base64url').slice(from, to), ...getUrlEncodings(base64)];
};

/** How many bytes of a Buffer Node shows. */
const shownBytes = 50;

/** Returns the part of a long value that Node shows of a Buffer, the value without base64 padding and in base64url, and its bytes in hex. */
const getOtherEncodings = (text: string): string[] => {
  const unpadded = text.replace(/=+$/, '');
  return [
    Buffer.from(text).subarray(0, shownBytes).toString(),
    unpadded,
    unpadded.replaceAll('+', '-').replaceAll('/', '_'),
    Buffer.from(text).toString('hex'),
  ];
};
