import type { Audit } from '../../chatops/audit.ts';
import { AuditBatchWriter } from './batch-writer.ts';
import { createBlobAppender } from './blob-appender.ts';
import { createAuditLogger, type AuditLoggerOptions } from './audit-logger.ts';

type OpenAuditOptions = Omit<AuditLoggerOptions, 'store' | 'metrics'> & {
  metrics: AuditLoggerOptions['metrics'] & ConstructorParameters<typeof AuditBatchWriter>[0]['metrics'];
  /** A connection string, or the URL of a blob endpoint with its SAS; undefined: decisions are only logged. */
  storage: string | undefined;
  /** Identifies this process among all bots. */
  instance: string;
};

/** Opens the bot's audit. `stop` waits until the recorded entries are stored, if that is possible. */
export const openAudit = ({
  storage,
  instance,
  ...options
}: OpenAuditOptions): { audit: Audit; stop: () => Promise<void> } => {
  if (storage === undefined) return { audit: createAuditLogger(options), stop: async () => {} };
  const batches = new AuditBatchWriter({ sink: createBlobAppender(storage, instance), ...options });
  return {
    audit: createAuditLogger({ ...options, store: (line) => batches.append(line) }),
    stop: () => batches.stop(),
  };
};
