import { pino } from 'pino';
import { httpLeases, type Leases } from '../../../compute/client/index.ts';
import { OrchestratorStandIn } from '../stand-ins/orchestrator.ts';

export const silent = pino({ level: 'silent' });

/** Leases of an orchestrator that a test plays. */
export const openLeases = async (): Promise<{
  orchestrator: OrchestratorStandIn;
  leases: Leases;
  close: () => Promise<void>;
}> => {
  const orchestrator = await new OrchestratorStandIn().open();
  const leases = httpLeases({ url: orchestrator.url, key: orchestrator.key });
  return { orchestrator, leases, close: () => orchestrator.close() };
};
