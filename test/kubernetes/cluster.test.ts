import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

/* The cluster itself: nodes, KEDA, and a pod that runs. */

const kubectl = async (...argv: string[]): Promise<string> =>
  (await promisify(execFile)('kubectl', argv)).stdout;

const namespace = 'cluster-test';

beforeAll(() => kubectl('create', 'namespace', namespace));
afterAll(() => kubectl('delete', 'namespace', namespace, '--wait=false'));

test('all nodes are ready', async () => {
  const jsonPath = '{.items[*].status.conditions[?(@.type=="Ready")].status}';
  const states = (await kubectl('get', 'nodes', `--output=jsonpath=${jsonPath}`)).split(' ');
  expect(new Set(states)).toEqual(new Set(['True']));
});

test('KEDA serves external metrics', async () => {
  const wait = ['wait', '--for=condition=Available', '--timeout=60s'];
  await kubectl(...wait, 'apiservice/v1beta1.external.metrics.k8s.io');
});

test('a pod with one of our images runs', async () => {
  const { bot } = JSON.parse(process.env['COXSWAIN_TEST_IMAGES'] ?? '') as { bot: string };
  const command = ['--command', '--', 'node', '--eval', 'console.log(process.getuid())'];
  const pod = ['pod', `--image=${bot}`, '--restart=Never', `--namespace=${namespace}`];
  await kubectl('run', ...pod, ...command);
  const phase = ['wait', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=300s'];
  await kubectl(...phase, 'pod/pod', `--namespace=${namespace}`);
  expect(await kubectl('logs', 'pod', `--namespace=${namespace}`)).toBe('65532\n');
});
