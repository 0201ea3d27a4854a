import type { HostClient } from '../../durable-host/durable-host.ts';
import type { PatternParameters } from '../route-pattern.ts';

/** One call of the Durable HTTP API, past its key. */
export type DurableHttpCall = {
  request: Request;
  query: URLSearchParams;
  parameters: PatternParameters;
  client: HostClient;
  /** The called address, below the host's own base URL. */
  address: string;
};
