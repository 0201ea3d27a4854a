import { join } from 'node:path';
import { runTemplate, type Chart } from './render.ts';

/** Values that helm must refuse, and what its message must name. */
export type Refusal = { set: readonly string[]; says: RegExp };

const webhooks = ['bot.webhook.host=coxswain.example'];

/** Each is added to the values that are required. */
const refusals: readonly Refusal[] = [
  { set: ['surprise=1'], says: /surprise/ },
  { set: ['worker.slotz=4'], says: /worker.*slotz/s },
  { set: ['bot.webhook.hostname=coxswain.example'], says: /bot\W+webhook.*hostname/s },
  { set: ['worker.slots=many'], says: /worker\W+slots/ },
  { set: ['worker.slots=0'], says: /worker\W+slots/ },
  { set: ['worker.graceSeconds=-1'], says: /worker\W+graceSeconds/ },
  { set: ['bot.enabled=perhaps'], says: /bot\W+enabled/ },
  { set: ['image.pullPolicy=Sometimes'], says: /image\W+pullPolicy/ },
  { set: ['scaling.queueLengthStrategy=hidden'], says: /scaling\W+queueLengthStrategy/ },
  { set: ['scaling.maxReplicas=0'], says: /scaling\W+maxReplicas/ },
  {
    set: ['scaling.fallback.replicas=4', 'scaling.fallback.failureThreshold=5'],
    says: /fallback.*behavior/s,
  },
  {
    set: [
      'scaling.fallback.replicas=4',
      'scaling.fallback.failureThreshold=5',
      'scaling.fallback.behavior=static',
    ],
    says: /fallback\W+behavior/,
  },
  { set: ['storage.existingSecret='], says: /storage\W+existingSecret/ },
  { set: ['bot.existingSecret='], says: /bot\W+existingSecret/ },
  { set: ['bot.orchestratorUrl='], says: /bot\W+orchestratorUrl/ },
  { set: ['bot.orchestratorUrl=orchestrator.example'], says: /bot\W+orchestratorUrl/ },
  { set: ['image.registry='], says: /image\W+registry/ },
  { set: ['scaling.minReplicas=5', 'scaling.maxReplicas=4'], says: /minReplicas.*maxReplicas/s },
  {
    set: ['storage.workloadIdentity.clientId=00000000-0000-4000-8000-000000000000'],
    says: /storage\W+accountName/,
  },
  { set: ['bot.orchestratorUrl=http://orchestrator.example'], says: /bot\W+orchestratorUrl.*allowHttp/s },
  { set: ['bot.webhook.host=coxswain.example'], says: /gateway.*ingress/s },
  { set: ['bot.gateway.parentRef.name=public'], says: /bot\W+webhook\W+host/ },
  { set: [...webhooks, 'bot.ingress.className=nginx'], says: /bot\W+tls/ },
  { set: [...webhooks, 'bot.gateway.parentRef.name=public', 'bot.ingress.className=nginx'], says: /choose/ },
  { set: [...webhooks, 'bot.gateway.parentRef.name=public'], says: /networkPolicy\W+webhooksFrom/ },
  {
    set: ['bot.orchestratorUrl=http://orchestrator.example', 'allowHttp[0]=orchestrator.example'],
    says: /networkPolicy\W+orchestrator/,
  },
  { set: ['networkPolicy.keda.enabled=true'], says: /networkPolicy\W+keda\W+apiServer/ },
];

/** Returns the wrong values that helm renders, or refuses without a message that names the value. */
export const checkRefusals = async (chart: Chart): Promise<string[]> => {
  const required = ['--values', join(chart.folder, 'ci', 'minimal-values.yaml')];
  const wrong: string[] = [];
  for (const { set, says } of refusals) {
    const { code, output } = await runTemplate(chart, [
      ...required,
      ...set.flatMap((value) => ['--set', value]),
    ]);
    if (code === 0) wrong.push(`helm renders the chart with ${set.join(', ')}`);
    else if (!says.test(output))
      wrong.push(`helm's message about ${set.join(', ')} lacks ${says}: ${output}`);
  }
  return wrong;
};
