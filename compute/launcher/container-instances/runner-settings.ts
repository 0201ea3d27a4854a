import * as v from 'valibot';
import { RunnerIdentityName, runnerLimits, tenthsInRange } from '../../../contracts/task-definition.ts';
import { plainObject } from '../../../contracts/json-values.ts';
import { setting } from '../../../runtime/settings.ts';
import { isImagePrefix, isRegistryHost } from './image-reference.ts';

const resourceIdMessage =
  'expected the resource id of a user-assigned managed identity, such as /subscriptions/…/resourceGroups/…/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME';
const resourceIdPattern =
  /^\/subscriptions\/[\da-f-]{36}\/resourceGroups\/[^/\s]{1,90}\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[A-Za-z0-9_-]{3,128}$/i;
const clientIdMessage = 'expected the client id of the identity, a GUID';

const managedIdentityMessage = 'expected an object with resourceId and clientId';
/** A user-assigned managed identity of Azure. */
const ManagedIdentity = v.object(
  {
    resourceId: v.pipe(v.string(resourceIdMessage), v.regex(resourceIdPattern, resourceIdMessage)),
    clientId: v.pipe(v.string(clientIdMessage), v.uuid(clientIdMessage)),
  },
  managedIdentityMessage,
);
export type ManagedIdentity = v.InferOutput<typeof ManagedIdentity>;

const identityMessage = 'expected {"resourceId":"…","clientId":"…"} as JSON';
const identitiesMessage = 'expected {"NAME":{"resourceId":"…","clientId":"…"}} as JSON';
const registryMessage = 'expected the host of a registry in lower case, such as "acme.azurecr.io"';
const prefixesMessage =
  'expected a comma-separated list of registries in lower case, each with or without a path, such as "mcr.microsoft.com,ghcr.io/acme"';

const parsePrefixes = (text: string): string[] => text.split(',').map((one) => one.trim());

/** Returns the schema of a variable with a number in a range that has at most one decimal place. */
const tenthsSetting = (min: number, max: number) => {
  const expected = `expected a number from ${min} to ${max} with at most one decimal place`;
  return v.pipe(
    v.string(expected),
    v.regex(/^\d{1,3}(?:\.\d)?$/, expected),
    v.transform(Number),
    tenthsInRange(min, max),
  );
};

const identityRemedy =
  'Get both values with: az identity show --name NAME --resource-group GROUP --query "{resourceId:id,clientId:clientId}".';

/** Without it, the orchestrator starts no container groups. */
const requires = ['COXSWAIN_ACI_SUBSCRIPTION'];

/** The image, identity and size that the runner of a task can get. */
export const ContainerRunnerSettings = v.object({
  COXSWAIN_PULL_IDENTITY: setting(
    'The managed identity of runners whose task names no identity, as JSON: `{"resourceId":"…","clientId":"…"}`. Scripts can use it, so give it the role AcrPull on the registry, and nothing else.',
    v.optional(v.pipe(v.string(identityMessage), v.parseJson(undefined, identityMessage), ManagedIdentity)),
    { whenMissing: 'the orchestrator starts no container groups', remedy: identityRemedy, requires },
  ),
  COXSWAIN_RUNNER_IDENTITIES: setting(
    'The managed identities that definitions can name in `runner.identity`, as JSON by name: `{"vm-operator":{"resourceId":"…","clientId":"…"}}`. Each also pulls the image, so it needs the role AcrPull on the registry.',
    v.optional(
      v.pipe(
        v.string(identitiesMessage),
        v.parseJson(undefined, identitiesMessage),
        plainObject,
        v.record(RunnerIdentityName, ManagedIdentity),
      ),
      '{}',
    ),
    { remedy: identityRemedy, requires },
  ),
  COXSWAIN_REGISTRY: setting(
    'The registry of images that name no registry, such as `acme.azurecr.io`. Runners pull from it with their managed identity.',
    v.optional(v.pipe(v.string(registryMessage), v.check(isRegistryHost, registryMessage))),
    { whenMissing: 'definitions must name the registry of their image', requires },
  ),
  COXSWAIN_IMAGE_PREFIXES: setting(
    'Other registries that images can come from, each with or without a path, separated by commas, such as `mcr.microsoft.com,ghcr.io/acme`. Runners pull from them without credentials.',
    v.optional(
      v.pipe(
        v.string(prefixesMessage),
        v.transform(parsePrefixes),
        v.check((prefixes) => prefixes.every(isImagePrefix), prefixesMessage),
      ),
    ),
    { whenMissing: 'only `COXSWAIN_REGISTRY` is allowed', requires },
  ),
  COXSWAIN_RUNNER_MAX_CPU: setting(
    'The maximum number of CPUs that a definition can ask for in `runner.cpu`.',
    v.optional(tenthsSetting(runnerLimits.minCpu, runnerLimits.maxCpu), '1'),
  ),
  COXSWAIN_RUNNER_MAX_MEMORY_GB: setting(
    'The maximum memory that a definition can ask for in `runner.memoryGb`, in GB.',
    v.optional(tenthsSetting(runnerLimits.minMemoryGb, runnerLimits.maxMemoryGb), '1.5'),
  ),
});
export type ContainerRunnerSettings = v.InferOutput<typeof ContainerRunnerSettings>;
