import { expect, test } from '@jest/globals';
import { levels } from '../../../chatops/github/port.ts';
import { decide } from '../../../chatops/policy/index.ts';

test.each([
  ['compute', 'write'],
  ['run', 'write'],
  ['cancel', 'write'],
  ['tasks', 'read'],
  ['help', 'none'],
] as const)('%s needs %s', (command, needed) => {
  const allowed = levels.filter((level) => decide(command, level).allowed);
  expect(allowed).toEqual(levels.slice(levels.indexOf(needed)));
});

test('a decision says why', () => {
  expect(decide('run', 'triage')).toEqual({
    allowed: false,
    reason: 'level-too-low',
    needed: 'write',
    held: 'triage',
  });
  expect(decide('run', 'admin')).toEqual({
    allowed: true,
    reason: 'level-suffices',
    needed: 'write',
    held: 'admin',
  });
});
