import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { defaultPolicy, describeRule, readPolicy } from '../../../chatops/policy/index.ts';
import type { Policy, PolicyProblem } from '../../../chatops/policy/policy.ts';

const policyIn = (text: string): Policy => {
  const read = readPolicy(text);
  if ('policy' in read) return read.policy;
  throw new Error(JSON.stringify(read.mistakes));
};

const mistakesIn = (text: string): PolicyProblem[] => {
  const read = readPolicy(text);
  return 'mistakes' in read ? read.mistakes : [];
};

/** `line:column path message | expected | received`. */
const told = (text: string): string[] =>
  mistakesIn(text).map(
    ({ line, column, path, message, expected, received }) =>
      `${line}:${column} ${path} ${message} | ${expected} | ${received}`,
  );

/** The file of the documents, as people copy it. */
const example = /```yaml\n(.*?)```/s.exec(readFileSync('docs/policy.md', 'utf8'))?.[1] ?? '';

const somebody = { permission: null, everyone: false, teams: [], users: [], bots: [] };

test('a number in allowed values counts as written', () => {
  const allowed = '[1.10, 12345678901234567890, 1e400, 0x10, -0, 7, text]';
  const { tasks } = policyIn(`version: 1\ntasks: {Hello: {parameters: {who: {allowed: ${allowed}}}}}`);
  expect(tasks['Hello']?.parameters['who']?.allowed).toEqual(allowed.slice(1, -1).split(', '));
});

test('the example of the documents', () => {
  expect(policyIn(example)).toEqual({
    entry: 'app',
    prefix: { name: 'cox', required: false },
    tasks: {
      StopVM: {
        allow: { ...somebody, permission: 'maintain', teams: ['org/ops'] },
        parameters: { VMName: { pattern: 'web-[0-9]+', allowed: null } },
        approval: { from: { ...somebody, teams: ['org/oncall'] }, count: 1, expiresSeconds: 14_400 },
        // oxlint-disable-next-line no-template-curly-in-string -- it is a template of ours
        lock: { key: 'vm/${VMName}', when: 'queue' },
        limits: { timeoutSeconds: 3_600, concurrent: 2, inputs: null },
      },
    },
    otherTasks: defaultPolicy.otherTasks,
    compute: {
      ...defaultPolicy.compute,
      limits: { timeoutSeconds: null, concurrent: null, inputs: 100_000 },
    },
    locks: {
      allow: { ...somebody, permission: 'write' },
      end: { seconds: null, untilClosed: false },
    },
    threads: { issues: true, pullRequests: true, labels: [] },
    notify: { when: 'long' },
    checks: false,
  });
});

test('a key that the file omits has the same default as without a file', () => {
  expect(policyIn('version: 1')).toEqual(defaultPolicy);
  expect(defaultPolicy.otherTasks.allow).toEqual({ ...somebody, permission: 'write' });
  expect(defaultPolicy.compute).toEqual(defaultPolicy.otherTasks);
  expect(defaultPolicy.prefix).toEqual({ name: 'cox', required: false });
});

test('a key that a rule omits allows nobody', () => {
  const { tasks, otherTasks } = policyIn(
    'version: 1\ntasks: {A: {}, B: {allow: {}}, C: {allow: {users: [Mona], teams: [Acme/Ops]}}, "*": {allow: {permission: admin}}}',
  );
  expect(tasks['A']?.allow).toEqual({ ...somebody, permission: 'write' });
  expect(tasks['B']?.allow).toEqual(somebody);
  expect(tasks['C']?.allow).toEqual({ ...somebody, users: ['mona'], teams: ['acme/ops'] });
  expect(otherTasks.allow).toEqual({ ...somebody, permission: 'admin' });
  expect(Object.keys(tasks)).toEqual(['A', 'B', 'C']);
});

test.each([
  ['90s', 90],
  ['10m', 600],
  ['4h', 14_400],
  ['7d', 604_800],
])('%s is %i seconds', (text, seconds) => {
  expect(policyIn(`version: 1\ncompute: {limits: {timeout: ${text}}}`).compute.limits.timeoutSeconds).toBe(
    seconds,
  );
});

test('aliases stand for what has their anchor', () => {
  const { tasks } = policyIn('version: 1\ntasks:\n  A: &ops {allow: {teams: [acme/ops]}}\n  B: *ops\n');
  expect(tasks['B']).toEqual(tasks['A']);
});

describe('all mistakes at once, each with its place', () => {
  test('keys that are not known', () => {
    expect(told('version: 1\nentri: app\ntaks: {}\nprefix:\n  nam: x\n  reqired: true\nvolume: 3\n')).toEqual(
      [
        '2:1 entri Unknown key entri; perhaps you meant entry | one of version, entry, prefix, tasks, compute, locks, threads, notify, checks | entri',
        '3:1 taks Unknown key taks; perhaps you meant tasks | one of version, entry, prefix, tasks, compute, locks, threads, notify, checks | taks',
        '5:3 prefix.nam Unknown key nam; perhaps you meant name | one of name, required | nam',
        '6:3 prefix.reqired Unknown key reqired; perhaps you meant required | one of name, required | reqired',
        '7:1 volume Unknown key volume | one of version, entry, prefix, tasks, compute, locks, threads, notify, checks | volume',
      ],
    );
  });

  test.each([
    ['{}', '1:1 version The key version is missing | the key version | null'],
    ['version: 2', '1:10 version This value is not valid | 1 | 2'],
    ['version: "1"', '1:10 version This value is not valid | 1 | 1'],
    ['', '1:1  A value is missing | a mapping | null'],
    ['- version: 1', '1:1  This value is not valid | a mapping | a list'],
    [
      'version: 1\nprefix: {required: yes}',
      '2:20 prefix.required This value is not valid | true or false | yes',
    ],
    [
      'version: 1\nprefix: {name: help}',
      '2:16 prefix.name This value is not valid | a word that is not a command | help',
    ],
    ['version: 1\ncompute: []', '2:10 compute This value is not valid | a mapping | a list'],
    ['version: 1\ncompute:\n  allow:\n', '3:9 compute.allow A value is missing | a mapping | null'],
    [
      'version: 1\ncompute: {allow: {permission: maintian}}',
      '2:31 compute.allow.permission This value is not valid; perhaps you meant maintain | one of read, triage, write, maintain, admin | maintian',
    ],
    [
      'version: 1\ncompute: {allow: {permission: none}}',
      '2:31 compute.allow.permission This value is not valid | one of read, triage, write, maintain, admin | none',
    ],
    [
      'version: 1\ncompute: {allow: {teams: [acme/ops, ops]}}',
      '2:37 compute.allow.teams[1] This value is not valid | a team as org/slug, without @ | ops',
    ],
    [
      'version: 1\ncompute: {allow: {bots: [dependabot]}}',
      '2:26 compute.allow.bots[0] This value is not valid | the login of a bot, in quotes: "dependabot[bot]", or schedule | dependabot',
    ],
    [
      'version: 1\ncompute: {allow: {permission: write, everyone: true}}',
      '2:18 compute.allow everyone: true requires permission: read | permission: read | null',
    ],
    [
      'version: 1\ntasks: {9x: {}}',
      '2:9 tasks.9x This name is not valid | the name of a task (a letter, then letters, digits, _ or -), or * | 9x',
    ],
    [
      'version: 1\ntasks: {A: {limits: {inputs: 3}}}',
      '2:22 tasks.A.limits.inputs Unknown key inputs | one of timeout, concurrent | inputs',
    ],
    [
      'version: 1\ntasks: {A: {limits: {concurrent: 1001}}}',
      '2:34 tasks.A.limits.concurrent This value is not valid | an integer from 1 to 1000 | 1001',
    ],
    [
      'version: 1\ntasks: {A: {limits: {concurrent: 1.5}}}',
      '2:34 tasks.A.limits.concurrent This value is not valid | an integer from 1 to 1000 | 1.5',
    ],
    [
      'version: 1\ntasks: {A: {limits: {timeout: 10}}}',
      '2:31 tasks.A.limits.timeout This value is not valid | a time such as 90s, 10m, 4h or 7d | 10',
    ],
    [
      'version: 1\ntasks: {A: {limits: {timeout: 8d}}}',
      '2:31 tasks.A.limits.timeout This value is not valid | at most 7d | 8d',
    ],
    [
      'version: 1\ntasks: {A: {approval: {}}}',
      '2:23 tasks.A.approval.from The key from is missing | the key from | null',
    ],
    [
      'version: 1\ntasks: {A: {approval: {from: {}}}}',
      '2:30 tasks.A.approval.from Nobody could ever approve | permission, teams or users | null',
    ],
    [
      "version: 1\ntasks: {A: {approval: {from: {bots: ['a[bot]']}}}}",
      '2:30 tasks.A.approval.from Bots cannot approve | permission, teams or users | null',
    ],
    [
      'version: 1\ntasks: {A: {approval: {from: {users: [a]}, count: 11, expires: 31d}}}',
      '2:51 tasks.A.approval.count This value is not valid | an integer from 1 to 10 | 11',
      '2:64 tasks.A.approval.expires This value is not valid | at most 30d | 31d',
    ],
    [
      'version: 1\ntasks: {A: {lock: {key: vm/$VMName}}}',
      '2:25 tasks.A.lock.key This value is not valid | letters, digits, . _ ~ - / and parameters as ${Name}, not ending with / | vm/$VMName',
    ],
    [
      "version: 1\ntasks: {A: {lock: {key: 'vm/${VM Name}'}}}",
      '2:25 tasks.A.lock.key This value is not valid | letters, digits, . _ ~ - / and parameters as ${Name}, not ending with / | vm/${VM Name}',
    ],
  ])('%j', (text, ...expected) => {
    expect(told(text)).toEqual(expected);
  });

  test('excerpts of the file are truncated', () => {
    const [mistake] = mistakesIn(`version: 1\n${'k'.repeat(900)}: 1\n`);
    expect(mistake?.received).toHaveLength(100);
    expect(mistake?.path).toHaveLength(200);
    expect(mistake?.message.length).toBeLessThan(200);
  });

  test('columns are counted in code points', () => {
    expect(mistakesIn('version: 1\nthreads: {labels: ["ä𝒳😀", 3]}')).toMatchObject([{ line: 2, column: 27 }]);
  });

  test('lines that end in CRLF', () => {
    expect(mistakesIn('version: 1\r\nentry: ap\r\n')).toMatchObject([{ line: 2, column: 8 }]);
  });
});

describe('patterns', () => {
  const withPattern = (pattern: string) =>
    told(`version: 1\ntasks: {A: {parameters: {P: {pattern: ${JSON.stringify(pattern)}}}}}`);

  test.each([
    '(?=a)b',
    '(?!a)b',
    '(?<=a)b',
    '(?<!a)b',
    String.raw`(a)\1`,
    String.raw`(?<n>a)\k<n>`,
    '(?>a)',
    'a++',
  ])('%s cannot be linear', (pattern) => {
    expect(withPattern(pattern)).toEqual([
      expect.stringMatching(
        /^2:39 tasks\.A\.parameters\.P\.pattern The pattern is not valid: .*without lookarounds or backreferences/,
      ),
    ]);
  });

  test.each(['(a', '[z-a]', 'a{1001}', '((a{100}){100}){100}', String.raw`\p{Foo}`])(
    '%s is none',
    (pattern) => {
      expect(withPattern(pattern)).toHaveLength(1);
    },
  );

  test('too long', () => {
    expect(withPattern('a'.repeat(501))).toEqual([expect.stringContaining('at most 500 characters')]);
  });

  test.each(['web-[0-9]+', '^web$', '(?i)web', '(?P<n>a|b)', String.raw`[\p{L}\d]{1,20}`])(
    '%s is one',
    (pattern) => {
      expect(withPattern(pattern)).toEqual([]);
    },
  );
});

describe('YAML that is not accepted', () => {
  test.each([
    ['version: 1\nversion: 1', 2, 1, 'This key is defined twice'],
    ['---\nversion: 1\n---\nversion: 1', 3, 1, 'The file contains more than one document'],
    ['version: !mine 1', 1, 10, 'Tags are not allowed'],
    ['version: !!binary MQ==', 1, 10, 'Tags are not allowed'],
    ['version: !!js/function "f"', 1, 10, 'Tags are not allowed'],
    ['version: *one', 1, 10, 'No anchor is defined before this alias'],
    [
      'version: 1\ntasks: {A: &a {}, B: &b [*a, *a]}',
      2,
      26,
      'A value with an anchor cannot contain an alias',
    ],
    ['version: 1\nx: &x [*x]', 2, 8, 'A value with an anchor cannot contain an alias'],
    [`version: 1\nx: [&a {}${', *a'.repeat(101)}]`, 2, 12, 'The file has too many aliases'],
    ['? [a]\n: 1', 1, 3, 'A key must be a plain word'],
    ['version: 1\nlocks:\n\tallow: {}', 3, 1, 'Tabs are not allowed as indentation'],
    ['['.repeat(60_000), 1, expect.any(Number), 'The file is nested too deeply'],
    [`#${'x'.repeat(65_536)}`, 1, 1, 'The file is too large'],
    ['version: 1\nallow: {bots: [dependabot[bot]]}', 2, 26, 'Missing , or : between flow sequence items'],
  ])('%.60j', (text, line, column, message) => {
    expect(mistakesIn(text)[0]).toMatchObject({ line, column, message });
  });

  test.each(['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty'])(
    'a rule under %s is not skipped but refused',
    (name) => {
      for (const text of [
        `version: 1\n${name}: {}`,
        `version: 1\ntasks:\n  ${name}: {allow: {permission: admin}}`,
        `version: 1\ntasks: {A: {parameters: {${name}: {pattern: a}}}}`,
      ])
        expect(mistakesIn(text)).toMatchObject([{ message: 'This word cannot be used as a key' }]);
    },
  );
});

test('whatever the text is, it is read or every mistake has a place in it', () => {
  const word = fc.constantFrom(
    'version: 1',
    'tasks:',
    '  A: &a',
    '    allow: {',
    '}',
    '*a',
    'teams: [',
    ']',
    '- ',
    '? ',
    '"',
    '\t',
    '|',
    '!x',
    '%',
    '\u{1f600}',
    '\r',
    '__proto__: 1',
  );
  const texts = fc
    .array(fc.oneof(word, fc.string({ unit: 'binary' })), { maxLength: 12 })
    .map((parts) => parts.join('\n'));
  fc.assert(
    fc.property(texts, (text) => {
      const read = readPolicy(text);
      if ('policy' in read) return expect(describeRule(read.policy.compute.allow)).not.toBe('');
      const lines = text.split('\n').length;
      expect(read.mistakes.length).toBeGreaterThan(0);
      for (const { line, column } of read.mistakes) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines);
        expect(column).toBeGreaterThanOrEqual(1);
      }
    }),
    { numRuns: 500 },
  );
});
