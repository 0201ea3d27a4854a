import type { Logger } from '../../../runtime/log.ts';
import type { Route, DurableClient, InstanceStatus } from '../durable.ts';
import type { JobIds } from '../job/job-ids.ts';
import type { Authenticator } from './authenticate.ts';
import { toForbidden } from '../json.ts';
import { hasScope, type Caller, type CallerScope, ownsOrigin } from './caller.ts';
import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import type { JobInput } from '../job/job-state.ts';
import { parseJobInstance } from '../job/job-instance.ts';

/** A route with the scope that it requires. It is called only for callers that have this scope. */
export type GuardedRoute = Omit<Route, 'handle'> & {
  /** The scope that a caller needs. */
  needs: CallerScope;
  /** @param client shows only jobs of the caller's repositories */
  handle(
    request: Request,
    parameters: Readonly<Record<string, string>>,
    client: CallerClient,
    caller: Caller,
  ): Promise<Response>;
};

/** Returns a function that adds authentication and authorization to a route, so that no host can serve it without. */
export const guardRoutes =
  (authenticate: Authenticator, ids: JobIds, log: Logger) =>
  (route: GuardedRoute): Route => ({
    name: route.name,
    method: route.method,
    path: route.path,
    handle: async (request, parameters, client) => {
      const authentication = await authenticate(request);
      if (!authentication.ok) return authentication.response;
      const { caller } = authentication;
      const response = hasScope(caller, route.needs)
        ? await route.handle(request, parameters, createCallerClient(caller, client, ids), caller)
        : toForbidden(`This request requires the scope "${route.needs}".`);
      if (response.status === 403 && caller.kind === 'guest')
        log.warn({ caller: caller.name, route: route.name }, 'denied a request');
      return response;
    },
  });

/** The durable client of one request. */
export interface CallerClient extends DurableClient {
  /** Starts a job under an id, as `JobIds` does. */
  startJob(id: JobId, input: JobInput): Promise<{ started: boolean; status: InstanceStatus }>;
  /** Returns the job that an origin has under an id. @param owner as `toOwner` returns it */
  findJob(id: string, owner: string): Promise<InstanceStatus | undefined>;
}

/**
 * Restricts the durable client to what a caller can access. For a guest, jobs of other repositories do not exist, and there are no
 * management URIs, because their key allows everything.
 */
export const createCallerClient = (caller: Caller, client: DurableClient, ids: JobIds): CallerClient => {
  const startJob = (id: JobId, input: JobInput) => ids.start(client, id, input);
  if (caller.kind === 'platform')
    return { ...client, startJob, findJob: (id, owner) => ids.find(client, id, owner) };
  /** Batches are visible, because their ids derive from the ids of their jobs. */
  const isVisible = (status: InstanceStatus): boolean => {
    const job = parseJobInstance(status);
    return !job || ownsOrigin(caller, job.input.request.origin);
  };
  const hideInvisible = (status: InstanceStatus | undefined) =>
    status && isVisible(status) ? status : undefined;
  /** Returns the caller's own job under an id that another origin has. */
  const findOwn = async (id: string): Promise<InstanceStatus | undefined> => {
    if (v.is(JobId, id))
      for await (const status of ids.listOthers(client, id)) if (isVisible(status)) return status;
    return undefined;
  };
  return {
    startJob,
    findJob: async (id, owner) => hideInvisible(await ids.find(client, id, owner)),
    start: async (name, id, input) => {
      const { started, status } = await client.start(name, id, input);
      return { started, status: isVisible(status) ? status : { ...status, input: null } };
    },
    status: async (id) => {
      const status = await client.status(id);
      return status && (hideInvisible(status) ?? findOwn(id));
    },
    list: async (filter) => {
      const { instances, continuation } = await client.list(filter);
      return { instances: instances.filter(isVisible), continuation };
    },
    raiseEvent: (id, name, data) => client.raiseEvent(id, name, data),
    terminate: (id, reason) => client.terminate(id, reason),
    purge: (id) => client.purge(id),
    managementUris: () => ({}),
  };
};
