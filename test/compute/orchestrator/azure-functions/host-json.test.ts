import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import { HostJson } from '../../../../local/hosted-app/package/host-json.ts';

/* A mistyped key has no effect on Azure, and no error; see the schema. */

type Json = string | number | boolean | { [key: string]: Json };
const hostJson = JSON.parse(
  readFileSync(
    new URL('../../../../compute/orchestrator/azure-functions/host.json', import.meta.url),
    'utf8',
  ),
) as Json;

/** Returns copies, each with one change: a key in other letters, or a value of another type. */
const listMutations = (value: Json): [what: string, changed: Json][] =>
  typeof value !== 'object'
    ? []
    : Object.entries(value).flatMap(([key, inner]): [string, Json][] => {
        const { [key]: _, ...others } = value;
        const wrongType = typeof inner === 'number' ? String(inner) : 7;
        return [
          [`${key}s`, { ...others, [`${key}s`]: inner }],
          [`${key}: ${wrongType}`, { ...others, [key]: wrongType }],
          ...listMutations(inner).map(([what, changed]): [string, Json] => [
            `${key}.${what}`,
            { ...others, [key]: changed },
          ]),
        ];
      });

test('host.json has only keys that the host knows, with values of their types', () => {
  expect(v.safeParse(HostJson, hostJson).issues).toBeUndefined();
});

// The names of log categories are free.
test.each(listMutations(hostJson).filter(([what]) => !/logLevel\..*s$/.test(what)))(
  'a key or value that the host would ignore fails: %s',
  (_, changed) => {
    expect(v.safeParse(HostJson, changed).success).toBe(false);
  },
);

test('inputs are not traced, messages are not decoded, and idle queues are polled every 10 s', () => {
  expect(hostJson).toMatchObject({
    extensionBundle: { version: '[4.33.1, 5.0.0)' },
    extensions: {
      durableTask: {
        tracing: { traceInputsAndOutputs: false },
        storageProvider: { type: 'AzureStorage', maxQueuePollingInterval: '00:00:10' },
      },
      queues: { messageEncoding: 'none' },
    },
  });
});
