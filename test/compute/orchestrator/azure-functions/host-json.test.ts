import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as v from 'valibot';

/*
 * The Functions host ignores a key that it does not know, and says nothing. These closed schemas list the keys of Durable Functions 3.x on
 * Azure Storage (durable-functions-host-json-settings), of the queue extension, of the host (functions-host-json) and of its logging, with
 * the types of their values.
 */

const time = v.pipe(v.string(), v.regex(/^(?:\d+\.)?\d\d:\d\d:\d\d$/));
const count = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const optional = <const T extends Record<string, v.GenericSchema>>(entries: T) =>
  v.partial(v.strictObject(entries));

const AzureStorage = optional({
  type: v.literal('AzureStorage'),
  connectionName: v.string(),
  controlQueueBatchSize: count(1, 32),
  controlQueueBufferThreshold: count(1, 1_000),
  controlQueueVisibilityTimeout: time,
  workItemQueueVisibilityTimeout: time,
  maxQueuePollingInterval: time,
  partitionCount: count(1, 16),
  trackingStoreConnectionStringName: v.string(),
  trackingStoreNamePrefix: v.string(),
  useTablePartitionManagement: v.boolean(),
  useLegacyPartitionManagement: v.boolean(),
  fetchLargeMessagesAutomatically: v.boolean(),
  queueClientMessageEncoding: v.picklist(['Base64', 'UTF8']),
});

const DurableTask = optional({
  hubName: v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9]{2,44}$/)),
  defaultVersion: v.pipe(v.string(), v.regex(/^\d+\.\d+$/)),
  versionMatchStrategy: v.picklist(['None', 'Strict', 'CurrentOrOlder']),
  versionFailureStrategy: v.picklist(['Reject', 'Fail']),
  maxConcurrentActivityFunctions: count(1, 100),
  maxConcurrentOrchestratorFunctions: count(1, 100),
  overridableExistingInstanceStates: v.picklist(['NonRunningStates', 'AnyState']),
  tracing: optional({
    traceInputsAndOutputs: v.boolean(),
    traceReplayEvents: v.boolean(),
    distributedTracingEnabled: v.boolean(),
    version: v.picklist(['V1', 'V2']),
  }),
  httpSettings: optional({ defaultAsyncRequestSleepTimeMilliseconds: count(1, 3_600_000) }),
  storageProvider: AzureStorage,
});

const Queues = optional({
  maxPollingInterval: time,
  visibilityTimeout: time,
  batchSize: count(1, 32),
  maxDequeueCount: count(1, 100),
  newBatchThreshold: count(0, 1_000),
  messageEncoding: v.picklist(['none', 'base64']),
});

const telemetry = 'Dependency|Event|Exception|PageView|Request|Trace';
const telemetryTypes = v.pipe(v.string(), v.regex(new RegExp(`^(?:${telemetry})(?:;(?:${telemetry}))*$`)));

const HostJson = v.strictObject({
  version: v.literal('2.0'),
  extensionBundle: v.strictObject({
    id: v.literal('Microsoft.Azure.Functions.ExtensionBundle'),
    version: v.pipe(v.string(), v.regex(/^\[\d+\.\d+\.\d+, \d+\.\d+\.\d+\)$/)),
  }),
  functionTimeout: time,
  extensions: v.strictObject({ durableTask: DurableTask, queues: Queues }),
  logging: v.strictObject({
    logLevel: v.record(
      v.pipe(v.string(), v.regex(/^(?:default|(?:Host|Function|DurableTask|Microsoft|Worker)(?:\.\w+)*)$/)),
      v.picklist(['Trace', 'Debug', 'Information', 'Warning', 'Error', 'Critical', 'None']),
    ),
    applicationInsights: v.strictObject({
      samplingSettings: optional({
        isEnabled: v.boolean(),
        maxTelemetryItemsPerSecond: count(1, 100),
        includedTypes: telemetryTypes,
        excludedTypes: telemetryTypes,
      }),
    }),
  }),
});

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
