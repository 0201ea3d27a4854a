import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** The calls of a worker in this process, whose requests are not the app's. */
const others = new AsyncLocalStorage<true>();

/** Runs work whose HTTP requests are not counted, such as a worker in this process. */
export const runUncounted = <T>(work: () => T): T => others.run(true, work);

/** Counts the HTTP requests of this process to some hosts (`127.0.0.1:10000`), retries too. */
export const countRequests = (hosts: readonly string[]): { count: () => number; stop: () => void } => {
  let requests = 0;
  const onStart = (message: unknown): void => {
    const { request } = message as { request: ClientRequest };
    if (others.getStore() === undefined && hosts.includes(String(request.getHeader('host')))) requests += 1;
  };
  const started = channel('http.client.request.start');
  started.subscribe(onStart);
  return { count: () => requests, stop: () => started.unsubscribe(onStart) };
};
