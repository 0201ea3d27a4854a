import * as v from 'valibot';
import { type InstanceFilter, type InstanceStatus, runtimeStatuses } from '../durable.ts';

/**
 * Creates a client of the Durable HTTP API at the extension's listener on this machine. durable-functions' own client lacks prefixes and
 * status codes.
 * @param rpcBaseUrl the address of the listener, with a final slash
 */
export const createDurableHttp = (rpcBaseUrl: string) => {
  const toUrl = (path: string, query: Record<string, string> = {}): URL => {
    const url = new URL(path, rpcBaseUrl);
    url.search = new URLSearchParams(query).toString();
    return url;
  };
  const toInstance = (id: string): string => `instances/${encodeURIComponent(id)}`;

  return {
    /** Starts an instance. @throws if a running instance has the ID */
    start: async (name: string, id: string, input: unknown): Promise<void> => {
      const url = toUrl(`orchestrators/${encodeURIComponent(name)}/${encodeURIComponent(id)}`);
      await request('POST', url, [202], { json: input });
    },
    status: async (id: string): Promise<InstanceStatus | undefined> => {
      const url = toUrl(toInstance(id), { showInput: 'true' });
      const response = await request('GET', url, [200, 202, 404, 500]);
      return response.status === 404 ? undefined : v.parse(InstanceStatusBody, await response.json());
    },
    /** Returns all instances that match a filter, in the store's order. */
    list: async (filter: Omit<InstanceFilter, 'top' | 'continuation'>): Promise<InstanceStatus[]> => {
      const url = toUrl('instances', toListQuery(filter));
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
      const url = toUrl(`${toInstance(id)}/raiseEvent/${encodeURIComponent(name)}`);
      return (await request('POST', url, [202, 404, 410], { json: data })).status === 202;
    },
    terminate: async (id: string, reason: string): Promise<boolean> => {
      const url = toUrl(`${toInstance(id)}/terminate`, { reason });
      return (await request('POST', url, [202, 404, 410])).status === 202;
    },
    purge: async (id: string): Promise<boolean> =>
      (await request('DELETE', toUrl(toInstance(id)), [200, 404, 412])).status === 200,
  };
};

const toListQuery = ({
  prefix,
  statuses,
  createdFrom,
  createdTo,
}: InstanceFilter): Record<string, string> => ({
  showInput: 'true',
  top: '1000',
  ...(prefix !== undefined && { instanceIdPrefix: prefix }),
  ...(statuses && { runtimeStatus: statuses.join(',') }),
  ...(createdFrom !== undefined && { createdTimeFrom: createdFrom }),
  ...(createdTo !== undefined && { createdTimeTo: createdTo }),
});

/** The extension on the same machine answers in milliseconds, unless its storage is slow. */
const timeoutMilliseconds = 60_000;

type RequestContent = { headers?: Record<string, string>; json?: unknown };

/** Sends a request to the extension. @throws for an unexpected status, and if the extension does not respond */
const request = async (
  method: string,
  url: URL,
  expected: readonly number[],
  { headers, ...content }: RequestContent = {},
): Promise<Response> => {
  const json = 'json' in content && {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(content.json ?? null),
  };
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const response = await fetch(url, { method, signal, ...(headers && { headers }), ...json });
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
