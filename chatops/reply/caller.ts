import type { CallerName } from '../../compute/client/index.ts';
import { inline } from '../markdown/foreign.ts';

/** A caller of the orchestrator, in words. */
export const callerText = ({ kind, name }: Pick<CallerName, 'kind' | 'name'>): string =>
  kind === 'platform' ? 'the platform’s own key' : `the ${kind} ${inline(name, 200)}`;

/** A person, plainly if whoever named them had verified it, and as that caller's claim otherwise. */
export const personText = (name: string, via: CallerName | null | undefined): string =>
  via && !via.entry ? `${inline(name, 60)} (according to ${callerText(via)})` : inline(name, 60);
