import { expect, test } from '@jest/globals';
import { createBoundedPolicyReader, readPolicy } from '../../../chatops/policy/index.ts';

/* Which policies are left to another process, and what a process that exceeded its limits makes of a policy. */

const limits = { maxMilliseconds: 5_000, maxMegabytes: 192 };

const pattern = 'compute: {parameters: {a: {pattern: "(a{30}){30}"}}}';

/** Reads a policy; `isolated`: what was left to another process. */
const readBy = async (text: string) => {
  const isolated: string[] = [];
  const read = createBoundedPolicyReader({
    run: async (given) => {
      isolated.push(given);
      return { kind: 'returned', value: readPolicy(given) };
    },
    limits,
    onExceeded: () => {},
  });
  return { value: await read(text), isolated };
};

test.each([
  '',
  'version: 1\n',
  'version: 1\nentry: nobody\n',
  `version: 1\ncompute: {allow: {users: [${'-,'.repeat(900)}]}}`,
])('a policy that is small and has no pattern is read in place: %j', async (text) => {
  expect(await readBy(text)).toEqual({ value: readPolicy(text), isolated: [] });
});

test.each([
  `version: 1\n${' '.repeat(2_048)}`,
  `version: 1\n${pattern}`,
  // Other ways to write the key.
  `version: 1\n${pattern.replace('pattern', '"pattern"')}`,
  `version: 1\n${pattern.replace('pattern', String.raw`"p\x61ttern"`)}`,
  `version: 1\n${pattern.replace('pattern', String.raw`"\u0070attern"`)}`,
  `version: 1\n${pattern.replace('pattern', '"pat\\\ntern"')}`,
  `version: 1\n${pattern.replace('{pattern:', '{? pattern\n :')}`,
  `version: 1\nx: &key pattern\n${pattern.replace('pattern', '*key ')}`,
])('every other one is left to another process: %j', async (text) => {
  expect(await readBy(text)).toEqual({ value: readPolicy(text), isolated: [text] });
});

test.each([
  ['timed-out', 'The file takes too long to read', '5 seconds'],
  ['out-of-memory', 'The file takes too much memory to read', '192 MB'],
] as const)('%s: the policy has one mistake, which names the limit', async (kind, message, limit) => {
  const exceeded: string[] = [];
  const read = createBoundedPolicyReader({
    run: async () => ({ kind }),
    limits,
    onExceeded: (which, text) => void exceeded.push(`${which} ${text.length}`),
  });
  expect(await read('version: 1 # \\')).toEqual({
    isUnfinished: true,
    mistakes: [
      {
        line: 1,
        column: 1,
        path: '',
        message,
        expected: `at most ${limit}`,
        received: `more than ${limit}`,
      },
    ],
  });
  expect(exceeded).toEqual([`${kind} 14`]);
});
