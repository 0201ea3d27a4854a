import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import * as v from 'valibot';
import { installGatewayApi } from './fixtures/gateway-api.ts';
import { runProgram } from './fixtures/run-program.ts';

/* What helm changes in a cluster. The images do not exist, so that no pod starts. */

const chart = 'charts/coxswain';
const minimal = `${chart}/ci/minimal-values.yaml`;
const namespaces: string[] = [];
let namespace: string;

beforeAll(() => installGatewayApi());
beforeEach(async () => {
  namespace = `coxswain-test-${randomBytes(3).toString('hex')}`;
  await runProgram(['kubectl', 'create', 'namespace', namespace]);
  namespaces.push(namespace);
});
afterAll(async () => {
  if (namespaces.length > 0)
    await runProgram(['kubectl', 'delete', 'namespace', ...namespaces, '--wait=false']);
});

const kubectl = (...argv: string[]): Promise<string> =>
  runProgram(['kubectl', '--namespace', namespace, ...argv]);

const upgrade = (valuesFile: string, ...set: string[]): Promise<string> => {
  const release = ['coxswain', chart, '--namespace', namespace, '--values', valuesFile];
  // A policy in KEDA's own namespace would affect a cluster that others use.
  const values = ['networkPolicy.keda.enabled=false', ...set].flatMap((value) => ['--set', value]);
  return runProgram(['helm', 'upgrade', '--install', ...release, ...values]);
};

const Objects = v.object({
  items: v.array(
    v.looseObject({
      kind: v.string(),
      metadata: v.looseObject({ name: v.string(), uid: v.string() }),
      spec: v.optional(v.looseObject({})),
    }),
  ),
});
type ClusterObject = v.InferOutput<typeof Objects>['items'][number];

/** Returns the objects of the release in the cluster, without the metadata and status that controllers write. */
const readObjects = async (): Promise<ClusterObject[]> => {
  const kinds =
    'deployment,service,serviceaccount,networkpolicy,ingress,httproute,scaledobject,triggerauthentication';
  const selector = ['--selector', 'app.kubernetes.io/instance=coxswain'];
  const { items } = v.parse(Objects, JSON.parse(await kubectl('get', kinds, ...selector, '--output=json')));
  return items.map(({ kind, metadata: { name, uid }, spec }) => ({ kind, metadata: { name, uid }, spec }));
};

/** Returns the same without the number of workers, which KEDA changes. */
const readUnscaled = async (): Promise<ClusterObject[]> =>
  (await readObjects()).map(({ spec, ...object }) => ({
    ...object,
    spec: object.metadata.name === 'coxswain-worker' ? { ...spec, replicas: undefined } : spec,
  }));

const findDeployment = async (name: string): Promise<ClusterObject['spec']> =>
  (await readObjects()).find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)?.spec;

describe('a second upgrade', () => {
  const files = globSync(`${chart}/ci/*.yaml`).sort();
  test.each(files.map((path) => [basename(path), path]))('with %s changes nothing', async (_, path) => {
    await upgrade(path);
    const before = await readUnscaled();
    const manifest = await runProgram(['helm', 'get', 'manifest', 'coxswain', '--namespace', namespace]);
    await upgrade(path);
    expect(before.length).toBeGreaterThan(3);
    expect(await readUnscaled()).toEqual(before);
    expect(await runProgram(['helm', 'get', 'manifest', 'coxswain', '--namespace', namespace])).toBe(
      manifest,
    );
  });
});

describe('an upgrade', () => {
  test('changes the number of bots from one to two, and back', async () => {
    await upgrade(minimal);
    await upgrade(minimal, 'bot.replicas=2');
    expect(await findDeployment('coxswain-bot')).toMatchObject({
      replicas: 2,
      strategy: { type: 'RollingUpdate' },
    });
    await upgrade(minimal);
    expect(await findDeployment('coxswain-bot')).toMatchObject({
      replicas: 1,
      strategy: { type: 'Recreate' },
    });
  });

  test('keeps the number of workers that the autoscaler has chosen', async () => {
    await upgrade(minimal);
    await kubectl('annotate', 'scaledobject', 'coxswain-worker', 'autoscaling.keda.sh/paused=true');
    await kubectl('scale', 'deployment', 'coxswain-worker', '--replicas=5');
    await upgrade(minimal, 'worker.slots=3');
    expect(await findDeployment('coxswain-worker')).toMatchObject({ replicas: 5 });
    expect(await findDeployment('coxswain-worker')).toMatchObject({
      template: {
        spec: { containers: [{ env: expect.arrayContaining([{ name: 'COXSWAIN_SLOTS', value: '3' }]) }] },
      },
    });
  });

  test('moves the webhooks from a Gateway to an Ingress, and closes the way again', async () => {
    const listRoutes = async (): Promise<string[]> =>
      (await readObjects()).map(({ kind }) => kind).filter((kind) => ['HTTPRoute', 'Ingress'].includes(kind));
    const from = ['bot.webhook.host=a.example', 'networkPolicy.webhooksFrom[0].podSelector.matchLabels.a=b'];
    await upgrade(minimal, ...from, 'bot.gateway.parentRef.name=public');
    expect(await listRoutes()).toEqual(['HTTPRoute']);
    await upgrade(minimal, ...from, 'bot.ingress.className=public', 'bot.tls.secretName=certificate');
    expect(await listRoutes()).toEqual(['Ingress']);
    await upgrade(minimal);
    expect(await listRoutes()).toEqual([]);
  });
});
