import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { readPolicy } from '../../../chatops/policy/index.ts';

/* The schema that editors read, held against the reader. */

const schema = JSON.parse(readFileSync('docs/coxswain.schema.json', 'utf8')) as object;
const validate = new Ajv2020({ strict: true, strictTypes: false, strictSchema: true }).compile(schema);
const bySchema = (text: string): boolean => validate(parse(text));
const byReader = (text: string): boolean => 'policy' in readPolicy(text);

const file = (rest: string): string => `version: 1\n${rest}`;

describe('both take', () => {
  test.each([
    file(''),
    file('entry: action\nprefix: {name: ops, required: true}\nchecks: true'),
    file('tasks: {"*": {allow: {}}, Stop-VM_2: {}}'),
    file("tasks: {A: {allow: {permission: read, everyone: true, bots: ['dependabot[bot]']}}}"),
    file('tasks: {A: {approval: {from: {permission: maintain}, count: 10, expires: 30d}}}'),
    // oxlint-disable-next-line no-template-curly-in-string -- it is a template of ours
    file(
      "tasks: {A: {lock: {key: '${A}', when: refuse}, parameters: {A: {pattern: a, allowed: [1, x, true]}}}}",
    ),
    file('compute: {limits: {timeout: 90s, concurrent: 1000, inputs: 10000000}}'),
    file('threads: {issues: false, labels: [ops]}\nnotify: {when: never}\nlocks: {allow: {users: [mona]}}'),
  ])('%s', (text) => {
    expect([bySchema(text), byReader(text)]).toEqual([true, true]);
  });
});

describe('both refuse', () => {
  test.each([
    '{}',
    'version: 2',
    '[]',
    file('tsks: {}'),
    file('entry: both'),
    file('prefix: {name: Cox}'),
    file('prefix: {name: help}'),
    file('tasks: {9: {}}'),
    file('tasks: {A: []}'),
    file('tasks: {A: {allow: {permission: none}}}'),
    file('tasks: {A: {allow: {teams: [ops]}}}'),
    file('tasks: {A: {allow: {bots: [dependabot]}}}'),
    file('tasks: {A: {approval: {}}}'),
    file('tasks: {A: {approval: {from: {users: [a]}, count: 0}}}'),
    file('tasks: {A: {lock: {key: a/}}}'),
    file('tasks: {A: {limits: {timeout: 10}}}'),
    file('tasks: {A: {limits: {inputs: 1}}}'),
    file('tasks: {A: {parameters: {"a b": {}}}}'),
    file('compute: {limits: {concurrent: 1001}}'),
    file('threads: {labels: ops}'),
    file('notify: {when: sometimes}'),
    file('checks: yes'),
  ])('%s', (text) => {
    expect([bySchema(text), byReader(text)]).toEqual([false, false]);
  });
});

test('what only the reader knows', () => {
  for (const text of [
    file("compute: {parameters: {a: {pattern: '(?=a)'}}}"),
    file('compute: {limits: {timeout: 8d}}'),
    file('compute: {approval: {from: {}}}'),
    file('compute: {allow: {everyone: true}}'),
  ])
    expect([bySchema(text), byReader(text)]).toEqual([true, false]);
});

test('each key says what it is', () => {
  const silent: string[] = [];
  const look = (part: Record<string, unknown>, path: string): void => {
    for (const [key, value] of Object.entries(
      (part['properties'] ?? {}) as Record<string, Record<string, unknown>>,
    )) {
      if (typeof value['description'] !== 'string') silent.push(`${path}.${key}`);
      look(value, `${path}.${key}`);
    }
    if (typeof part['additionalProperties'] === 'object')
      look(part['additionalProperties'] as Record<string, unknown>, `${path}.*`);
  };
  look(schema as Record<string, unknown>, '');
  expect(silent).toEqual([]);
});
