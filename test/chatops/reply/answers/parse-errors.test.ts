import { expect, test } from '@jest/globals';
import type { ParseError } from '../../../../chatops/command/index.ts';
import * as say from '../../../../chatops/reply/answers/index.ts';

const mistake = (changes: Partial<ParseError>): ParseError => ({
  code: 'x',
  position: { line: 1, column: 10 },
  message: 'The number of inputs is wrong',
  expected: null,
  received: null,
  suggestion: null,
  ...changes,
});

test('an error has its position, what was expected and received, and a suggestion', () => {
  const found = [
    mistake({ expected: 'an integer from 1 to 10000000', received: 'abc', suggestion: '/compute 10' }),
  ];
  expect(say.renderParseErrors('/compute abc', found)).toBe(
    '😕 **`/compute abc`** was not run.\n\n' +
      '- Line 1, column 10: The number of inputs is wrong. Expected an integer from 1 to 10000000, received `abc`. ' +
      'Did you mean `/compute 10`?',
  );
});

test('an error that says what was written shows a suggestion instead of what was expected', () => {
  const unknown = { message: '{received} is not a task', expected: 'Hello' };
  const found = [
    { ...mistake(unknown), position: null, received: 'hello', suggestion: 'Hello' },
    { ...mistake(unknown), position: null, received: '@octocat `x`' },
  ];
  expect(say.renderParseErrors('/run', found)).toBe(
    '😕 **`/run`** was not run.\n\n' +
      '- `hello` is not a task. Did you mean `Hello`?\n' +
      '- `` @octocat `x` `` is not a task. Expected Hello.',
  );
});

test('a long list of errors is truncated', () => {
  const text = say.renderParseErrors(
    '/compute',
    Array.from({ length: 25 }, () => mistake({})),
  );
  expect(text.match(/^- Line/gm)).toHaveLength(20);
  expect(text).toMatch(/- and 5 more\.$/);
});

test.each([
  '@octocat said',
  'see #1',
  'see GH-1',
  'see acme/ops',
  'commit 1234abcd',
  '<b>bold</b>',
  '*bold*',
  '- a list',
  '1) a list',
  'https://example.org',
  'one\n/compute 5',
  '-->',
])('a message that would act stands in code: %j', (message) => {
  const text = say.renderParseErrors('/compute', [mistake({ message })]);
  expect(text).toContain(`: \`${message.replace('\n', ' ')}\`.`);
});

test('the orchestrator refuses', () => {
  const problem = {
    code: 'x',
    field: 'inputCount',
    message: 'm',
    expected: 'an integer from 1 to 10',
    received: '11',
  };
  expect(say.renderNotStarted('/compute 11', { outcome: 'refused', problem })).toBe(
    '😕 **`/compute 11`** was not started.\n\n- `inputCount`: expected an integer from 1 to 10, received `11`.',
  );
  const bare = { ...problem, field: null, message: 'too many jobs run' };
  expect(say.renderNotStarted('/compute 11', { outcome: 'refused', problem: bare })).toMatch(
    /- too many jobs run\.$/,
  );
});
