import { expect, test } from '@jest/globals';
import { commandNames } from '../../../chatops/command/index.ts';
import {
  parseOnlyCommand,
  parseErrors,
  parseOnlyItem,
  summarizeCommands,
} from '../../fixtures/comments/parsed-commands.ts';

test.each<[written: string, positionals: string[], parameters: Record<string, string>]>([
  ['/run Hello', ['Hello'], {}],
  ['/run Hello who=world', ['Hello'], { who: 'world' }],
  ['/run\tHello \t who=world', ['Hello'], { who: 'world' }],
  ['/run Hello b=2 a=1', ['Hello'], { a: '1', b: '2' }],
  ['/run a=1 Hello b=2', ['Hello'], { a: '1', b: '2' }],
  ['/run Hello who="two words"', ['Hello'], { who: 'two words' }],
  ["/run Hello who='two words'", ['Hello'], { who: 'two words' }],
  ['/run \'single\' "double"', ['single', 'double'], {}],
  [String.raw`/run Hello who="a \"b\" \\ c"`, ['Hello'], { who: String.raw`a "b" \ c` }],
  [String.raw`/run Hello who='a "b" \ c'`, ['Hello'], { who: String.raw`a "b" \ c` }],
  [String.raw`/run Hello who="C:\temp\d+\."`, ['Hello'], { who: String.raw`C:\temp\d+\.` }],
  [String.raw`/run Hello who=C:\temp`, ['Hello'], { who: String.raw`C:\temp` }],
  [String.raw`/run Hello who="\<b> \[x](y) \u003Ci>"`, ['Hello'], { who: '<b> [x](y) <i>' }],
  ['/run Hello who=""', ['Hello'], { who: '' }],
  ["/run Hello who=O'Brien", ['Hello'], { who: "O'Brien" }],
  ['/run Hello who=a=b==', ['Hello'], { who: 'a=b==' }],
  ['/run Hello who="名前 — ñ 🚣"', ['Hello'], { who: '名前 — ñ 🚣' }],
  ['/run Hello who=❤️', ['Hello'], { who: '❤️' }],
  ['/run Hello who=`code`', ['Hello'], { who: '`code`' }],
  ['/run Hello who=*a*_b_', ['Hello'], { who: '*a*_b_' }],
  ['/run Hello url=https://example.org/?a=1&b[]=2', ['Hello'], { url: 'https://example.org/?a=1&b[]=2' }],
  ['/run Hello who=a\u00a0b=c', ['Hello'], { b: 'c', who: 'a' }],
  ['/run Hello who=a <!-- and a note -->', ['Hello'], { who: 'a' }],
  ['/run Hello <!-- in --> who=a', ['Hello'], { who: 'a' }],
  [
    '/run Hello __proto__=1 constructor=2',
    ['Hello'],
    JSON.parse('{"__proto__":"1","constructor":"2"}') as Record<string, string>,
  ],
])('reads %s', (text, positionals, parameters) => {
  const read = parseOnlyCommand(text);
  expect(read).toMatchObject({ name: 'run', positionals });
  expect(Object.entries(read.parameters)).toEqual(Object.entries(parameters));
});

test.each([
  ['/run Hello b=2 a=1', '/run Hello a=1 b=2'],
  ['/run  Hello  who="world" ', '/run Hello who=world'],
  ["/run Hello who='two words'", '/run Hello who="two words"'],
  ['/run Hello who=""', '/run Hello who=""'],
  ["/run Hello who='a\"b'", String.raw`/run Hello who="a\"b"`],
  [String.raw`/run Hello who="\<b>"`, String.raw`/run Hello who="\<b>"`],
  ['/run Hello who=https://x.y/a[]', String.raw`/run Hello who="https://x.y/a\u005B]"`],
  ["/run 'a=b'", '/run "a=b"'],
  ['/COMPUTE 10', '/compute 10'],
  ['/cox help', '/help'],
  ['/cox /Help Compute', '/help Compute'],
  ['/run Hello who=a <!-- b -->', '/run Hello who=a'],
])('%s is %s', (text, canonical) => {
  expect(parseOnlyCommand(text).canonical).toBe(canonical);
  expect(parseOnlyCommand(canonical).canonical).toBe(canonical);
});

test('repeated commands are counted, however they are written', () => {
  const body = '/run A x=1 y=2\n/run A\n/cox run A y=2 x="1"\n/run A\n';
  const counted = [...summarizeCommands(body)];
  expect(counted).toEqual(['/run A x=1 y=2', '/run A', '/run A x=1 y=2', '/run A']);
  const third = parseOnlyCommand('/run A y=2 x=1');
  expect(third.occurrence).toBe(1);
});

test('positions count lines and code points', () => {
  const [found] = parseErrors('Hello\r\n\r\n  /compute 🚣🚣 a=1 a=2').filter(
    ({ code }) => code === 'duplicate-parameter',
  );
  expect(found?.position).toEqual({ line: 3, column: 19 });
  expect(parseOnlyItem('Hello\r\n\r\n  /compute 1')).toMatchObject({
    command: { position: { line: 3, column: 3 } },
  });
});

test.each<[written: string, ...errors: [code: string, column: number][]]>([
  ['/run A x="b', ['unclosed-quote', 10]],
  ["/run A x='b", ['unclosed-quote', 10]],
  ['/run "A', ['unclosed-quote', 6]],
  [String.raw`/run A x="b\"`, ['unclosed-quote', 10]],
  ['/run A x=1 x=2', ['duplicate-parameter', 12]],
  ['/run A x=', ['missing-value', 10]],
  ['/run A x= y=1', ['missing-value', 10]],
  ['/run A x="b"c', ['stray-text', 13]],
  ['/run "A"x=1', ['stray-text', 9]],
  ['/run A x=b"c', ['quote-inside', 11]],
  ['/run A =b', ['invalid-name', 8]],
  ['/run A größe=b', ['invalid-name', 8]],
  ['/run A x=\u202eb', ['refused-character', 10]],
  ['/run A x="a\tb"', ['refused-character', 12]],
  ['/run A x=a\u200bb y=c\u200bd z=\u2060', ['refused-character', 11], ['refused-character', 22]],
  ['/run A x=<b>', ['hidden-text', 10]],
  ['/run A x=a<!-- b -->', ['hidden-text', 11]],
  ['/run A x="a <!-- b --> c"', ['hidden-text', 13]],
  ['/run A x=[a](b)', ['hidden-text', 13]],
  ['/run<b> A', ['hidden-text', 5]],
  ['/ru\u200bn A', ['refused-character', 4]],
  ['/run A x= y="b z= =1', ['missing-value', 10], ['unclosed-quote', 13]],
  [
    '/run A x="b"c x=1 y= =2',
    ['stray-text', 13],
    ['duplicate-parameter', 15],
    ['missing-value', 21],
    ['invalid-name', 22],
  ],
  ['/cox', ['missing-command', 5]],
  ['/cox nope', ['unknown-command', 6]],
  ['/cox <b>', ['missing-command', 9]],
  ['/comptue 1', ['unknown-command', 1]],
  ['/hlep', ['unknown-command', 1]],
  ['/runs A x=', ['unknown-command', 1], ['missing-value', 11]],
  ['/compute abc x="', ['wrong-type', 10], ['unclosed-quote', 16]],
  ['/explain "run', ['unclosed-quote', 10]],
  ['/compute "', ['unclosed-quote', 10]],
])('%j has errors: %j', (text, ...expected) => {
  expect(parseErrors(text).map(({ code, position }) => [code, position.column])).toEqual(expected);
});

test('the details of an error', () => {
  expect(parseErrors('/run A x=a\u202eb')).toEqual([
    {
      code: 'refused-character',
      position: { line: 1, column: 11 },
      message: 'U+202E is a character that changes the direction of text',
      expected: 'visible characters',
      received: 'U+202E',
      suggestion: null,
    },
  ]);
  expect(parseErrors('/comptue 1')).toEqual([
    {
      code: 'unknown-command',
      position: { line: 1, column: 1 },
      message: '{received} is not a command',
      expected: `one of ${commandNames.join(', ')}`,
      received: 'comptue',
      suggestion: '/compute',
    },
  ]);
});

test.each([
  ['U+0007 is a control character', '\u0007'],
  ['U+00AD is an invisible character', '\u00ad'],
  ['U+200D is an invisible character', '\u200d'],
  ['U+2028 is a line separator', '\u2028'],
  ['U+2066 is a character that changes the direction of text', '\u2066'],
  ['U+FEFF is an invisible character', '\ufeff'],
  ['U+FE0F is an invisible character', 'a\ufe0f'],
  ['U+D800 is not a valid character', '\ud800'],
  ['U+034F is an invisible character', '\u034f'],
  ['U+115F is an invisible character', '\u115f'],
  ['U+180E is an invisible character', '\u180e'],
  ['U+2800 is an invisible character', '\u2800'],
  ['U+3164 is an invisible character', '\u3164'],
  ['U+FE0F is an invisible character', '1\ufe0f'],
  ['U+FE00 is an invisible character', '❤\ufe00'],
  ['U+FFA0 is an invisible character', '\uffa0'],
  ['U+FFF9 is a format character', '\ufff9'],
  ['U+E000 is a private-use character', '\ue000'],
  ['U+1D159 is an invisible character', '\u{1d159}'],
  ['U+1D173 is an invisible character', '\u{1d173}'],
  ['U+E0001 is an invisible tag character', '\u{e0001}'],
  ['U+E007F is an invisible tag character', '🏴\u{e007f}'],
  ['U+E0100 is an invisible character', '葛\u{e0100}'],
  ['U+E0FFF is an invisible character', '\u{e0fff}'],
  ['U+E0041 is an invisible tag character', '\u{e0041}'],
])('%s', (message, char) => {
  expect(parseErrors(`/run A x=${char}`).map((mistake) => mistake.message)).toEqual([message]);
});

test.each([
  ['/run Deploy token="s3cret', '/run Deploy token=…'],
  ['/run Deploy "s3cret', '/run Deploy …'],
  ['/rnu Deploy token=s3cret', '/rnu Deploy token=…'],
  ['/explain run Deploy token="s3cret', '/explain run … token=…'],
  ['/compute 10 x="a', '/compute 10 x="a'],
  ['/compute 10 x=\u202e', '/compute 10 x=\ufffd'],
  [`/compute ${'9'.repeat(200)} x=`, `/compute ${'9'.repeat(110)}…`],
])('the heading of %j is %j', (text, heading) => {
  expect(parseOnlyItem(text)).toMatchObject({ kind: 'invalid', heading });
});

test.each([
  '/fox',
  '/cxo',
  '/rn2',
  '/computer-science',
  '/helpers',
  '/taskset',
  '/k8s',
  '/test',
  '/rerun',
  '/compute=5',
  '/-',
])('commands of other bots are ignored: %s', (text) => expect(summarizeCommands(text)).toEqual([]));
