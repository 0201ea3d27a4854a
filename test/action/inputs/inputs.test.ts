import { describe, expect, test } from '@jest/globals';
import type { ActionInputName } from '../../../action/inputs/input-definitions.ts';
import { readInputs, type InputError } from '../../../action/inputs/inputs.ts';
import { findCommands, runStep } from '../../fixtures/action/step-process.ts';

type InputTexts = Partial<Record<ActionInputName, string>>;

const validInputs: InputTexts = { task: 'StopVM', 'orchestrator-url': 'https://orchestrator.example.com' };

const read = (given: InputTexts): ReturnType<typeof readInputs> =>
  readInputs(
    Object.fromEntries(
      Object.entries({ ...validInputs, ...given }).map(([name, value]) => [
        `INPUT_${name.toUpperCase()}`,
        value,
      ]),
    ),
  );

const getMistakes = (given: InputTexts): readonly string[] => {
  try {
    read(given);
    return [];
  } catch (error) {
    return (error as InputError).mistakes;
  }
};

test('an omitted input has its default', () => {
  expect(read({})).toMatchObject({
    mode: 'auto',
    parameters: {},
    wait: true,
    'timeout-minutes': 360,
    'cancel-on-abort': true,
    'idempotency-key': undefined,
  });
});

test.each(['https://o.example.com/', 'https://o.example.com//'])('%s loses its slash', (url) => {
  expect(read({ 'orchestrator-url': url })['orchestrator-url']).toBe('https://o.example.com');
});

describe('parameters', () => {
  test.each([
    ['{"VMName":"web-1 Force=true"}', { VMName: 'web-1 Force=true' }],
    ['{"a":"one\\ntwo\\r\\n/run Other"}', { a: 'one\ntwo\r\n/run Other' }],
    [
      '{"n":1.5,"yes":true,"no":false,"none":null,"empty":""}',
      { n: '1.5', yes: 'true', no: 'false', empty: '' },
    ],
    [
      '{"n":12345678901234567890,"m":-0.10000000000000000001}',
      { n: '12345678901234567890', m: '-0.10000000000000000001' },
    ],
    ['{"n":1e400,"m":1.10,"k":1E3,"z":-0}', { n: '1e400', m: '1.10', k: '1E3', z: '-0' }],
    ['null', {}],
  ])('%s', (text, expected) => {
    expect(read({ parameters: text }).parameters).toEqual(expected);
  });
});

describe('an invalid input is named, with what was expected and received', () => {
  test.each<[ActionInputName, string, string]>([
    ['mode', 'run', '"auto", "sweep" or "validate"'],
    ['task', 'Stop VM', 'a letter, then'],
    ['parameters', '{', 'a JSON object'],
    ['parameters', '[1]', 'a JSON object'],
    ['parameters', '{"a":{}}', 'a JSON object'],
    ['parameters', '"text"', 'a JSON object'],
    ['parameters', '{"__proto__":"x"}', 'a JSON object'],
    ['parameters', '{"constructor":"x"}', 'a JSON object'],
    ['orchestrator-url', 'orchestrator', 'an address'],
    ['orchestrator-url', 'ftp://example.com', 'an address'],
    ['wait', 'yes', '"true" or "false"'],
    ['cancel-on-abort', '1', '"true" or "false"'],
    ['timeout-minutes', '0', 'minutes from'],
    ['timeout-minutes', 'soon', 'minutes from'],
    ['reply-to', '#7', 'an integer'],
    ['azure-client-id', 'coxswain', 'a GUID'],
    ['azure-tenant-id', 'contoso.com', 'a GUID'],
    ['idempotency-key', 'a\nb', 'at most 200'],
  ])('%s: %s', async (name, value, expected) => {
    const { code, said, outputs } = await runStep({ inputs: { ...validInputs, [name]: value } });
    expect({ code, outputs }).toEqual({ code: 1, outputs: { state: 'refused', reason: 'invalid-input' } });
    const [mistake, more] = findCommands(said).filter((line) => line.startsWith('::error'));
    expect(more).toBeUndefined();
    expect(mistake).toContain(`Input ${name}: expected ${expected}`);
    expect(mistake).toContain(`received ${JSON.stringify(value)}`);
  });

  test.each<[ActionInputName, string]>([
    ['orchestrator-key', 'ge\nheim'],
    ['orchestrator-key', 'ge heim'],
    ['github-token', 'geheim…'],
    ['org-token', 'ge\u0001heim'],
    ['orchestrator-url', 'https://mona:geheim@orchestrator.example.com'],
    ['orchestrator-url', 'https://orchestrator.example.com/?code=geheim'],
  ])('%s, without a possible secret', (name, value) => {
    const [mistake, more] = getMistakes({ [name]: value });
    expect(more).toBeUndefined();
    expect(mistake).toMatch(RegExp(`^Input ${name}: expected .*, received another value\\. `));
  });

  test.each(['http://orchestrator.example.com', 'http://10.0.0.7:7071', 'http://127.evil.example'])(
    'a key for %s would be anybody’s',
    (url) => {
      const [mistake, more] = getMistakes({ 'orchestrator-url': url });
      expect(more).toBeUndefined();
      expect(mistake).toMatch(
        /^Input orchestrator-url: expected an https address .*, received "http:.*COXSWAIN_ALLOW_HTTP.*"env"/,
      );
    },
  );

  test.each(['0', '-1', '1e3', '10000001', 'many'])('compute: %s', (compute) => {
    const { task: _, ...others } = validInputs;
    expect(getMistakes({ ...others, task: '', compute })).toEqual([
      expect.stringContaining('Input compute: expected an integer from 1 to 10000000'),
    ]);
  });

  test('all at once', () => {
    expect(getMistakes({ mode: 'x', wait: 'x', 'reply-to': 'x' })).toHaveLength(3);
  });
});

describe('inputs that cannot be combined', () => {
  test.each<[string, InputTexts]>([
    ['task and compute', { compute: '5' }],
    ['command and task', { command: '/run StopVM' }],
    ['algorithm', { algorithm: 'statistics' }],
    ['orchestrator-url', { 'orchestrator-url': '' }],
    ['task', { mode: 'sweep' }],
  ])('%s', (named, given) => {
    expect(getMistakes(given)).toEqual([expect.stringContaining(named)]);
  });
});

describe('an application of Entra', () => {
  const id = '00001111-aaaa-2222-bbbb-3333cccc4444';
  const whole: InputTexts = { audience: `api://${id}`, 'azure-client-id': id, 'azure-tenant-id': id };

  test.each<[string, InputTexts]>([
    ['audience', { audience: '' }],
    ['azure-client-id', { 'azure-client-id': '' }],
    ['azure-tenant-id', { 'azure-tenant-id': '' }],
  ])('needs %s', (named, without) => {
    expect(getMistakes(whole)).toEqual([]);
    expect(getMistakes({ ...whole, ...without })).toEqual([
      expect.stringMatching(`^Input ${named}: expected .*, received `),
    ]);
    expect(getMistakes({ ...whole, ...without, 'orchestrator-key': 'k' })).toEqual([]);
  });
});

test('the step fails, with an annotation for each', async () => {
  const { code, said, outputs } = await runStep({ inputs: { wait: 'x', mode: 'y' } });
  expect({ code, outputs }).toEqual({ code: 1, outputs: { state: 'refused', reason: 'invalid-input' } });
  expect(findCommands(said).filter((line) => line.startsWith('::error'))).toHaveLength(2);
});

test.each([
  ['no command on a dispatch', {}, 'Input command'],
  ['neither key nor token', { task: 'Hello' }, 'id-token: write'],
])('%s is reported', async (_, inputs, words) => {
  const url = { 'orchestrator-url': 'http://127.0.0.1:9' };
  const { code, said } = await runStep({ inputs: { ...url, ...inputs } });
  expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining(words) });
});

test('outside of a runner, the error names what is missing', async () => {
  const inputs = { task: 'Hello', 'orchestrator-url': 'http://127.0.0.1:9', 'orchestrator-key': 'k' };
  const { code, said } = await runStep({
    inputs,
    environment: { GITHUB_RUN_ID: '', GITHUB_REPOSITORY: 'x' },
  });
  expect(code).toBe(1);
  expect(said).toContain("The runner's GITHUB_RUN_ID: expected a string, received nothing");
  expect(said).toContain('The runner\'s GITHUB_REPOSITORY: expected owner/name, received "x"');
});
