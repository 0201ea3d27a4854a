import type { Audit } from '../../chatops/audit.ts';
import { AuditBatches } from './batch-writer.ts';
import { auditBlobs } from './blob-appender.ts';
import { auditTrail, type TrailOptions } from './audit-logger.ts';

export type AuditOptions = Omit<TrailOptions, 'keep' | 'metrics'> & {
  metrics: TrailOptions['metrics'] & ConstructorParameters<typeof AuditBatches>[0]['metrics'];
  /** A connection string, or the URL of a blob endpoint with its SAS; undefined: decisions stand in the log alone. */
  storage: string | undefined;
  /** Tells this process from all other bots. */
  instance: string;
};

/** Where the bot's decisions are kept. `stop` waits until what was recorded is stored, as far as it can be. */
export const openAudit = ({
  storage,
  instance,
  ...options
}: AuditOptions): { audit: Audit; stop: () => Promise<void> } => {
  if (storage === undefined) return { audit: auditTrail(options), stop: async () => {} };
  const batches = new AuditBatches({ keeper: auditBlobs(storage, instance), ...options });
  return {
    audit: auditTrail({ ...options, keep: (line) => batches.keep(line) }),
    stop: () => batches.stop(),
  };
};
