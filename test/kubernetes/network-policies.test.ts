import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Releases } from '../../runtime/lifecycle.ts';
import { answerAt, connect, type Connection, type Target } from './fixtures/connections.ts';
import { chart, openInstallation, type Installation } from './fixtures/installation.ts';
import { startProbe, type AnsweringPod } from './fixtures/probe-pod.ts';
import { runProgram } from './fixtures/run-program.ts';

/*
 * Each connection is made in the network of a pod, as its user. A connection that a policy refuses must work once the policies are
 * deleted: this shows that the policy refused it, and that something answers at its target. The tests add addresses to the node, so they
 * need a cluster whose node is this machine, and which enforces policies.
 */
const describeOnNode = process.env['COXSWAIN_TEST_ON_NODE'] ? describe : describe.skip;

/** Addresses of this machine that stand for the internet, and for the metadata service of an Azure VM. */
const internet = '20.60.0.1';
const metadata = '169.254.169.254';
const suffix = randomBytes(3).toString('hex');
const gateway = `gateway-${suffix}`;
const monitoring = `monitoring-${suffix}`;
const keda = 'keda';

const releases = new Releases();
let installation: Installation;
const pods = new Map<string, AnsweringPod>();

const getPod = (name: string): AnsweringPod => {
  const pod = pods.get(name);
  if (!pod) throw new Error(`No pod ${name}`);
  return pod;
};

/** A target whose address is known when the pods run. */
type Place = () => Target;
const at =
  (host: string, port: number): Place =>
  () => ({ host, port });
const dnsAt =
  (host: string): Place =>
  () => ({ host, port: 53, protocol: 'udp' });
const podAt =
  (name: string, port: number): Place =>
  () => ({ host: getPod(name).address, port });
const toTarget = (url = ''): Target => ({ host: new URL(url).hostname, port: Number(new URL(url).port) });
const storage: Place = () =>
  toTarget(/QueueEndpoint=([^;]+)/.exec(installation.azurite.connectionString)?.[1]);
const github: Place = () => toTarget(installation.github.url);
const orchestrator: Place = () => toTarget(installation.describe().orchestrator.url);

type Attempt = [from: string, to: Place];
type Rule = { rule: string; works: Attempt; refused: Attempt[] };

const rules: Rule[] = [
  {
    rule: 'a worker connects to storage',
    works: ['worker', storage],
    refused: [
      ['worker', at(metadata, 80)],
      ['worker', at(internet, 443)],
      ['worker', orchestrator],
      ['worker', podAt('bot', 3000)],
    ],
  },
  {
    rule: 'a worker queries the DNS servers',
    works: ['worker', dnsAt(internet)],
    refused: [['worker', dnsAt(metadata)]],
  },
  {
    rule: 'the metrics of a worker are read from the named namespace',
    works: ['prometheus', podAt('worker', 8080)],
    refused: [
      ['controller', podAt('worker', 8080)],
      ['bot', podAt('worker', 8080)],
    ],
  },
  {
    rule: 'webhooks come from the named namespace',
    works: ['controller', podAt('bot', 3000)],
    refused: [['prometheus', podAt('bot', 3000)]],
  },
  {
    rule: 'the metrics of the bot are read from the named namespace',
    works: ['prometheus', podAt('bot', 9090)],
    refused: [['controller', podAt('bot', 9090)]],
  },
  {
    rule: 'the bot connects to GitHub',
    works: ['bot', github],
    refused: [['bot', at(internet, 443)]],
  },
  {
    rule: 'the bot connects to the orchestrator',
    works: ['bot', orchestrator],
    refused: [['bot', storage]],
  },
  {
    rule: 'by default, a worker connects to the internet, but to no private address and not to the metadata service',
    works: ['default worker', at(internet, 443)],
    refused: [
      ['default worker', at(internet, 80)],
      ['default worker', at(metadata, 443)],
      ['default worker', podAt('controller', 443)],
    ],
  },
  {
    rule: 'by default, a worker queries the DNS servers of the cluster',
    works: ['default worker', podAt('CoreDNS', 53)],
    refused: [['default worker', podAt('neighbor', 53)]],
  },
  {
    rule: 'by default, nothing connects to a worker or the bot',
    works: ['default bot', at(internet, 443)],
    refused: [
      ['controller', podAt('default bot', 3000)],
      ['prometheus', podAt('default bot', 9090)],
      ['prometheus', podAt('default worker', 8080)],
    ],
  },
  {
    rule: 'the orchestrator is found by labels',
    works: ['default bot', podAt('orchestrator', 8080)],
    refused: [['default bot', podAt('neighbor', 8080)]],
  },
  {
    rule: "KEDA's operator connects to storage",
    works: ['operator', storage],
    refused: [['operator', at(internet, 443)]],
  },
];

const toConnection = ([from, place]: Attempt): Connection => ({ from: getPod(from), to: place() });

/** Connects until the result is as expected: the network plugin needs a moment to catch up with pods and policies. */
const expectOpen = async (attempt: Attempt, isOpen: boolean): Promise<void> => {
  const { host, port, protocol = 'tcp' } = attempt[1]();
  await installation.api.waitUntil(
    `${isOpen ? 'an open' : 'a refused'} connection from ${attempt[0]} to ${host}:${port} (${protocol})`,
    async () => ((await connect(toConnection(attempt))) === 'open') === isOpen,
  );
};

const inNamespace = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});
const address = (host: string) => ({ ipBlock: { cidr: `${host}/32` } });

const upgrade = (minReplicas: number): Promise<void> =>
  installation.upgrade({
    scaling: { minReplicas },
    networkPolicy: {
      extraWorkerEgress: [],
      dns: { to: [address(internet)] },
      webhooksFrom: [inNamespace(gateway)],
      metricsFrom: [inNamespace(monitoring)],
      keda: {
        enabled: true,
        namespace: keda,
        apiServer: { to: [address(installation.host)], ports: [6443] },
      },
    },
  });

/** Applies only the policies of a release. */
const applyPolicies = async (release: string, values: object): Promise<void> => {
  const required = [
    '--set=image.registry=registry.example',
    '--set=bot.orchestratorUrl=https://orchestrator.example',
  ];
  const only = ['--namespace', installation.namespace, '--show-only=templates/network-policies.yaml'];
  const manifests = await runProgram(
    ['helm', 'template', release, chart, ...only, ...required, '--values=-'],
    JSON.stringify(values),
  );
  await runProgram(['kubectl', 'apply', '--filename=-'], manifests);
};

const deleteKedaPolicies = async (): Promise<void> => {
  await runProgram(['kubectl', '--namespace', keda, 'delete', 'networkpolicy', '--all']);
};

/** Finds the pods of the release, and a DNS server of the cluster. */
const findPods = async (): Promise<void> => {
  const { namespace, api } = installation;
  const dns = ['kubectl', '--namespace=kube-system', 'get', 'pods', '--selector=k8s-app=kube-dns'] as const;
  const found = await runProgram([...dns, '--output=jsonpath={.items[0].status.podIP}']);
  pods.set('CoreDNS', { namespace: 'kube-system', pod: '', address: found });
  for (const component of ['worker', 'bot']) {
    const { metadata, status } = await api.waitUntil(`a ${component} that is ready`, async () =>
      (await api.listPods(component)).find(({ status }) =>
        status.containerStatuses.some(({ ready }) => ready),
      ),
    );
    pods.set(component, { namespace, pod: metadata.name, address: status.podIP ?? '' });
  }
};

/** Starts pods that take the places of others. */
const startProbes = async (): Promise<void> => {
  const { namespace, images } = installation;
  const toLabels = (component: string) => ({
    'app.kubernetes.io/name': 'coxswain',
    'app.kubernetes.io/instance': 'default',
    'app.kubernetes.io/component': component,
  });
  const probes: [string, { namespace: string; labels: Record<string, string> }][] = [
    ['controller', { namespace: gateway, labels: {} }],
    ['prometheus', { namespace: monitoring, labels: {} }],
    ['orchestrator', { namespace, labels: { app: 'orchestrator' } }],
    ['neighbor', { namespace, labels: {} }],
    ['default worker', { namespace, labels: toLabels('worker') }],
    ['default bot', { namespace, labels: toLabels('bot') }],
    ['operator', { namespace: keda, labels: { app: 'keda-operator' } }],
  ];
  for (const [name, probe] of probes) {
    const pod = await startProbe({ ...probe, image: images.worker });
    pods.set(name, pod);
    releases.add(name, async () => {
      await runProgram(['kubectl', '--namespace', pod.namespace, 'delete', 'pod', pod.pod]);
    });
  }
};

describeOnNode('the policies of a release', () => {
  beforeAll(async () => {
    installation = await openInstallation();
    releases.add('the installation', () => installation.remove());
    releases.add("KEDA's policy", deleteKedaPolicies);
    await upgrade(0);
    await installation.waitForBot();
  });

  afterAll(() => releases.end());

  test('workers and the bot do their work under the policies, and KEDA scales the workers', async () => {
    const outcome = await installation.follow(await installation.write('/compute 100 blockSize=1'));
    expect(outcome.jobs).toMatchObject([{ state: 'completed', progress: { done: 100, failed: 0 } }]);
  });

  describe('each rule', () => {
    beforeAll(async () => {
      for (const host of [internet, metadata]) await answerAt(host, releases);
      for (const namespace of [gateway, monitoring]) {
        await runProgram(['kubectl', 'create', 'namespace', namespace]);
        releases.add(namespace, async () => {
          await runProgram(['kubectl', 'delete', 'namespace', namespace, '--wait=false']);
        });
      }
      // From none to one: a worker that stays.
      await installation.waitForWorkers('no workers', (_, all) => all === 0);
      await upgrade(1);
      await findPods();
      await applyPolicies('default', {
        networkPolicy: {
          orchestrator: { to: [{ podSelector: { matchLabels: { app: 'orchestrator' } } }], ports: [8080] },
        },
      });
      await startProbes();
    });

    test.each(rules)('$rule, and nothing else', async ({ works, refused }) => {
      for (const attempt of refused) await expectOpen(attempt, false);
      await expectOpen(works, true);
    });

    test('is what refuses: without the policies, everything works', async () => {
      await installation.kubectl('delete', 'networkpolicy', '--all');
      await deleteKedaPolicies();
      for (const { refused } of rules) for (const attempt of refused) await expectOpen(attempt, true);
    });
  });
});
