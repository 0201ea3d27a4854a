import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  inputPath,
  outputPath,
  outputsPath,
  resultPath,
  sourcePath,
  type BlobPath,
} from '../../../contracts/blob-paths.ts';
import { limits } from '../../../contracts/job-request.ts';
import type { Blobs } from '../../../compute/storage/port.ts';
import { createBuiltInAlgorithms } from '../../../compute/algorithms/built-in.ts';
import { startWorker } from '../../../compute/worker/worker.ts';
import {
  readBlobJson,
  log,
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  waitUntil,
  type OrchestratorFixture,
  type TestOrchestrator,
  type TestOrchestratorOptions,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import { startFakeRelay } from '../../fakes/block-worker.ts';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

/** Returns its input as one JSON string. */
/** A program that returns its first input verbatim. */
const writeFirst = `let text = '';
process.stdin.on('data', (chunk) => (text += chunk)).on('end', () => process.stdout.write(/"inputs":\\[([^\\],]*)/.exec(text)[1]));`;
const readAsText = 'console.log(JSON.stringify(require("fs").readFileSync(0, "utf8")))';

const algorithms = createBuiltInAlgorithms({
  same: { command: ['cat'] },
  digits: { command: ['node', '-e', readAsText] },
  first: { command: ['node', '-e', writeFirst] },
});

const open = (options: TestOrchestratorOptions = {}) =>
  openTestOrchestrator(fixture, { algorithms, ...options });

const atWork = async (options: TestOrchestratorOptions = {}): Promise<TestOrchestrator> => {
  const platform = await open(options);
  const settings = { slots: 8, visibilitySeconds: 10, exitWhenIdleSeconds: Infinity };
  const worker = startWorker({ storage: fixture.storage, algorithms, ...settings, log });
  fixture.releases.push(() => worker.stop(1_000));
  startFakeRelay(fixture, platform);
  return platform;
};

const put = (platform: TestOrchestrator, text: string) => platform.call('POST', 'inputs', text);
const stored = async (platform: TestOrchestrator, text: string): Promise<string> => {
  const { status, body } = await put(platform, text);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return String(body['sha256']);
};

describe('uploading', () => {
  test('accepts one JSON value per line, with LF or CRLF, and a last line without a line break', async () => {
    const platform = await open();
    const first = await put(platform, '1\n{"a":"ü"}\n[2]\n');
    expect(first).toMatchObject({ status: 200, body: { v: 1, count: 3 } });
    expect((await put(platform, '1\r\n{"a":"ü"}\r\n[2]')).body).toEqual(first.body);
    const body = await fixture.storage.blobs.get(sourcePath(String(first.body['sha256'])));
    expect(body?.toString()).toBe('1\n{"a":"ü"}\n[2]\n');
  });

  test.each([
    ['', 'line 1', 'nothing'],
    ['\n', 'line 1', 'an empty line'],
    ['1\n\n2\n', 'line 2', 'an empty line'],
    ['1\n2\n\n', 'line 3', 'an empty line'],
    ['1\n2\n{"a":\n', 'line 3', '{"a":'],
    [`"${'x'.repeat(500)}\n`, 'line 1', `"${'x'.repeat(198)}…`],
  ])('refuses %j', async (text, field, received) => {
    const answer = await put(await open(), text);
    const error = { code: 'invalid-inputs', field, expected: 'a JSON value', received };
    expect(answer).toMatchObject({ status: 400, body: { error } });
  });

  test('refuses too much, and names the limit', async () => {
    const platform = await open({ limits: { ...limits, inputs: 3, inputBytes: 9 } });
    expect(await put(platform, '1\n2\n3')).toMatchObject({ status: 200 });
    expect(await put(platform, '1\n2\n3\n4')).toMatchObject({
      status: 413,
      body: { error: { code: 'too-large', expected: 'at most 3 inputs', received: '4 inputs' } },
    });
    expect(await put(platform, '"ü234567"')).toMatchObject({
      status: 413,
      body: { error: { code: 'too-large', expected: 'at most 9 bytes', received: '10 bytes' } },
    });
  });
});

describe('a request is refused', () => {
  test.each<[string, object, object]>([
    [
      'if nobody uploaded them',
      { inputs: { sha256: '0'.repeat(64) } },
      { code: 'unknown-inputs', field: 'inputs.sha256' },
    ],
    [
      'if it counts otherwise',
      { inputCount: 2 },
      { field: 'inputCount', expected: '3, the number of uploaded inputs', received: '2' },
    ],
    [
      'if one of them is none for the algorithm',
      {},
      {
        code: 'invalid-inputs',
        field: 'line 3',
        expected: 'a number, or an object with a number as "value"',
        received: '{"value":"3"}',
      },
    ],
    [
      'if the algorithm makes its inputs itself',
      { algorithm: 'monte-carlo-pi' },
      {
        field: 'inputs',
        expected: expect.stringMatching(/^nothing, because monte-carlo-pi generates its inputs/),
      },
    ],
    [
      'if the algorithm makes none and none are given',
      { inputs: undefined },
      {
        field: 'inputs',
        expected: 'uploaded inputs, because statistics does not generate inputs',
        received: 'nothing',
      },
    ],
    ['if it is no sha256', { inputs: { sha256: 'x' } }, { field: 'inputs.sha256' }],
  ])('%s', async (_what, change, error) => {
    const platform = await open();
    const inputs = { sha256: await stored(platform, '1\n{"value":2}\n{"value":"3"}\n') };
    const request = { algorithm: 'statistics', inputCount: 3, inputs, ...change };
    const answer = await platform.call('POST', 'orchestrators/ComputeOrchestrator', request);
    expect(answer).toMatchObject({ status: 400, body: { error } });
  });
});

test('a known id with other inputs is another request', async () => {
  const platform = await open();
  const [one, two] = [await stored(platform, '1\n'), await stored(platform, '2\n')];
  const request = { algorithm: 'statistics', inputCount: 1, jobId: `job-${'a'.repeat(32)}` };
  await startComputeJob(platform, { ...request, inputs: { sha256: one } });
  const again = (inputs: unknown) =>
    platform.call('POST', 'orchestrators/ComputeOrchestrator', { ...request, inputs });
  expect((await again({ sha256: one })).status).toBe(200);
  expect((await again({ sha256: two })).status).toBe(409);
});

test('workers get all their digits', async () => {
  const platform = await open();
  const sha256 = await stored(platform, '1.50\n12345678901234567890\n{"b": 1, "a": [ 2 ]}\n');
  const request = { algorithm: 'exec', parameters: { program: 'same' }, blockSize: 2, inputs: { sha256 } };
  const id = await startComputeJob(platform, { ...request, inputCount: 3 });
  const text = async (block: number) => (await fixture.storage.blobs.get(inputPath(id, block)))?.toString();
  await waitUntil(async () => (await text(1)) !== undefined && (await text(0)) !== undefined);
  expect(await text(0)).toMatch(/"inputs":\[1\.50,12345678901234567890\]\}$/);
  expect(await text(1)).toMatch(/"inputs":\[\{"b": 1, "a": \[ 2 \]\}\]\}$/);
  await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' });
  await platform.ended(id);
});

test('a program gets all their digits, too', async () => {
  const platform = await atWork();
  const sha256 = await stored(platform, '[12345678901234567890,1e400,-0.10000000000000000001]\n');
  const request = { algorithm: 'exec', parameters: { program: 'digits' }, inputs: { sha256 }, inputCount: 1 };
  const id = await startComputeJob(platform, request);
  await platform.ended(id);
  const value = '{"inputs":[[12345678901234567890,1e400,-0.10000000000000000001]],"parameters":{}}';
  expect(await readBlobJson(fixture.storage, outputPath(id, 0))).toMatchObject({ output: { value } });
});

test('the output of a program keeps its digits to the end of the job, and in a retry of the job', async () => {
  const platform = await atWork();
  const answers = ['12345678901234567890', '9007199254740993', '0.10000000000000000001', '1', '1e-7'];
  const sha256 = await stored(platform, answers.map((one) => `${one}\n`).join(''));
  const request = {
    algorithm: 'exec',
    parameters: { program: 'first' },
    inputs: { sha256 },
    inputCount: answers.length,
    blockSize: 1,
  };
  const textOf = async (path: BlobPath) => (await fixture.storage.blobs.get(path))?.toString() ?? '';
  const sum = '12354686100489308884.10000010000000000001';
  let retryOf: string | undefined;
  for (let round = 0; round < 2; round += 1) {
    const id = await startComputeJob(platform, { ...request, ...(retryOf && { retryOf }) });
    // The view has a string, because JavaScript would round the number.
    expect(await platform.ended(id)).toMatchObject({
      state: 'completed',
      result: { inputs: 5, blocks: 5, sum },
    });
    expect(await textOf(resultPath(id))).toContain(`"result":{"inputs":5,"blocks":5,"sum":${sum}}}`);
    const lines = (await textOf(outputsPath(id))).trim().split('\n');
    expect(lines).toEqual(answers.map((one) => expect.stringContaining(`"value":${one}}}`)));
    expect(await textOf(outputPath(id, 0))).toContain(`"value":${answers[0]}}}`);
    retryOf = id;
  }
});

test('an algorithm that computes with numbers refuses inputs that it would round', async () => {
  const platform = await open();
  const sha256 = await stored(platform, '1\n12345678901234567890\n');
  const request = { algorithm: 'statistics', inputs: { sha256 }, inputCount: 2 };
  expect(await platform.call('POST', 'orchestrators/ComputeOrchestrator', request)).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid-inputs', field: 'line 2', received: '12345678901234567890' } },
  });
});

test('a body with numbers that would be rounded is refused, and not shown', async () => {
  const platform = await open();
  const body = '{"inputCount":1,"parameters":{"samples":12345678901234567890}}';
  const answer = await platform.call('POST', 'orchestrators/ComputeOrchestrator', body);
  expect(answer).toMatchObject({ status: 400, body: { error: { field: 'parameters.samples' } } });
  expect(JSON.stringify(answer.body)).not.toContain('12345678901234567890');
});

test('statistics with real workers; jobs share inputs, which are removed after the last of them', async () => {
  const platform = await atWork();
  const values = Array.from({ length: 250 }, (_, n) => (n % 2 === 0 ? `${n}` : `{"value":${n},"name":"x"}`));
  const inputs = { sha256: await stored(platform, values.join('\n')) };
  const request = { algorithm: 'statistics', inputCount: 250, inputs };
  const id = await startComputeJob(platform, { ...request, blockSize: 7 });
  const result = { count: 250, sum: 31_125, min: 0, max: 249, mean: 124.5, stdev: Math.sqrt(62_750 / 12) };
  expect(await platform.ended(id)).toMatchObject({
    state: 'completed',
    progress: { done: 36, failed: 0, total: 36 },
    request: { inputs },
    result,
  });
  expect(await readBlobJson(fixture.storage, resultPath(id))).toMatchObject({
    inputs: { total: 250, sha256: inputs.sha256 },
  });
  const other = await startComputeJob(platform, { ...request, blockSize: 100 });
  expect((await platform.ended(other)).result).toEqual(result);
});

test('inputs that are uploaded again during the check are not removed', async () => {
  const blobs = Object.create(fixture.storage.blobs) as Blobs;
  const platform = await open({ retentionDays: -1, storage: { ...fixture.storage, blobs } });
  const [sha256, other] = [await stored(platform, '"again"'), await stored(platform, '"once"')];
  blobs.list = async function* (prefix) {
    yield* fixture.storage.blobs.list(prefix);
    await stored(platform, '"again"');
  };
  await platform.runChore('remove-unused-inputs');
  expect(await fixture.storage.blobs.exists(sourcePath(other))).toBe(false);
  expect(await fixture.storage.blobs.exists(sourcePath(sha256))).toBe(true);
});

test('unused inputs are removed after the retention', async () => {
  const platform = await atWork({ retentionDays: 0 });
  const [used, unused] = [await stored(platform, '4\n5\n6'), await stored(platform, '7')];
  const id = await startComputeJob(platform, {
    algorithm: 'statistics',
    inputCount: 3,
    inputs: { sha256: used },
  });
  await platform.ended(id);
  const kept = async () =>
    await Promise.all([used, unused].map((sha256) => fixture.storage.blobs.exists(sourcePath(sha256))));

  const keep = await open();
  await keep.runChore('remove-unused-inputs');
  expect(await kept()).toEqual([true, true]);
  // Storage has timestamps with a resolution of one second.
  await waitUntil(async () => {
    await platform.runChore('remove-unused-inputs');
    return !(await kept())[1];
  });
  expect(await kept()).toEqual([true, false]);
  await platform.runChore('purge-jobs');
  expect(await kept()).toEqual([true, false]);
  await platform.runChore('remove-unused-inputs');
  expect(await kept()).toEqual([false, false]);
});
