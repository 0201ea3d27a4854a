import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifyOutputs } from '../../../cli/demo/verify-outputs.ts';
import { listen } from '../../../runtime/http-server.ts';

/* The demo's check must be able to fail: each way in which outputs can be wrong is tried. */

const job = `job-${'a'.repeat(32)}`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const done = (block: number, from: number, count: number) =>
  JSON.stringify({ v: 1, job, block, state: 'done', output: { from, count, samples: 1, inside: 1 } });
const failed = (block: number) =>
  JSON.stringify({ v: 1, job, block, state: 'failed', error: { code: 'gave-up', message: 'no luck' } });
const line = (output: string, block: number) =>
  JSON.stringify({
    block,
    state: 'done',
    path: `output/${job}/${block}.json`,
    bytes: 1,
    sha256: sha256(output),
  });
const result = (blocks: number, total = 6) =>
  JSON.stringify({
    v: 1,
    job,
    kind: 'compute',
    algorithm: 'monte-carlo-pi',
    parameters: {},
    blocks: { done: blocks, failed: 0, total: blocks },
    inputs: { total },
    result: { pi: 3 },
  });

type Files = { outputs: string[]; manifest?: string[]; result?: string };

describe('the demo’s check of the outputs', () => {
  const served = new Map<string, string>();
  let server: Awaited<ReturnType<typeof listen>>;

  beforeAll(async () => {
    server = await listen(
      (request, response) => {
        const text = served.get(request.url?.split('?')[0] ?? '');
        response.writeHead(text === undefined ? 404 : 200, { connection: 'close' }).end(text);
      },
      { what: 'the outputs', port: 0 },
    );
  });
  afterAll(() => server.close());

  const check = (files: Files, links = ['result.json', 'manifest.jsonl', 'outputs.jsonl']) => {
    served.set('/outputs.jsonl', files.outputs.join('\n'));
    served.set('/manifest.jsonl', (files.manifest ?? files.outputs.map(line)).join('\n'));
    served.set('/result.json', files.result ?? result(files.outputs.length));
    const text = links.map((name) => `[${name}](http://127.0.0.1:${server.port}/${name}?sig=x)`).join(' · ');
    const user = { login: 'coxswain[bot]', type: 'Bot' };
    const reply = { id: 2, body: `Outputs: ${text}`, created_at: '', user };
    return verifyOutputs({ jobs: [], reactions: [], reply }, 6);
  };
  const good = [done(0, 0, 2), done(1, 2, 2), done(2, 4, 2)];

  test('accepts outputs that contain each input once', async () => {
    expect(await check({ outputs: good })).toContain('each of the 6 inputs once');
  });

  test.each<[string, Files, string]>([
    ['a missing input', { outputs: [done(0, 0, 2), done(1, 2, 1), done(2, 4, 2)] }, 'missing or repeated: 3'],
    ['a doubled input', { outputs: [done(0, 0, 2), done(1, 1, 3), done(2, 4, 2)] }, 'missing or repeated: 1'],
    ['an input too many', { outputs: [done(0, 0, 2), done(1, 2, 2), done(2, 4, 3)] }, '7 of 6 inputs'],
    ['a missing output', { outputs: good.slice(0, 2) }, 'missing or repeated: 4, 5'],
    ['a failed block', { outputs: [good[0] as string, failed(1)] }, 'Block 1 failed: no luck'],
    [
      'a wrong sha256',
      { outputs: good, manifest: good.map((output, at) => line(at === 1 ? 'x' : output, at)) },
      'the sha256 of block 1 differs',
    ],
    ['a manifest that is short', { outputs: good, manifest: good.slice(1).map(line) }, 'do not match'],
    [
      'a manifest that is long',
      { outputs: good, manifest: [...good, ''].map(line) },
      "The manifest's 4 lines do not match 3 outputs",
    ],
    ['a result of other inputs', { outputs: good, result: result(3, 5) }, 'reports 3 blocks and 5 inputs'],
    ['an output of no form', { outputs: ['{}'] }, 'An output has an unexpected format'],
  ])('finds %s', async (_what, files, message) => {
    await expect(check(files)).rejects.toThrow(message);
  });

  test('finds a missing or broken link', async () => {
    await expect(check({ outputs: good }, ['result.json', 'outputs.jsonl'])).rejects.toThrow(
      'The reply has no link to manifest.jsonl',
    );
    const nowhere = check({ outputs: good });
    served.delete('/result.json');
    await expect(nowhere).rejects.toThrow('The link to result.json returned status 404');
  });
});
