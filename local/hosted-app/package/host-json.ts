import * as v from 'valibot';

/*
 * The Functions host silently ignores a key that it does not know. These closed schemas list the keys of Durable Functions 3.x on
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

/** A `host.json` with only keys that the host knows, which our package must have. */
export const HostJson = v.strictObject({
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
