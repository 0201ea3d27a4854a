import type { HostClient } from '../../durable-host/durable-host.ts';
import type { Parameters } from '../route-pattern.ts';

/** One call of the Durable HTTP API, past its key. */
export type Call = {
  request: Request;
  query: URLSearchParams;
  parameters: Parameters;
  client: HostClient;
  /** The called address, below the host's own base URL. */
  address: string;
};
