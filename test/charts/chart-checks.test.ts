import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listChartChecks } from '../../.ci/verify/chart/check-chart.ts';
import { runCheckov } from '../../.ci/verify/chart/check-checkov.ts';
import { renderChart, type KubernetesObject } from '../../.ci/verify/chart/render.ts';
import { findProblems } from '../../.ci/verify/chart/rendered-rules.ts';
import { findTool } from '../../.ci/verify/tools.ts';

const chart = 'charts/coxswain';
const helm = findTool('helm');
const kubeconform = findTool('kubeconform');
const schemas = findTool('schemas');
const checkov = findTool('checkov');

/* The checks of the chart in `npm run verify`. Each must find a mistake that is made in a copy of the chart. */
const [describeChecks, note] =
  helm && kubeconform && schemas && checkov
    ? [describe, '']
    : [describe.skip, ' (skipped: "npm run verify" installs helm, kubeconform, checkov and the schemas)'];

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** Copies the chart, and replaces a text that occurs in a file of it. */
const copyChart = async (file: string, from: string, to: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-chart-'));
  folders.push(folder);
  await cp(chart, folder, { recursive: true });
  const path = join(folder, file);
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(
    path,
    text.replace(from, () => to),
  );
  return folder;
};

describeChecks(`the checks of the chart${note}`, () => {
  const checks = listChartChecks({ kubeconform: kubeconform!, schemas: schemas! });
  const run = async (name: string, folder: string): Promise<string> => {
    const found = checks.filter((check) => check.name.startsWith(name));
    expect(found.length).toBeGreaterThan(0);
    const wrong = await Promise.all(
      found.map(({ check }) => check({ folder, helm: helm! }).catch((error: Error) => [error.message])),
    );
    return wrong.flat().join('\n');
  };

  const mistakes: [
    title: string,
    check: string,
    edit: [file: string, from: string, to: string],
    says: RegExp,
  ][] = [
    ['a version that is none', 'helm lint', ['Chart.yaml', 'version: ', 'version: x'], /version/],
    [
      'a value that is not declared',
      'values',
      ['templates/worker-deployment.yaml', '.Values.worker.visibilitySeconds', '.Values.worker.visibility'],
      /uses \.Values\.worker\.visibility, which values\.yaml does not declare\n.*uses \.Values\.worker\.visibilitySeconds/s,
    ],
    [
      'a value that is not declared, below "with"',
      'values',
      ['templates/bot-webhook-route.yaml', 'with .sectionName', 'with .section'],
      /uses \.Values\.bot\.gateway\.parentRef\.section, /,
    ],
    [
      'a value that nothing uses',
      'values',
      ['values.yaml', '  slots: 8', '  slots: 8\n  spare: 1'],
      /^no template uses \.Values\.worker\.spare$/,
    ],
    [
      'a fallback without a behavior that is not refused',
      'wrong values',
      ['values.schema.json', '["failureThreshold", "replicas", "behavior"]', '["failureThreshold"]'],
      /^helm renders the chart with scaling\.fallback\.replicas=4, scaling\.fallback\.failureThreshold=5$/,
    ],
    [
      'a combination of values that is not refused',
      'wrong values',
      ['templates/validate.yaml', 'gt (int .minReplicas) (int .maxReplicas)', 'false'],
      /^helm renders the chart with scaling\.minReplicas=5, scaling\.maxReplicas=4$/,
    ],
    [
      'a message that does not name the value',
      'wrong values',
      ['templates/validate.yaml', 'bot.orchestratorUrl is missing', 'something is missing'],
      /^helm's message about bot\.orchestratorUrl= lacks/,
    ],
    [
      'an example in the documentation with a value that does not exist',
      'examples in the documentation',
      ['values.schema.json', '"webhooksFrom"', '"webhooks"'],
      /helm does not accept this example: .*webhooksFrom/s,
    ],
    [
      'a setting of security that is missing',
      'needs no permission',
      ['templates/_helpers.tpl', 'allowPrivilegeEscalation: false', ''],
      /Deployment coxswain-worker: container worker: allowPrivilegeEscalation is not false/,
    ],
    [
      'a rendering that changes',
      'renders the same',
      [
        'templates/_helpers.tpl',
        'app.kubernetes.io/managed-by:',
        'random: {{ randAlphaNum 8 }}\napp.kubernetes.io/managed-by:',
      ],
      /minimal-values\.yaml: two renderings differ/,
    ],
    [
      'a version of Kubernetes that is not checked',
      'supported versions',
      ['Chart.yaml', '>=1.30.0-0', '>=1.29.0-0'],
      /kubeVersion is >=1\.29\.0-0, but the oldest version that is checked is 1\.30/,
    ],
    [
      'a template that depends on the version',
      'supported versions',
      [
        'templates/_helpers.tpl',
        'app.kubernetes.io/managed-by:',
        'v: {{ .Capabilities.KubeVersion }}\nmanaged-by:',
      ],
      /^_helpers\.tpl depends on \.Capabilities/,
    ],
    [
      'a behavior that KEDA does not know',
      'behaviors of fallback',
      ['values.schema.json', '"currentReplicasIfHigher"', '"currentReplicasIfLarger"'],
      /KEDA 2\.17\.2 does not know .*\nKEDA 2\.19\.0 does not know .*\nKEDA 2\.21\.0 does not know/,
    ],
    [
      'an unknown field of KEDA',
      'schemas of',
      ['templates/worker-scaling.yaml', 'cooldownPeriod:', 'coolDownPeriod:'],
      /minimal-values\.yaml: ScaledObject coxswain-worker: .*additional properties 'coolDownPeriod' not allowed/,
    ],
    [
      'an unknown field of Kubernetes',
      'schemas of',
      ['templates/bot-deployment.yaml', 'periodSeconds:', 'period:'],
      /Deployment coxswain-bot: .*additional properties 'period' not allowed/,
    ],
    [
      'a wrong type',
      'schemas of',
      ['templates/bot-deployment.yaml', 'revisionHistoryLimit: 3', 'revisionHistoryLimit: "3"'],
      /Deployment coxswain-bot: .*revisionHistoryLimit.*got string, want integer/,
    ],
    [
      'a wrong match of the Gateway API',
      'schemas of',
      ['templates/bot-webhook-route.yaml', 'type: Exact', 'type: Exactly'],
      /full-gateway-values\.yaml: HTTPRoute coxswain-bot: .*path\/type/,
    ],
    [
      'a key that is empty',
      'schemas of',
      ['templates/bot-service.yaml', '  ports:', '  externalIPs:\n  ports:'],
      /Service coxswain-bot: .*got null, want array/,
    ],
    [
      'a kind that no schema describes',
      'schemas of',
      ['templates/bot-service.yaml', 'kind: Service', 'kind: Servant'],
      /could not find schema for Servant/,
    ],
    [
      'a template that fails',
      'needs no permission',
      ['templates/NOTES.txt', 'BOT', '{{ .Values.none.none }}'],
      /^helm cannot render the chart with \S+-values\.yaml: .*NOTES\.txt/,
    ],
  ];
  test.each(mistakes)('find %s', async (_title, check, edit, says) => {
    expect(await run(check, await copyChart(...edit))).toMatch(says);
  });

  test('find none in the chart', async () => {
    expect(await run('', chart)).toBe('');
  });

  test('find what checkov finds, and accept nothing without a reason or in vain', async () => {
    const folder = await copyChart('templates/_helpers.tpl', 'allowPrivilegeEscalation: false', '');
    await writeFile(
      join(folder, '.checkov.yaml'),
      'skip-check:\n  # Versions do not change.\n  - CKV_K8S_15\n\n  # Gone.\n  - CKV_K8S_1\n\n  - CKV_K8S_43\n',
    );
    const wrong = await runCheckov(checkov!, { folder, helm: helm! }, folder);
    expect(wrong).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^CKV_K8S_20: Containers should not run with allowPrivilegeEscalation: .* and \d+ more$/,
        ),
        '.checkov.yaml accepts CKV_K8S_43 without a comment that says why',
        '.checkov.yaml accepts CKV_K8S_1, which checkov no longer finds: remove it',
      ]),
    );
    expect(wrong.join('\n')).not.toContain('CKV_K8S_15');
  });
});

describeChecks(`the rules for rendered objects${note}`, () => {
  let rendered: KubernetesObject[];
  beforeAll(async () => {
    const renderings = await renderChart({ folder: chart, helm: helm! });
    // One of each object: those of the full installation, and the Ingress.
    const full = renderings.findIndex(({ values }) => values.endsWith('full-gateway-values.yaml'));
    renderings.push(...renderings.splice(full, 1));
    const objects = renderings.flatMap((rendering) => rendering.objects);
    rendered = [
      ...new Map(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object])).values(),
    ];
  });

  /** Returns a copy of the objects in which one has another value at a path; undefined removes it. */
  const change = (name: string, path: string, value: unknown): KubernetesObject[] => {
    const objects = structuredClone(rendered);
    let at = objects.find(({ kind, metadata }) => `${kind} ${metadata.name}` === name) as unknown as Record<
      string,
      unknown
    >;
    const keys = path.split(' ');
    const last = keys.pop()!;
    for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>;
    if (value === undefined) delete at[last];
    else at[last] = value;
    return objects;
  };

  const worker = 'Deployment coxswain-worker';
  const pod = 'spec template spec';
  const container = `${pod} containers 0`;
  const rules: [object: string, path: string, value: unknown, says: string][] = [
    [worker, 'kind', 'DaemonSet', 'this kind is not permitted'],
    ['ServiceAccount coxswain-bot', 'kind', 'ClusterRoleBinding', 'this kind is not permitted'],
    [worker, 'metadata namespace', 'kube-system', 'is in the namespace kube-system'],
    [worker, 'metadata namespace', undefined, 'is in the namespace of the user who applies it'],
    [worker, 'spec replicas', 1, 'sets replicas, although KEDA scales it'],
    [worker, `${pod} hostNetwork`, true, 'hostNetwork is set'],
    [worker, `${pod} hostPID`, true, 'hostPID is set'],
    [worker, `${pod} hostIPC`, true, 'hostIPC is set'],
    [worker, `${pod} automountServiceAccountToken`, undefined, 'the pod gets a token'],
    [worker, `${pod} serviceAccountName`, undefined, 'no service account of its own'],
    [worker, `${pod} volumes`, [{ name: 'a', hostPath: { path: '/' } }], 'of the kind hostPath'],
    [worker, `${pod} terminationGracePeriodSeconds`, 30, 'terminationGracePeriodSeconds is 30, expected'],
    [worker, `${pod} shareProcessNamespace`, undefined, 'no process reaps'],
    [worker, `spec template metadata annotations`, {}, 'no annotation safe-to-evict'],
    [
      worker,
      'spec template metadata annotations cluster-autoscaler.kubernetes.io/safe-to-evict',
      'false',
      'prevents the autoscaler',
    ],
    [worker, `${container} image`, 'registry.example/worker', 'has no version'],
    [worker, `${container} image`, 'registry.example:5000/worker', 'has no version'],
    [worker, `${container} image`, 'registry.example/worker:latest', 'has no version'],
    [worker, `${container} env 0`, { name: 'A', value: 'AccountName=a;AccountKey=b' }, 'A contains a secret'],
    [worker, `${container} ports 0 hostPort`, 80, 'a port of the node'],
    [worker, `${container} livenessProbe`, undefined, 'has no livenessProbe'],
    [worker, `${container} readinessProbe`, undefined, 'has no readinessProbe'],
    [worker, `${container} resources limits memory`, undefined, 'has no limits.memory'],
    [worker, `${container} resources requests`, undefined, 'has no requests.cpu'],
    [worker, `${container} securityContext`, undefined, 'readOnlyRootFilesystem is not set'],
    [worker, `${container} securityContext privileged`, true, 'it is privileged'],
    [
      worker,
      `${container} securityContext capabilities add`,
      ['NET_ADMIN'],
      'does not drop all capabilities',
    ],
    [worker, `${container} securityContext capabilities drop`, [], 'does not drop all capabilities'],
    [worker, `${pod} securityContext runAsNonRoot`, undefined, 'runAsNonRoot is not set'],
    [
      worker,
      `${pod} securityContext seccompProfile type`,
      'Unconfined',
      'seccompProfile is not RuntimeDefault',
    ],
    [worker, `${pod} initContainers`, [{ name: 'i', image: 'a:1' }], 'container i: readOnlyRootFilesystem'],
    ['Service coxswain-bot', 'spec type', 'LoadBalancer', 'is public: its type is LoadBalancer'],
    ['Service coxswain-bot', 'spec type', 'NodePort', 'is public: its type is NodePort'],
    ['Service coxswain-bot', 'spec externalIPs', ['192.0.2.1'], 'is public'],
    ['Service coxswain-bot', 'spec ports 0 targetPort', 'metrics', 'passes the port metrics'],
    [
      'ServiceAccount coxswain-bot',
      'automountServiceAccountToken',
      true,
      'automountServiceAccountToken is not',
    ],
    ['HTTPRoute coxswain-bot', 'spec hostnames', undefined, 'serves every host'],
    ['HTTPRoute coxswain-bot', 'spec rules 0 matches', undefined, 'passes / (PathPrefix)'],
    ['HTTPRoute coxswain-bot', 'spec rules 0 matches 0 path type', 'PathPrefix', '(PathPrefix)'],
    ['HTTPRoute coxswain-bot', 'spec rules 0 matches 0 path value', '/', 'passes / (Exact)'],
    ['Ingress coxswain-bot', 'spec tls', undefined, 'without TLS'],
    ['Ingress coxswain-bot', 'spec defaultBackend', {}, 'passes every path'],
    ['Ingress coxswain-bot', 'spec rules 0 host', undefined, 'serves every host without TLS'],
    ['Ingress coxswain-bot', 'spec rules 0 http paths 0 pathType', 'Prefix', '(Prefix)'],
    ['ScaledObject coxswain-worker', 'spec scaleTargetRef name', 'web', 'scales web, which does not exist'],
    ['ScaledObject coxswain-worker', 'spec fallback', { replicas: 0 }, 'its fallback can stop workers'],
    ['NetworkPolicy coxswain-worker', 'spec ingress', [], 'spec.ingress is an empty list'],
    ['NetworkPolicy coxswain-worker', 'spec egress 0 to', undefined, 'has a rule that allows every address'],
    ['NetworkPolicy coxswain-bot', 'spec ingress 0 from', [], 'has a rule that allows every address'],
    [
      'NetworkPolicy coxswain-worker',
      'spec policyTypes',
      ['Egress'],
      'no NetworkPolicy restricts its Ingress',
    ],
    [
      'NetworkPolicy coxswain-bot',
      'spec podSelector matchLabels',
      { a: 'b' },
      'coxswain-bot: no NetworkPolicy',
    ],
    ['ServiceAccount coxswain-bot', 'metadata name', 'coxswain-worker', 'is rendered twice'],
  ];
  test.each(rules)('%s, %s: %p', (name, path, value, says) => {
    expect(findProblems(change(name, path, value)).join('\n')).toContain(says);
  });

  test('the chart breaks none', () => {
    expect(findProblems(rendered)).toEqual([]);
  });
});
