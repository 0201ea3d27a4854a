import type { ContainerGroup, ContainerInstanceManagementClient } from '@azure/arm-containerinstance';
import type { TokenCredential } from '@azure/identity';
import type { JobId } from '../../../contracts/ids.ts';
import { ArmError, toArmError, TokenError } from './arm-error.ts';
import type { ContainerInstancesConfig } from './config.ts';

/** Calls of Azure Resource Manager about container groups. Each sends its requests once, and throws `ArmError` or `TokenError`. */
export interface GroupClient {
  /** Returns a container group; undefined if it does not exist. */
  get(name: string): Promise<ContainerGroup | undefined>;
  /** Asks for a container group. An existing one would be restarted. @param redact removes its secrets from Azure's words */
  create(name: JobId, group: ContainerGroup, redact: (text: string) => string): Promise<void>;
  /** Asks to delete a container group, if it exists. */
  delete(name: string): Promise<void>;
  /** Returns all container groups of the resource group, without their `instanceView`. */
  list(): Promise<ContainerGroup[]>;
  /** Returns the last lines of the output of a group's container; undefined if there is none. */
  readLog(name: string, container: string, lines: number): Promise<string | undefined>;
}

export type GroupClientOptions = {
  config: ContainerInstancesConfig;
  credential: TokenCredential;
  now: () => number;
  tlsOptions?: { ca: string };
};

/** How long a request can take, in milliseconds. What a create has caused after this time is looked up. */
export const requestMilliseconds = 30_000;

const options = { requestOptions: { timeout: requestMilliseconds } };

/** Creates a client of container groups in the resource group of the configuration. */
export const createGroupClient = (clientOptions: GroupClientOptions): GroupClient => {
  const { resourceGroup } = clientOptions.config;
  const call = createCall(clientOptions);
  return {
    get: (name) =>
      orUndefined(
        call(`get ${name}`, ({ containerGroups }) => containerGroups.get(resourceGroup, name, options)),
      ),
    create: (name, group, redact) =>
      call(
        `create ${name}`,
        ({ containerGroups }) =>
          sendOnce((once) => containerGroups.beginCreateOrUpdate(resourceGroup, name, group, once)),
        redact,
      ),
    delete: async (name) => {
      await orUndefined(
        call(`delete ${name}`, ({ containerGroups }) =>
          sendOnce((once) => containerGroups.beginDelete(resourceGroup, name, once)),
        ),
      );
    },
    list: () =>
      call('list container groups', ({ containerGroups }) =>
        Array.fromAsync(containerGroups.listByResourceGroup(resourceGroup, options)),
      ),
    readLog: async (name, container, tail) => {
      const read = call(`read the log of ${name}`, ({ containers }) =>
        containers.listLogs(resourceGroup, name, container, { ...options, tail }),
      );
      return (await orUndefined(read))?.content;
    },
  };
};

type Call = <T>(
  what: string,
  run: (client: ContainerInstanceManagementClient) => Promise<T>,
  redact?: (text: string) => string,
) => Promise<T>;

/**
 * Returns a function that calls the SDK and turns its errors into `ArmError`. The SDK is loaded for the first call, because most starts of
 * the orchestrator need none.
 */
const createCall = ({ config, credential, now, tlsOptions }: GroupClientOptions): Call => {
  let client: Promise<ContainerInstanceManagementClient> | undefined;
  const load = async (): Promise<ContainerInstanceManagementClient> => {
    const { ContainerInstanceManagementClient: Client } = await import('@azure/arm-containerinstance');
    return new Client(wrapCredential(credential), config.subscription, {
      endpoint: config.armUrl,
      // Repeated by the orchestration, with the limits of all processes.
      retryOptions: { maxRetries: 0 },
      ...(tlsOptions && { tlsOptions }),
    });
  };
  return async (what, run, redact = (text) => text) => {
    try {
      return await run(await (client ??= load()));
    } catch (thrown) {
      if (thrown instanceof TokenError) throw thrown;
      throw toArmError(what, thrown, { now: now(), redact });
    }
  };
};

/** What is passed to a long-running operation of the SDK. */
type OnceOptions = {
  abortSignal: AbortSignal;
  onResponse: (response: { status: number }) => void;
  requestOptions: { timeout: number };
};

/**
 * Starts a long-running operation. The SDK's poller sends the request and then polls at once; the signal stops it after the answer and
 * before that poll, because the orchestration looks up the group itself.
 */
const sendOnce = async (begin: (options: OnceOptions) => Promise<unknown>): Promise<void> => {
  const answered = new AbortController();
  let isAccepted = false;
  const onResponse = ({ status }: { status: number }): void => {
    isAccepted = status < 300;
    answered.abort();
  };
  try {
    await begin({ abortSignal: answered.signal, onResponse, ...options });
  } catch (thrown) {
    if (!isAccepted) throw thrown;
  }
};

/** Returns undefined for a group that does not exist. @throws ArmError, also if its resource group or subscription does not exist */
const orUndefined = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ArmError && error.status === 404 && !isScopeMissing(error)) return undefined;
    throw error;
  }
};

/** Returns whether the resource group itself does not exist. */
export const isScopeMissing = ({ code }: ArmError): boolean =>
  code === 'ResourceGroupNotFound' || code === 'SubscriptionNotFound';

/** Distinguishes a missing token from a request that failed. */
const wrapCredential = (credential: TokenCredential): TokenCredential => ({
  getToken: async (...request) => {
    try {
      return await credential.getToken(...request);
    } catch (thrown) {
      const [reason = ''] = String((thrown as Partial<Error>).message ?? thrown).split('\n', 1);
      throw new TokenError(
        `The orchestrator’s identity got no token for Azure Resource Manager (${reason}). Assign a managed identity to the orchestrator, and set COXSWAIN_IDENTITY to its client id if it is user-assigned.`,
      );
    }
  },
});
