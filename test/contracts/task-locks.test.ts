import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { toLockKeyPart } from '../../chatops/command/values/lock-key.ts';
import { TaskRequest } from '../../contracts/job-request.ts';
import { parseInput } from '../../contracts/problem.ts';
import { fillTaskLock, fillTaskLocks } from '../../contracts/task-locks.ts';
import { parseDefinition } from '../../compute/orchestrator/catalogue/catalogue.ts';

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
  expect(parseDefinition('StopVM', JSON.stringify(definition))).toMatchObject({
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

  test('have one order, whatever the values of the parameters', () => {
    expect(fill('a', 'b')).toEqual([
      ['vm/a', 5, 'queue'],
      ['vm/b', 1, 'refuse'],
    ]);
    expect(fill('b', 'a')).toEqual([
      ['vm/a', 1, 'refuse'],
      ['vm/b', 5, 'queue'],
    ]);
  });

  test('with the same key are one lock, with the fewest slots', () => {
    expect(fill('a', 'A')).toEqual([['vm/a', 1, 'refuse']]);
  });
});

describe('more than 4 locks', () => {
  const named = (count: number) => Array.from({ length: count }, (_, n) => ({ key: `vm/${n}` }));
  const scoped = (count: number) => named(count).map((lock) => ({ scope: 'acme', ...lock }));
  const definitionWith = (count: number) =>
    parseDefinition(
      'StopVM',
      JSON.stringify({
        taskName: 'StopVM',
        dockerImage: 'image',
        scriptName: 'stop.sh',
        locks: named(count),
      }),
    );
  const requestWith = (count: number) =>
    parseInput(TaskRequest, { taskName: 'StopVM', conditions: { locks: scoped(count) } });

  test.each([5, 1_000])('in a request are refused with the limit and the number: %i', (count) => {
    expect(requestWith(4).ok).toBe(true);
    expect(requestWith(count)).toEqual({
      ok: false,
      problem: {
        code: 'invalid-parameter',
        field: 'conditions.locks',
        message: `conditions.locks: expected at most 4 locks, received ${count}`,
        expected: 'at most 4 locks',
        received: String(count),
      },
    });
  });

  test('in a definition make the task invalid, with the limit and the number', () => {
    expect(definitionWith(4).ok).toBe(true);
    expect(definitionWith(5)).toMatchObject({
      ok: false,
      problem: {
        message: 'The definition of StopVM is not valid: locks: expected at most 4 locks, received 5',
      },
    });
  });
});

test('a value becomes the same part of a key as in a policy and in /lock, whatever it is', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.string({ maxLength: 40 }),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
      .map((units) => String.fromCharCode(...units)),
    fc.constantFrom('%2f', '%', '/', 'é', 'e\u0301', 'İ', 'ẞ', 'ﬃ', 'Ω', 'Å', '\ud800', '\udc00x', '\0'),
  );
  fc.assert(
    fc.property(text, (value) => {
      const part = toLockKeyPart(value);
      // Longer keys are none, and an empty value is a missing one.
      const expected = value === '' || part.length > 198 ? undefined : `v/${part}`;
      expect(fillTaskLock({ key: 'v/${value}' }, { value })?.key).toBe(expected);
    }),
    { numRuns: 5_000 },
  );
});
