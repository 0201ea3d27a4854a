import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseCommands } from '../../../chatops/command/index.ts';
import { commentWithCommands, findLineMismatch } from '../../fixtures/comments/shown-lines.ts';

test('readers see every character of the line of an accepted command, and no others', () => {
  fc.assert(
    fc.property(commentWithCommands, (body) => {
      expect(findLineMismatch(body)).toBeUndefined();
    }),
    { numRuns: 2_000, seed: 20_261_130 },
  );
});

test.each([
  '/run A a=1 <!-- note --> b=2',
  '/run A a=`x` b=*y* c=~/z d=$HOME e=<https://x.y> f=x@y.z',
  '| h |\n| - |\n| c |\n/run A a=x',
  'a\\~b\n/run A a=1\nc\\~ d',
])('an ordinary line is accepted and completely visible: %j', (body) => {
  expect(findLineMismatch(body)).toBeUndefined();
  expect(parseCommands(body)).toMatchObject([{ kind: 'command' }]);
});
