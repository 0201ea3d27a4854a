import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createJobId } from '../../../contracts/ids.ts';
import { limits } from '../../../contracts/job-request.ts';
import type { launchRunner } from '../../../compute/orchestrator/activities/launch-runner.ts';
import { createBuiltInAlgorithms } from '../../../compute/algorithms/built-in.ts';
import { testAlgorithms } from '../../fixtures/orchestrator/test-algorithms.ts';
import {
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';

let fixture: OrchestratorFixture;
let platform: TestOrchestrator;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
  platform = await openTestOrchestrator(fixture, {
    algorithms: new Map([...testAlgorithms, ...createBuiltInAlgorithms()]),
    limits: { ...limits, inputs: 50_000, blocks: 200 },
  });
  const definition = {
    taskName: 'Greet',
    dockerImage: 'image',
    scriptName: 'greet.sh',
    scriptParameters: [
      { parameterName: 'who', required: true, pattern: '[a-z]+' },
      { parameterName: 'times', parameterType: 'integer', default: 1 },
      { parameterName: 'ratio', parameterType: 'number' },
      { parameterName: 'loud', parameterType: 'boolean' },
      { parameterName: 'tone', allowed: ['kind', 'cold'] },
      { parameterName: 'pass', secret: true, pattern: '\\d+' },
    ],
  };
  await fixture.storage.blobs.put('tasks/Greet.json', JSON.stringify(definition));
  await fixture.storage.blobs.put('tasks/Broken.json', '{');
  await fixture.storage.blobs.put('tasks/Other.json', JSON.stringify({ ...definition, taskName: 'Else' }));
  await fixture.storage.blobs.put('tasks/greet.sh', 'echo');
});
afterAll(async () => {
  await fixture.stopAll();
  await fixture.close();
});

const compute = (query: string, body?: unknown) =>
  platform.call('POST', `orchestrators/ComputeOrchestrator${query}`, body);

describe('an invalid body gets 400', () => {
  const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
  test.each([
    ['tasks', `{"taskName":"Greet","origin":${nested(4_400)}}`],
    ['tasks', `{"taskName":"Greet","origin":${nested(64)}}`],
    ['orchestrators/ComputeOrchestrator', `{"inputCount":1,"origin":${nested(4_400)}}`],
    ['orchestrators/ComputeOrchestrator', `{"inputCount":1,"parameters":${nested(100_000)}}`],
    ['leases', nested(4_400)],
    ['inputs', `${'['.repeat(4_400)}${']'.repeat(4_400)}\n`],
  ])('%s: nested too deep (%#)', async (path, text) => {
    const { status, body } = await platform.call('POST', path, text);
    expect([status, body]).toMatchObject([
      400,
      { error: { expected: 'JSON nested at most 64 levels deep' } },
    ]);
  });

  test('JSON nested 63 levels deep in its object is accepted', async () => {
    const text = `{"inputCount":1,"origin":${nested(63)}}`;
    expect((await platform.call('POST', 'orchestrators/ComputeOrchestrator', text)).status).toBe(202);
  });

  test.each(['"\\u005b"', '"\\\\"', '"[[[[{{{{"', '"\\"[["'])(
    'brackets in strings do not count (%s)',
    async (value) => {
      const origin = `{"a":[${Array.from({ length: 200 }, () => value).join()}]}`;
      const text = `{"inputCount":1,"origin":${origin}}`;
      expect((await platform.call('POST', 'orchestrators/ComputeOrchestrator', text)).status).toBe(202);
    },
  );
});

describe('starting a compute job', () => {
  test('with a count in the query and no body, as with curl', async () => {
    const { status, headers, body } = await compute('?inputCount=1');
    expect(status).toBe(202);
    expect(headers.get('retry-after')).toBe('10');
    expect(headers.get('location')).toBe(body['statusQueryGetUri']);
    expect(body).toMatchObject({ started: true, id: expect.stringMatching(/^job-[0-9a-f]{32}$/) });
  });

  test.each<[string, unknown, string, string, string]>([
    ['?inputCount=0', undefined, 'inputCount', 'an integer from 1 to 50000', '0'],
    ['?inputCount=-1', undefined, 'inputCount', 'an integer from 1 to 50000', '-1'],
    ['?inputCount=1e9', undefined, 'inputCount', 'an integer from 1 to 50000', '1e9'],
    ['?inputCount=abc', undefined, 'inputCount', 'an integer from 1 to 50000', 'abc'],
    ['?inputCount=1000000000', undefined, 'inputCount', 'an integer from 1 to 50000', '1000000000'],
    ['', undefined, 'inputCount', 'an integer from 1 to 50000', 'nothing'],
    ['', { inputCount: 1.5 }, 'inputCount', 'an integer from 1 to 50000', '1.5'],
    ['', { inputCount: null }, 'inputCount', 'an integer from 1 to 50000', 'null'],
    ['?inputCount=1', { inputCount: 2 }, 'inputCount', 'the same number in query and body', '1 and 2'],
    [
      '',
      { inputCount: 2_000, blockSize: 1 },
      'blockSize',
      'at least 10, for at most 200 blocks',
      '2000 blocks',
    ],
    ['', { inputCount: 2, blockSize: 0 }, 'blockSize', 'an integer from 1 to 10000000', '0'],
    [
      '',
      { inputCount: 2, algorithm: 'nope' },
      'algorithm',
      'one of sum, torn, faulty, monte-carlo-pi, statistics, exec',
      'nope',
    ],
    [
      '',
      { inputCount: 2, algorithm: 'sum', parameters: { breaks: 'x' } },
      'parameters.breaks',
      'combine, finish or nothing',
      'x',
    ],
    [
      '',
      JSON.parse('{"inputCount":2,"parameters":{"constructor":"1"}}'),
      'parameters',
      'other names than __proto__, prototype, constructor',
      '{"constructor":"1"}',
    ],
    [
      '',
      JSON.parse('{"inputCount":2,"parameters":{"__proto__":{"samples":5}}}'),
      'parameters',
      'other names than __proto__, prototype, constructor',
      '{"__proto__":{"samples":5}}',
    ],
    ['', { inputCount: 2, parameters: { a: {} } }, 'parameters.a', 'a string, a number or a boolean', '{}'],
    [
      '',
      { inputCount: 2, algorithm: 'statistics', parameters: { foo: 'hunter2' } },
      'parameters.foo',
      'no parameters, because the algorithm statistics declares none',
      'foo',
    ],
    ['', { inputCount: 2, timeoutSeconds: 0 }, 'timeoutSeconds', 'an integer from 1 to 604800', '0'],
    ['', { inputCount: 2, jobId: 'mine' }, 'jobId', '"job-" and 32 lowercase hex digits', 'mine'],
  ])('refuses %s %j', async (query, body, field, expected, received) => {
    const answer = await compute(query, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ field, expected, received });
    expect(answer.body.error['message']).toContain(field?.split('.').at(-1));
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
  });

  test('an unknown parameter, and names the parameters of the algorithm', async () => {
    const answer = await compute('', { inputCount: 2, parameters: { samples: 5, foo: 'hunter2' } });
    expect(answer.body.error).toEqual({
      code: 'undeclared-parameter',
      field: 'parameters.foo',
      message: 'The algorithm monte-carlo-pi has no parameter foo; it has seed, samples',
      expected: 'one of seed, samples',
      received: 'foo',
    });
  });

  test.each([
    ['{', 'invalid-json'],
    ['[]', 'invalid-parameter'],
    ['"text"', 'invalid-parameter'],
  ])('refuses the body %s', async (text, code) => {
    const answer = await compute('?inputCount=1', text);
    expect(answer.status).toBe(400);
    expect(answer.body.error['code']).toBe(code);
  });

  test('of a known id returns the job, running or ended', async () => {
    const jobId = createJobId();
    const request = { jobId, inputCount: 2, algorithm: 'sum', parameters: { size: '7', fail: '' } };
    const [first, second] = await Promise.all([compute('', request), compute('', request)]);
    expect(new Set([first?.status, second?.status])).toEqual(new Set([200, 202]));
    const reworded = {
      ...request,
      inputCount: '2',
      parameters: { fail: '', size: 7 },
      origin: { sender: 'other' },
      timeoutSeconds: 86_400,
    };
    expect(await compute('', reworded)).toMatchObject({ status: 200, body: { id: jobId, started: false } });
    await platform.client.terminate(jobId, 'over');
    expect(await compute('', request)).toMatchObject({ status: 200, body: { started: false } });

    const other = await compute('', { ...request, inputCount: 3 });
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'conflict', field: 'jobId' } } });
    const task = { jobId, taskName: 'Greet', parameters: [{ name: 'who', value: 'mona' }] };
    expect((await platform.call('POST', 'tasks', task)).status).toBe(409);
  });
});

describe('the operator’s maximum timeout', () => {
  const strict = () => openTestOrchestrator(fixture, { limits: { ...limits, timeoutSeconds: 90 } });

  test('limits compute jobs, whatever the request', async () => {
    const { call } = await strict();
    const start = (body: object) => call('POST', 'orchestrators/ComputeOrchestrator', body);
    const request = { algorithm: 'sum', inputCount: 1 };
    expect(await start({ ...request, timeoutSeconds: 91 })).toMatchObject({
      status: 400,
      body: { error: { field: 'timeoutSeconds', expected: 'an integer from 1 to 90', received: '91' } },
    });
    const jobId = createJobId();
    expect(await start({ ...request, jobId })).toMatchObject({ status: 202 });
    expect((await call('GET', `jobs/${jobId}`)).body['request']).toMatchObject({ timeoutSeconds: 90 });
    expect(await start({ ...request, jobId, timeoutSeconds: 90 })).toMatchObject({ status: 200 });
  });

  test('limits tasks, whatever the definition', async () => {
    const { call, app } = await strict();
    const request = { taskName: 'Greet', parameters: [{ name: 'who', value: 'mona' }], origin: {} };
    expect(await call('POST', 'tasks', { ...request, timeoutSeconds: 91 })).toMatchObject({
      status: 400,
      body: { error: { field: 'timeoutSeconds', expected: 'an integer from 1 to 90' } },
    });
    const job = createJobId();
    await fixture.storage.blobs.put(`run/${job}/started`, '');
    const launch = app.registry.activities['LaunchRunner'] as ReturnType<typeof launchRunner>;
    expect(await launch({ job, request })).toEqual({ timeoutSeconds: 90 });
    expect(await launch({ job, request: { ...request, timeoutSeconds: 60 } })).toEqual({
      timeoutSeconds: 60,
    });
  });
});

test('conditions and a pin do not make it another request', async () => {
  const jobId = createJobId();
  const request = { jobId, taskName: 'Greet', parameters: [{ name: 'who', value: 'mona' }] };
  expect(await platform.call('POST', 'tasks', request)).toMatchObject({ status: 202 });
  const conditions = { locks: [{ scope: 'here', key: 'vm' }] };
  const pin = { definition: '0'.repeat(64), script: null };
  expect(await platform.call('POST', 'tasks', { ...request, conditions, pin })).toMatchObject({
    status: 200,
  });
  const retryOf = createJobId();
  expect(await platform.call('POST', 'tasks', { ...request, retryOf })).toMatchObject({ status: 409 });
});

test('a retry of a task only records the earlier job', async () => {
  const retryOf = createJobId();
  const request = { taskName: 'Greet', parameters: [{ name: 'who', value: 'mona' }], retryOf };
  const { status, body } = await platform.call('POST', 'tasks', request);
  expect(status).toBe(202);
  expect(await platform.view(String(body['id']))).toMatchObject({ retryOf });
});

describe('starting a task', () => {
  const run = (parameters: Record<string, string>, more: object = {}) =>
    platform.call('POST', 'tasks', {
      taskName: 'Greet',
      parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
      ...more,
    });

  test.each<[Record<string, string>, string, string, string, string]>([
    [{}, 'missing-parameter', 'parameters.who', 'a string that matches [a-z]+ as a whole', 'nothing'],
    [
      { who: 'mona1' },
      'invalid-parameter',
      'parameters.who',
      'a string that matches [a-z]+ as a whole',
      'mona1',
    ],
    [
      { who: 'a', what: 'b' },
      'undeclared-parameter',
      'parameters.what',
      'one of who, times, ratio, loud, tone, pass',
      'what',
    ],
    [
      { who: 'a', constructor: 'b' },
      'undeclared-parameter',
      'parameters.constructor',
      'one of who, times, ratio, loud, tone, pass',
      'constructor',
    ],
    [{ who: 'a', times: '1.5' }, 'invalid-parameter', 'parameters.times', 'an integer', '1.5'],
    [{ who: 'a', ratio: 'NaN' }, 'invalid-parameter', 'parameters.ratio', 'a number', 'NaN'],
    [{ who: 'a', loud: 'yes' }, 'invalid-parameter', 'parameters.loud', 'true or false', 'yes'],
    [{ who: 'a', tone: 'warm' }, 'invalid-parameter', 'parameters.tone', 'one of kind, cold', 'warm'],
    [
      { who: 'a', pass: 'hunter2' },
      'invalid-parameter',
      'parameters.pass',
      'a string that matches \\d+ as a whole',
      'another value',
    ],
  ])('refuses %j', async (parameters, code, field, expected, received) => {
    const answer = await run(parameters);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, field, expected, received } } });
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
  });

  const named = { name: 'pass', value: '700123' };
  test.each<[string, object | string, string | null, string]>([
    ['of another type', { parameters: [{ ...named, value: 700_123 }] }, 'parameters.0.value', 'a string'],
    [
      'too long',
      { parameters: [{ ...named, value: '700123'.padEnd(40_000) }] },
      'parameters.0.value',
      'at most 32768 characters',
    ],
    ['in another form', { parameters: { pass: '700123' } }, 'parameters', 'a list'],
    ['in another body', [named], null, 'a JSON object'],
    ['in a body that is cut', JSON.stringify({ parameters: [named] }).slice(0, -2), null, 'JSON'],
  ])('shows no value before it knows which are secrets: %s', async (_what, given, field, expected) => {
    const whole = typeof given === 'string' || Array.isArray(given) ? given : { taskName: 'Greet', ...given };
    const answer = await platform.call('POST', 'tasks', whole);
    expect(answer).toMatchObject({ status: 400, body: { error: { field, expected, received: null } } });
    expect(JSON.stringify(answer.body)).not.toContain('700123');
  });

  test('refuses an unknown task, and a request without one', async () => {
    expect(await platform.call('POST', 'tasks', { taskName: 'Nope' })).toMatchObject({
      status: 400,
      body: { error: { code: 'unknown-task', field: 'taskName', received: 'Nope' } },
    });
    expect(await platform.call('POST', 'tasks')).toMatchObject({
      status: 400,
      body: { error: { field: 'taskName', received: 'nothing' } },
    });
  });

  test('ignores a callback address, like any unknown field (decision 67)', async () => {
    const { status, body } = await run({ who: 'mona' }, { callbackUri: 'https://elsewhere.example/done' });
    expect(status).toBe(202);
    expect(JSON.stringify(await platform.view(String(body['id'])))).not.toMatch(/callback|elsewhere/);
  });

  test('masks secret values in views', async () => {
    const { status, body } = await run({ who: 'mona', pass: '12345' });
    expect(status).toBe(202);
    const job = await platform.view(String(body['id']));
    expect(job.request).toEqual({
      taskName: 'Greet',
      parameters: [
        { name: 'who', value: 'mona' },
        { name: 'pass', value: '***' },
      ],
    });
    expect(JSON.stringify(job)).not.toContain('system-key');
    expect(JSON.stringify(await platform.ended(job.id))).not.toContain('12345');
  });

  test('the catalogue lists the tasks and the problems of invalid definitions', async () => {
    const { body } = await platform.call('GET', 'tasks');
    expect(body).toMatchObject({ v: 1, tasks: [{ taskName: 'Greet' }] });
    expect(body['invalid']).toEqual([
      { name: 'Broken', message: expect.stringContaining('not JSON') },
      { name: 'Other', message: expect.stringContaining('its taskName is Else') },
    ]);
  });
});

describe('listing jobs', () => {
  const list = async (query: string) => (await platform.call('GET', `jobs?${query}`)).body;
  const ids = async (query: string) => (await list(query)).jobs.map(({ id }) => id);
  const origin = (number: number) => ({
    repository: { id: 7, name: 'acme/ops' },
    thread: { number, kind: 'issue' },
  });

  test('newest first, by state, time and thread, page by page', async () => {
    const { now } = await list('top=1');
    const first = await startComputeJob(platform, { inputCount: 1, origin: origin(1) });
    const second = await startComputeJob(platform, { inputCount: 1, origin: origin(2) });
    const third = await startComputeJob(platform, { inputCount: 1, origin: origin(1) });
    await platform.client.terminate(second, 'over');

    expect(await ids(`since=${String(now)}`)).toEqual([third, second, first]);
    expect(await ids(`since=${String(now)}&state=queued,running`)).toEqual([third, first]);
    expect(await ids(`since=${String(now)}&state=canceled`)).toEqual([second]);
    expect(await ids('state=waiting')).toEqual([]);
    expect(await ids('thread=7/1')).toEqual([third, first]);
    const page = await list(`thread=7/1&top=1`);
    expect(page.jobs.map(({ id }) => id)).toEqual([third]);
    expect(await ids(`thread=7/1&top=1&continue=${String(page['continue'])}`)).toEqual([first]);
  });

  test('by repository, with its host or without one, in full pages whatever others have started', async () => {
    const of = (id: number, host?: string) =>
      startComputeJob(platform, { inputCount: 1, origin: { host, repository: { id, name: 'acme/ops' } } });
    const [own, unnamed] = [await of(70, 'github.com'), await of(70)];
    for (let n = 0; n < 3; n += 1) await of(71, 'github.com');
    const elsewhere = await of(70, 'github.example.com');
    expect(await ids('repository=github.com/70')).toEqual([unnamed, own]);
    expect(await ids('repository=github.example.com/70')).toEqual([elsewhere, unnamed]);
    const page = await list('repository=github.com/70&top=1');
    expect(page.jobs.map(({ id }) => id)).toEqual([unnamed]);
    expect(await ids(`repository=github.com/70&top=1&continue=${String(page['continue'])}`)).toEqual([own]);
  });

  test.each([
    ['repository=70', 'repository'],
    ['repository=acme/ops', 'repository'],
    ['repository=github.com/70/1', 'repository'],
    ['state=done', 'state'],
    ['since=yesterday', 'since'],
    ['thread=acme/ops', 'thread'],
    ['top=0', 'top'],
    ['top=501', 'top'],
    ['continue=nonsense', 'continue'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await platform.call('GET', `jobs?${query}`);
    expect(status).toBe(400);
    expect(String(body.error['field'])).toMatch(new RegExp(`^${field}`));
  });
});

test('unknown jobs', async () => {
  expect((await platform.call('GET', `jobs/${createJobId()}`)).status).toBe(404);
  expect((await platform.call('POST', `jobs/${createJobId()}/cancel`, { by: 'mona' })).status).toBe(404);
  expect((await platform.call('POST', `jobs/${createJobId()}/cancel`, { by: 7 })).status).toBe(400);
});
