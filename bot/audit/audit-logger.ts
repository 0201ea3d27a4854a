import type { Audit, AuditEntry } from '../../chatops/audit.ts';
import { commandNames } from '../../chatops/command/index.ts';
import type { Logger } from '../../runtime/log.ts';
import type { BotMetrics } from '../metrics.ts';

export type AuditLoggerOptions = {
  metrics: Pick<BotMetrics, 'commands' | 'decisions'>;
  log: Logger;
  /** Keeps lines of JSON elsewhere too; must not throw. */
  store?: ((line: string) => void) | undefined;
};

/** Writes each decision as one line of the log (field `audit`), counts it, and hands it on to where it is kept. */
export const createAuditLogger = ({ metrics, log, store: keep }: AuditLoggerOptions): Audit => ({
  record: (entry) => {
    log.info({ audit: entry }, 'a decision');
    metrics.commands.inc({ command: findCommandName(entry), outcome: entry.outcome });
    metrics.decisions.inc({ allowed: String(entry.allowed), reason: entry.reason });
    keep?.(`${JSON.stringify(entry)}\n`);
  },
});

/** What people invent must not become a metric's label. */
const findCommandName = ({ what }: AuditEntry): string => {
  const words = what.split(/\s+/, 2).map((word) => word.replace(/^\//, '').toLowerCase());
  return commandNames.find((name) => words.includes(name)) ?? 'other';
};
