import * as fc from 'fast-check';

/** A text of variable length: a start, a repeated piece, and an end. */
export type TextShape = { start: string; piece: string; end: string };

/** Returns the text of a shape with approximately a number of characters (UTF-16). */
export const writeShape = ({ start, piece, end }: TextShape, characters: number): string => {
  const room = Math.max(0, characters - start.length - end.length);
  return start + piece.repeat(Math.floor(room / Math.max(1, piece.length))) + end;
};

/** Text that matters to parsers: delimiters, escapes, white space, digits, and confusable characters. */
const atoms = [
  Array.from('<>[](){}*_~`\\"\'!@#$%^&=+-.,:;?|/'),
  Array.from(' \t\n\r\0'),
  Array.from('aAeEkK019'),
  [
    '\r\n',
    '\n\n',
    '    ',
    '\n> ',
    '\n- ',
    '\n1. ',
    '\n/',
    '\n/run ',
    '/run Hello who=',
    ' who=',
    'a=1 ',
    '/help\n',
  ],
  ['```', '~~~', '\n```\n', '$$', '$`', '`$', '**', '~~', '![', '](', '[^', ']: ', '|-', '\n|', '||'],
  [
    '<!--',
    '-->',
    '<a ',
    '</a>',
    '<div>',
    '\n<div>\n',
    '</div>',
    '<details>',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '<!A',
    '<br>',
  ],
  [
    '&#45;',
    '&amp',
    '&#x2d',
    '%2e',
    '\\u0061',
    '\\n',
    '\\"',
    '{"a":',
    '[[',
    '":"',
    '"key":"',
    '"key":[',
    '0e',
    '.0',
    '000',
  ],
  ['\u00A0', '\u200B', '\u202E', '\uFEFF', '\uD800', '\u{1F600}', '\u{E0041}', '\u0301', 'é', 'а', '⟨'],
  [
    '\u001B[',
    '\u001B]8;;',
    '\u0007',
    '\u009B',
    '\u001B[31m',
    'sig=',
    'AccountKey=',
    '-eyJ',
    'eyJaaaaaaaa.',
    'ghp_',
    '<!-- coxswain',
  ],
  [
    'http://',
    'www.a',
    'a@b.c',
    '@mona',
    '@acme/ops',
    'GH-1',
    '#1',
    'deadbeef',
    'GET ',
    ': ',
    '*,',
    '&a ',
    '*a ',
    '!a ',
    '- - ',
    '? ',
  ],
].flat();

/** Shapes for which the work of a subject once grew with the square of their length. */
export const knownShapes: readonly TextShape[] = [
  { start: '[1.', piece: '0', end: '1]' },
  { start: '', piece: '-eyJ', end: '' },
  { start: '', piece: '-eyJaaaaaaaa', end: '.a' },
  { start: 'users: [', piece: '-,', end: ']' },
  { start: 'x: {', piece: 'a: 1, ', end: '}' },
  { start: 'a', piece: ' ', end: 'a' },
  { start: 'a', piece: '\n', end: 'a' },
  { start: '', piece: '\u001B]8;;', end: '' },
  { start: '', piece: '/', end: 'a' },
  { start: '/run Hello who=', piece: '<a ', end: '' },
  { start: '', piece: '/help\n', end: '' },
];

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...atoms), { maxLength }).map((parts) => parts.join(''));

export const shapes: fc.Arbitrary<TextShape> = fc.record({
  start: text(3),
  piece: text(4).filter((piece) => piece !== ''),
  end: text(2),
});
