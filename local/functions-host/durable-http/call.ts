import type { HostClient } from '../../durable-host/durable-host.ts';
import type { PatternParameters } from '../route-pattern.ts';

/** A call of the Durable HTTP API with a valid key. */
export type DurableHttpCall = {
  request: Request;
  query: URLSearchParams;
  parameters: PatternParameters;
  client: HostClient;
  /** The address of the call, below the host's base URL. */
  address: string;
};
