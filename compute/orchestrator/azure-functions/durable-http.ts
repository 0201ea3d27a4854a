import * as v from 'valibot';
import { type InstanceFilter, type InstanceStatus, runtimeStatuses } from '../durable.ts';

/** Returns the management URIs of an instance, as the extension provides them. */
export type GetManagementUris = (id: string) => Record<string, string>;

/**
 * Creates a client of the Durable HTTP API for what the SDK's client lacks: prefixes and status codes. It calls the extension on this
 * machine.
 */
export const createDurableHttp = (getUris: GetManagementUris) => ({
  status: async (id: string): Promise<InstanceStatus | undefined> => {
    const url = `${requireUri(getUris(id), 'statusQueryGetUri')}&showInput=true`;
    const response = await request('GET', url, [200, 202, 404, 500]);
    return response.status === 404 ? undefined : v.parse(InstanceStatusBody, await response.json());
  },
  /** Returns all instances that match a filter, in the store's order. */
  list: async (filter: Omit<InstanceFilter, 'top' | 'continuation'>): Promise<InstanceStatus[]> => {
    const url = buildListUrl(requireUri(getUris(''), 'statusQueryGetUri'), filter);
    const found: InstanceStatus[] = [];
    let token: string | null = null;
    do {
      const headers: Record<string, string> = token === null ? {} : { 'x-ms-continuation-token': token };
      const response = await request('GET', url, [200], { headers });
      found.push(...v.parse(v.array(InstanceStatusBody), await response.json()));
      token = response.headers.get('x-ms-continuation-token');
    } while (token);
    return found;
  },
  raiseEvent: async (id: string, name: string, data: unknown): Promise<boolean> => {
    const url = requireUri(getUris(id), 'sendEventPostUri').replace('{eventName}', encodeURIComponent(name));
    const headers = { 'content-type': 'application/json' };
    const response = await request('POST', url, [202, 404, 410], { headers, body: JSON.stringify(data) });
    return response.status === 202;
  },
  terminate: async (id: string, reason: string): Promise<boolean> => {
    const url = requireUri(getUris(id), 'terminatePostUri').replace('{text}', encodeURIComponent(reason));
    return (await request('POST', url, [202, 404, 410])).status === 202;
  },
  purge: async (id: string): Promise<boolean> =>
    (await request('DELETE', requireUri(getUris(id), 'purgeHistoryDeleteUri'), [200, 404, 412])).status ===
    200,
});

const requireUri = (uris: Record<string, string>, name: string): string => {
  const found = uris[name];
  if (found === undefined) throw new Error(`The Durable Functions extension provides no ${name}`);
  return found;
};

const buildListUrl = (
  statusUrl: string,
  { prefix, statuses, createdFrom, createdTo }: InstanceFilter,
): URL => {
  const url = new URL(statusUrl);
  url.pathname = url.pathname.replace(/\/$/, '');
  url.searchParams.set('showInput', 'true');
  url.searchParams.set('top', '1000');
  if (prefix !== undefined) url.searchParams.set('instanceIdPrefix', prefix);
  if (statuses) url.searchParams.set('runtimeStatus', statuses.join(','));
  if (createdFrom !== undefined) url.searchParams.set('createdTimeFrom', createdFrom);
  if (createdTo !== undefined) url.searchParams.set('createdTimeTo', createdTo);
  return url;
};

/** Sends a request to the extension. @throws for an unexpected status, without the URL, which contains a system key */
const request = async (
  method: string,
  url: string | URL,
  expected: readonly number[],
  init: RequestInit = {},
): Promise<Response> => {
  const response = await fetch(url, { ...init, method });
  if (expected.includes(response.status)) return response;
  throw new Error(`The Durable Functions extension responded ${response.status} to a ${method}`);
};

const timeSchema = v.pipe(
  v.string(),
  v.transform((text) => new Date(text).toISOString()),
);

/** The schema of an instance's status in the extension's responses. */
const InstanceStatusBody = v.pipe(
  v.object({
    name: v.string(),
    instanceId: v.string(),
    runtimeStatus: v.picklist(runtimeStatuses),
    input: v.optional(v.unknown()),
    customStatus: v.optional(v.unknown()),
    output: v.optional(v.unknown()),
    createdTime: timeSchema,
    lastUpdatedTime: timeSchema,
  }),
  v.transform(({ input, customStatus, output, ...rest }): InstanceStatus => ({
    ...rest,
    input,
    customStatus,
    output,
  })),
);
