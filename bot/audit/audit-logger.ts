import type { Audit, AuditEntry } from '../../chatops/audit.ts';
import { commandNames } from '../../chatops/command/index.ts';
import type { Logger } from '../../runtime/log.ts';
import type { BotMetrics } from '../metrics.ts';

export type AuditLoggerOptions = {
  metrics: Pick<BotMetrics, 'commands' | 'decisions'>;
  log: Logger;
  /** Also stores lines of JSON elsewhere; must not throw. */
  store?: ((line: string) => void) | undefined;
};

/** Returns an audit that logs each decision as one line (field `audit`), counts it, and stores it. */
export const createAuditLogger = ({ metrics, log, store }: AuditLoggerOptions): Audit => ({
  record: (entry) => {
    log.info({ audit: entry }, 'a decision');
    metrics.commands.inc({ command: findCommandName(entry), outcome: entry.outcome });
    metrics.decisions.inc({ allowed: String(entry.allowed), reason: entry.reason });
    store?.(`${JSON.stringify(entry)}\n`);
  },
});

/** Returns the command's name as a metric label. Text that people make up must not become a label. */
const findCommandName = ({ what }: AuditEntry): string => {
  const words = what.split(/\s+/, 2).map((word) => word.replace(/^\//, '').toLowerCase());
  return commandNames.find((name) => words.includes(name)) ?? 'other';
};
