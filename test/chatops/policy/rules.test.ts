import { describe, expect, test } from '@jest/globals';
import {
  defaultPolicy,
  describeRule,
  buildLockKey,
  getMentions,
  readPolicy,
  getWorkRules,
  isThreadAllowed,
  findViolations,
} from '../../../chatops/policy/index.ts';
import { expectedFewerSteps } from '../../../contracts/pattern-limits.ts';
import type { Policy, ValueRule, WorkRules } from '../../../chatops/policy/policy.ts';
import { createRule } from '../../fakes/author-access.ts';

const policyIn = (text: string): Policy => (readPolicy(`version: 1\n${text}`) as { policy: Policy }).policy;

describe('the rules of some work', () => {
  const policy = policyIn(
    'tasks: {StopVM: {limits: {concurrent: 2}}, "*": {limits: {concurrent: 3}}}\ncompute: {limits: {concurrent: 4}}',
  );

  test.each([
    ['a task that is named', { kind: 'run', taskName: 'StopVM' }, 2],
    ['one that is not', { kind: 'run', taskName: 'StartVM' }, 3],
    ['one whose name is written otherwise', { kind: 'run', taskName: 'stopvm' }, 3],
    ['one with the name of what every object has', { kind: 'run', taskName: 'constructor' }, 3],
    ['/compute', { kind: 'compute' }, 4],
  ] as const)('%s', (_what, work, concurrent) => {
    expect(getWorkRules(policy, work).limits.concurrent).toBe(concurrent);
  });
});

describe('values', () => {
  const rules = (parameters: Record<string, Partial<ValueRule>>): WorkRules => ({
    ...defaultPolicy.compute,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, rule]) => [name, { pattern: null, allowed: null, ...rule }]),
    ),
  });
  const codes = (parameters: Record<string, Partial<ValueRule>>, values: Record<string, string>) =>
    findViolations(rules(parameters), values).map(({ name, code }) => `${name} ${code}`);

  test.each([
    ['web-1', []],
    ['web-12345', []],
    ['web-', ['VM pattern-mismatch']],
    ['xweb-1', ['VM pattern-mismatch']],
    ['web-1; rm -rf /', ['VM pattern-mismatch']],
    ['web-1\n', ['VM pattern-mismatch']],
    ['web-1\nweb-2', ['VM pattern-mismatch']],
    ['', ['VM pattern-mismatch']],
  ])('%j against a pattern', (value, expected) => {
    expect(codes({ VM: { pattern: 'web-[0-9]+' } }, { VM: value })).toEqual(expected);
  });

  test('an alternative of the pattern is as whole as the pattern', () => {
    expect(codes({ VM: { pattern: 'web|web-1' } }, { VM: 'web-1' })).toEqual([]);
    expect(codes({ VM: { pattern: 'a|b' } }, { VM: 'ab' })).toEqual(['VM pattern-mismatch']);
  });

  test('at most 1 KiB, in bytes', () => {
    const any = { VM: { pattern: '(?s).*' } };
    expect(codes(any, { VM: 'a'.repeat(1_024) })).toEqual([]);
    expect(codes(any, { VM: 'a'.repeat(1_025) })).toEqual(['VM pattern-mismatch']);
    expect(codes(any, { VM: 'ä'.repeat(513) })).toEqual(['VM pattern-mismatch']);
  });

  test('a pattern that explodes elsewhere does not here', () => {
    expect(codes({ VM: { pattern: '(a+)+b' } }, { VM: 'a'.repeat(1_024) })).toEqual(['VM pattern-mismatch']);
  });

  test('all values of a command are matched in a bounded number of steps', () => {
    const large = { pattern: `(.*a){900}b|${'a'.repeat(400)}` };
    const small = { pattern: '[a-z]+' };
    const named = (count: number) => Array.from({ length: count }, (_, n) => `p${n}`);
    const all = <T>(names: readonly string[], value: T) =>
      Object.fromEntries(names.map((name) => [name, value]));
    const names = named(30);
    // About 4 900 instructions and 400 bytes are less than the limit once, and more than it twice.
    const { length: refusals } = codes(all(names, large), all(names, 'a'.repeat(400)));
    expect(refusals).toBe(29);
    const [first, second] = findViolations(rules(all(names, large)), all(names, 'a'.repeat(400)));
    expect(first).toEqual({ ...second, name: 'p1' });
    expect(second?.expected).toBe(expectedFewerSteps);
    // A comment has room for no more.
    expect(codes(all(named(60), small), all(named(60), 'a'.repeat(1_024)))).toEqual([]);
  });

  test('a list of the only ones', () => {
    const rule = { Region: { allowed: ['eu', 'us'] } };
    expect(codes(rule, { Region: 'eu' })).toEqual([]);
    expect(codes(rule, { Region: 'EU' })).toEqual(['Region not-allowed']);
    expect(codes({ Region: { allowed: [] } }, { Region: 'eu' })).toEqual(['Region not-allowed']);
    expect(
      policyIn('compute: {parameters: {n: {allowed: [1, true, x]}}}').compute.parameters['n']?.allowed,
    ).toEqual(['1', 'true', 'x']);
  });

  test('a parameter without a rule or without a value violates nothing', () => {
    expect(codes({ VM: { pattern: 'a' } }, { Other: 'b' })).toEqual([]);
    expect(codes({ constructor: { pattern: 'a' } }, {})).toEqual([]);
  });

  test('a violation never contains the value, which may be secret', () => {
    const told = findViolations(rules({ Key: { pattern: 'a', allowed: null } }), { Key: 'hunter2' });
    expect(JSON.stringify(told)).not.toContain('hunter2');
    expect(told).toEqual([
      { name: 'Key', code: 'pattern-mismatch', expected: 'a text that matches a as a whole' },
    ]);
  });
});

/* oxlint-disable no-template-curly-in-string -- they are templates of ours */
describe('the key of a lock', () => {
  const key = (template: string, values: Record<string, string>) =>
    buildLockKey({ key: template, when: 'queue' }, values);

  test.each([
    ['vm/${VMName}', { VMName: 'web-1' }, 'vm/web-1'],
    ['VM/${VMName}', { VMName: 'WEB-1' }, 'vm/web-1'],
    ['${A}.${B}', { A: 'x', B: 'y' }, 'x.y'],
    ['vm/${A}', { A: 'a/b c%' }, 'vm/a%2fb%20c%25'],
    ['vm/${A}', { A: 'Ä' }, 'vm/%c3%a4'],
    ['vm/${A}', { A: '${B}' }, 'vm/%24%7bb%7d'],
    ['all', {}, 'all'],
  ])('%s with %j', (template, values, expected) => {
    expect(key(template, values)).toEqual({ key: expected });
  });

  test('a value that is missing or empty is named', () => {
    expect(key('${A}/${B}', { A: 'x' })).toEqual({ missing: 'B' });
    expect(key('${A}', { A: '' })).toEqual({ missing: 'A' });
    expect(key('${constructor}', {})).toEqual({ missing: 'constructor' });
  });

  test('long values have keys of their own, as long as the orchestrator takes them', () => {
    const keys = ['a', 'b'].map((end) => key('vm/${A}', { A: 'ä'.repeat(500) + end }) as { key: string });
    expect(keys[0]).not.toEqual(keys[1]);
    for (const made of keys) expect(made.key).toMatch(/^[a-z0-9._~/%-]{199}[a-z0-9._~%-]$/);
  });
});

describe('threads', () => {
  test('issues, pull requests', () => {
    const policy = policyIn('threads: {issues: false}');
    expect(isThreadAllowed(policy, 'issue', [])).toBe(false);
    expect(isThreadAllowed(policy, 'pull-request', [])).toBe(true);
    expect(isThreadAllowed(policyIn('threads: {pullRequests: false}'), 'pull-request', [])).toBe(false);
  });

  test('any label of the list, in any case', () => {
    const policy = policyIn('threads: {labels: [Ops, chat]}');
    expect(isThreadAllowed(policy, 'issue', [])).toBe(false);
    expect(isThreadAllowed(policy, 'issue', ['bug'])).toBe(false);
    expect(isThreadAllowed(policy, 'issue', ['bug', 'ops'])).toBe(true);
  });
});

describe('a rule in words', () => {
  test.each([
    [{}, 'nobody'],
    [{ permission: 'maintain' }, '**maintain** access'],
    [{ permission: 'read', everyone: true }, 'everyone who can read this repository'],
    [{ permission: 'maintain', teams: ['acme/ops'] }, '**maintain** access, or a member of `acme/ops`'],
    [
      { teams: ['acme/ops', 'acme/oncall'], users: ['mona'], bots: ['dependabot[bot]'] },
      'a member of `acme/ops` or `acme/oncall`, or `mona`, or the bot `dependabot[bot]`',
    ],
  ] as const)('%j', (rule, words) => {
    expect(describeRule(createRule(rule))).toBe(words);
  });

  test('a long list is cut', () => {
    const users = Array.from({ length: 100 }, (_, n) => `user-${n}`);
    expect(describeRule(createRule({ users }))).toMatch(/^`user-0` or .*`user-9` or 90 more$/);
  });

  test('who can be mentioned', () => {
    expect(
      getMentions(
        createRule({ permission: 'write', teams: ['acme/oncall'], users: ['mona'], bots: ['a[bot]'] }),
      ),
    ).toEqual(['@acme/oncall', '@mona']);
  });
});
