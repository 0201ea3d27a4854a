import { expect, test } from '@jest/globals';
import type { Lock } from '../../../../contracts/conditions.ts';
import { isSameOwner } from '../../../../compute/orchestrator/job/job-ids.ts';
import { redactLock } from '../../../../compute/orchestrator/locks/redacted-lock.ts';

const since = '2026-01-01T00:00:00.000Z';
const job = (n: number) => `job-${String(n).padStart(32, '0')}`;
const mona = { kind: 'person', person: { id: '1', name: 'mona' }, reason: 'move', since } as const;

/** A lock with these owners of its holders and waiting jobs; an older version stored none. */
const lockOf = (
  scope: string,
  holders: (string | undefined)[],
  waiting: (string | undefined)[] = [],
): Lock => {
  const entry = (owner: string | undefined, n: number) => ({ job: job(n), owner, since });
  return {
    v: 1,
    scope,
    key: 'vm/web-1',
    slots: 1,
    holders: [...holders.map((owner, n) => ({ kind: 'job' as const, ...entry(owner, n) })), mona],
    waiting: waiting.map((owner, n) => entry(owner, n + 10)),
  };
};

const seen = (lock: Lock, reader: string) => {
  const { holders, waiting, elsewhere } = redactLock(lock, (owner) => isSameOwner(reader, owner));
  return [
    holders.map((holder) => (holder.kind === 'job' ? holder.job : holder.person.name)),
    waiting.map((each) => each.job),
    elsewhere,
  ];
};

test('jobs of others are only counted, and people are shown', () => {
  const lock = lockOf('tasks', ['h/1', 'h/2', 'x/1', ''], ['h/2', 'h/1']);
  expect(seen(lock, 'h/1')).toEqual([[job(0), 'mona'], [job(11)], { holders: 3, waiting: 1 }]);
  expect(seen(lock, 'h/3')).toEqual([['mona'], [], { holders: 4, waiting: 2 }]);
});

test('a lock without jobs of others is unchanged', () => {
  const lock = lockOf('tasks', ['h/1'], ['h/1']);
  expect(redactLock(lock, () => true)).toBe(lock);
});

test.each<[string, string, boolean]>([
  ['tasks', 'h/1', false],
  ['h/1', 'h/1', true],
  ['h/1#concurrent', 'h/1', true],
  ['h/2', 'h/1', false],
])(
  'a job in the %s of an older version belongs to the repository in the scope: %s',
  (scope, reader, isOurs) => {
    const found = seen(lockOf(scope, [undefined], [undefined]), reader);
    expect(found).toEqual(
      isOurs ? [[job(0), 'mona'], [job(10)], undefined] : [['mona'], [], { holders: 1, waiting: 1 }],
    );
  },
);

test.each<[string, string, boolean]>([
  ['h/1', 'h/1', true],
  ['/1', 'h/1', true],
  ['h/1', '/1', true],
  ['/1', '/1', true],
  ['', '', true],
  ['', 'h/1', false],
  ['h/1', 'h/11', false],
  ['h/11', '/1', false],
  ['h/1', 'x/1', false],
  ['h/1', '1', false],
  ['/1', '/11', false],
])('the owners %j and %j are the same: %s', (a, b, same) => {
  expect([isSameOwner(a, b), isSameOwner(b, a)]).toEqual([same, same]);
});
