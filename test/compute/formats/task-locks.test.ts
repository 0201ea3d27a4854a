import { describe, expect, test } from '@jest/globals';
import { fillTaskLock, fillTaskLocks } from '../../../compute/formats/task-locks.ts';
import { readDefinition } from '../../../compute/orchestrator/catalogue.ts';

test.each([
  ['vm/${VMName}', { VMName: 'Web-1' }, 'vm/web-1'],
  ['vm/${VMName}', { VMName: 'a/b c' }, 'vm/a%2fb%20c'],
  ['VM/${a}/${b}', { a: '1', b: '2' }, 'vm/1/2'],
  ['vm/${VMName}', { VMName: '' }, undefined],
  ['vm/${VMName}', {}, undefined],
  ['vm/${toString}', {}, undefined],
  ['vm/${VMName}', { VMName: 'x'.repeat(300) }, undefined],
])('the key %s with %j is %s', (key, values, filled) => {
  expect(fillTaskLock({ key }, values)?.key).toBe(filled);
});

test.each([
  ['vm/${Nobody}', 'Nobody, which is not a parameter of the task'],
  ['vm/', 'is not a valid key'],
  ['vm web', 'is not a valid key'],
  ['vm/${pass}', 'refers to pass, which is a secret parameter'],
])('a definition with the lock %s is not valid, and says why', (key, message) => {
  const definition = {
    taskName: 'StopVM',
    dockerImage: 'image',
    scriptName: 'stop.sh',
    scriptParameters: [{ parameterName: 'VMName' }, { parameterName: 'pass', secret: true }],
    locks: [{ key }],
  };
  expect(readDefinition('StopVM', JSON.stringify(definition))).toMatchObject({
    ok: false,
    problem: { message: expect.stringContaining(message) },
  });
});

describe('the locks of a job', () => {
  const locks = [
    { key: 'vm/${from}', slots: 5 },
    { key: 'vm/${to}', whenTaken: 'refuse' as const },
  ];
  const fill = (from: string, to: string) => {
    const filled = fillTaskLocks(locks, { from, to });
    return filled.ok ? filled.value.map(({ key, slots, whenTaken }) => [key, slots, whenTaken]) : filled;
  };

  test('come in one order, whichever parameter has which value', () => {
    expect(fill('a', 'b')).toEqual([
      ['vm/a', 5, 'queue'],
      ['vm/b', 1, 'refuse'],
    ]);
    expect(fill('b', 'a')).toEqual([
      ['vm/a', 1, 'refuse'],
      ['vm/b', 5, 'queue'],
    ]);
  });

  test('with one key are one lock, with the fewest slots', () => {
    expect(fill('a', 'A')).toEqual([['vm/a', 1, 'refuse']]);
  });
});
