import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { toApprovalCode, hashRequest } from '../../../chatops/job/index.ts';

const asked = {
  job: 'job-1',
  work: { taskName: 'StopVM', image: 'azure-cli', definition: 'd1', sha256: 's1', retryOf: null },
  values: { VMName: 'web-1', Force: 'no' },
  policy: 'c1',
  requester: 1,
};

test.each<[string, Partial<typeof asked> | { policy: null }]>([
  ['another job', { job: 'job-2' }],
  ['another image', { work: { ...asked.work, image: 'azure-cli:2' } }],
  ['another definition', { work: { ...asked.work, definition: 'd2' } }],
  ['another script', { work: { ...asked.work, sha256: 's2' } }],
  ['another value', { values: { ...asked.values, VMName: 'web-2' } }],
  ['values that changed places', { values: { VMName: 'no', Force: 'web-1' } }],
  ['another policy', { policy: 'c2' }],
  ['no policy', { policy: null }],
  ['another requester', { requester: 2 }],
])('%s has another code', (_what, change) => {
  const code = (what: Parameters<typeof hashRequest>[0]) => toApprovalCode(hashRequest(what));
  expect(code({ ...asked, ...change })).not.toBe(code(asked));
});

test('the order in which values were written changes nothing', () => {
  const turned = Object.fromEntries(Object.entries(asked.values).toReversed());
  expect(hashRequest({ ...asked, values: turned })).toBe(hashRequest(asked));
});

test('what stands in one place cannot pass for what stands in another', () => {
  const values = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });
  fc.assert(
    fc.property(values, values, (one, other) => {
      const alike = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
      const [a, b] = [one, other].map((values) => hashRequest({ ...asked, values }));
      expect(a === b).toBe(alike);
    }),
  );
});

const sorted = (record: Record<string, string>): [string, string][] =>
  Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));

test('a code is ten letters and digits that are not mistaken for one another: the first 50 bits', () => {
  expect(toApprovalCode('0'.repeat(64))).toBe('0000000000');
  expect(toApprovalCode('f'.repeat(64))).toBe('zzzzzzzzzz');
  expect(toApprovalCode(`${'0'.repeat(12)}4${'f'.repeat(51)}`)).toBe('0000000001');
  expect(toApprovalCode(`8${'0'.repeat(63)}`)).toBe('g000000000');
  expect(toApprovalCode(hashRequest(asked))).toMatch(/^[0-9a-hjkmnp-tv-z]{10}$/);
});
