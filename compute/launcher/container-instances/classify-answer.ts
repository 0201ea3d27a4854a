import type { LaunchOutcome } from '../port.ts';
import { defaultRetryAfterSeconds, type ArmError } from './arm-error.ts';
import type { ContainerInstancesConfig } from './config.ts';
import { describeMissingRole } from './launcher-context.ts';
import type { ResolvedRunner } from './resolve-runner.ts';

export type LaunchContext = { config: ContainerInstancesConfig; runner: ResolvedRunner };

/** What an answer means for a launch. */
type Refusal = Exclude<LaunchOutcome, { kind: 'launched' }>;

type Row = {
  status?: number;
  code?: RegExp;
  /** Of Azure's words. */
  detail?: RegExp;
  toOutcome: (error: ArmError, context: LaunchContext) => Refusal;
};

/** Returns the outcome of a launch that waits. */
export const waitFor = (waitingFor: string, retryAfterSeconds?: number | null): Refusal => ({
  kind: 'later',
  waitingFor,
  ...(retryAfterSeconds != null && { retryAfterSeconds }),
});
const refuse = (message: string): Refusal => ({ kind: 'never', message });
const quote = ({ code, detail }: ArmError): string =>
  `Azure refused the container group${code === null ? '' : ` (${code})`}: ${endSentence(detail)}`;
const endSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/**
 * What Azure's answers to a create mean. The first row that matches counts.
 *
 * Sources: quota (MicrosoftDocs/azure-docs #51738); capacity, as 409 `ServiceUnavailable` (virtual-kubelet/virtual-kubelet #592,
 * MicrosoftDocs/azure-docs #24776); image (Azure/azure-cli #18596); delete in progress (Azure/azure-cli #14643); identity
 * (Azure/aad-pod-identity #443); the codes of Azure Resource Manager
 * (https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors).
 */
const rows: readonly Row[] = [
  {
    status: 429,
    toOutcome: ({ retryAfterSeconds }) =>
      waitFor('Azure to accept more requests', retryAfterSeconds ?? defaultRetryAfterSeconds),
  },
  {
    code: /Quota/i,
    detail: /cores?\b/i,
    toOutcome: (_error, { config: { region } }) =>
      waitFor(`free CPU cores: the quota of the subscription in ${region} is reached`),
  },
  {
    code: /Quota/i,
    toOutcome: (_error, { config: { region } }) =>
      waitFor(`a free container group: the quota of the subscription in ${region} is reached`),
  },
  {
    status: 409,
    code: /^(?:ServiceUnavailable|InsufficientCapacity)/,
    toOutcome: (_, context) => waitForCapacity(context),
  },
  {
    detail: /not available in the location .* at this moment/i,
    toOutcome: (_, context) => waitForCapacity(context),
  },
  {
    code: /^RegistryErrorResponse$/,
    toOutcome: () => waitFor('the image’s registry, which answers with an error'),
  },
  {
    code: /^MissingSubscriptionRegistration$/,
    toOutcome: () =>
      refuse(
        'The subscription is not registered for Azure Container Instances. Run: az provider register --namespace Microsoft.ContainerInstance.',
      ),
  },
  {
    code: /^(?:ScopeLocked|InvalidResourceLocation|ResourceGroupBeingDeleted|ReadOnlyDisabledSubscription|SubscriptionNotRegistered|RequestDisallowedByPolicy)$/,
    toOutcome: (error) => refuse(quote(error)),
  },
  { status: 409, toOutcome: () => waitFor('Azure to finish another operation on the container group') },
  {
    status: 403,
    code: /^LinkedAuthorizationFailed$/,
    detail: /subnets?\/join/i,
    toOutcome: (_error, { config: { subnet } }) =>
      refuse(
        `The orchestrator’s identity may not use the subnet ${subnet}. Assign it a role with the action Microsoft.Network/virtualNetworks/subnets/join/action on the subnet, such as Network Contributor.`,
      ),
  },
  {
    status: 403,
    code: /^LinkedAuthorizationFailed$/,
    toOutcome: (_error, { runner: { identity } }) =>
      refuse(
        `The orchestrator’s identity may not assign the runner identity ${identity.resourceId}. Assign it the role Managed Identity Operator on that identity.`,
      ),
  },
  {
    status: 403,
    code: /^AuthorizationFailed$/,
    toOutcome: (_error, { config }) => refuse(describeMissingRole(config)),
  },
  {
    code: /^ResourceGroupNotFound$/,
    toOutcome: (_error, { config: { resourceGroup } }) =>
      refuse(
        `The resource group ${resourceGroup} does not exist. Create it, or correct COXSWAIN_ACI_RESOURCE_GROUP.`,
      ),
  },
  {
    code: /^(?:SubscriptionNotFound|InvalidSubscriptionId)$/,
    toOutcome: (_error, { config: { subscription } }) =>
      refuse(
        `The subscription ${subscription} does not exist, or is invisible to the orchestrator’s identity. Correct COXSWAIN_ACI_SUBSCRIPTION.`,
      ),
  },
  { code: /^InaccessibleImage$/, toOutcome: (_error, context) => refuse(describeInaccessibleImage(context)) },
  {
    code: /^FailedIdentityOperation$/,
    toOutcome: (error, { runner: { identity } }) =>
      refuse(
        `Azure cannot use the runner identity ${identity.resourceId}: ${endSentence(error.detail)} Correct its resource id in COXSWAIN_RUNNER_IDENTITIES or COXSWAIN_PULL_IDENTITY.`,
      ),
  },
];

const waitForCapacity = ({ config: { region }, runner: { cpu, memoryGb } }: LaunchContext): Refusal =>
  waitFor(`capacity in ${region} for a container group with ${cpu} CPU and ${memoryGb} GB of memory`);

const describeInaccessibleImage = ({ runner: { image, identity, registry } }: LaunchContext): string =>
  registry === null
    ? `Azure cannot access the image ${image}. Check its name and tag, and that it can be pulled without credentials.`
    : `Azure cannot access the image ${image}. Check its name and tag, and that the identity ${identity.resourceId} has the role AcrPull on ${registry}.`;

/** Returns what Azure’s answer means for a launch; undefined if it means nothing, such as a 500, a 401, or no answer. */
export const classifyAnswer = (error: ArmError, context: LaunchContext): Refusal | undefined => {
  const { status, code, detail } = error;
  if (status === null || status === 401 || status === 408) return undefined;
  const row = rows.find(
    (candidate) =>
      (candidate.status ?? status) === status &&
      (candidate.code?.test(code ?? '') ?? true) &&
      (candidate.detail?.test(detail) ?? true),
  );
  if (row) return row.toOutcome(error, context);
  return status >= 400 && status < 500 ? refuse(quote(error)) : undefined;
};
