import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { installGatewayApi } from './fixtures/gateway-api.ts';
import { runProgram } from './fixtures/run-program.ts';

const namespace = `coxswain-test-${randomBytes(3).toString('hex')}`;
beforeAll(async () => {
  await installGatewayApi();
  await runProgram(['kubectl', 'create', 'namespace', namespace]);
});
afterAll(async () => {
  await runProgram(['kubectl', 'delete', 'namespace', namespace, '--wait=false']);
});

const chart = 'charts/coxswain';
const valuesFiles = globSync(`${chart}/ci/*.yaml`).sort();

const render = (values: string): Promise<string> =>
  runProgram(['helm', 'template', 'coxswain', chart, '--namespace', namespace, '--values', values]);

/** Asks the API server to check manifests as if they were applied. They name their namespaces: a policy for KEDA is in KEDA's. */
const check = (manifests: string): Promise<string> =>
  runProgram(['kubectl', 'apply', '--dry-run=server', '--validate=strict', '--filename', '-'], manifests);

test.each(valuesFiles.map((path) => [basename(path), path]))(
  'the API server accepts the chart with %s',
  async (_, path) => {
    const rendered = await render(path);
    const answers = (await check(rendered)).trim().split('\n');
    expect(answers.length).toBe(rendered.match(/^kind:/gm)?.length);
    expect(answers.filter((answer) => !answer.endsWith('(server dry run)'))).toEqual([]);
  },
);

test('the API server refuses a field that it does not know', async () => {
  const rendered = await render(`${chart}/ci/minimal-values.yaml`);
  await expect(check(rendered.replace('scaleTargetRef:', 'scaleTarget:'))).rejects.toThrow(/scaleTarget/);
});
