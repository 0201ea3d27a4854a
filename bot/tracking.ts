import type { Leases } from '../compute/client/index.ts';
import type { CommentId } from '../contracts/comment-id.ts';
import type { Clock } from '../runtime/async/clock.ts';
import type { GitHubPortsFactory } from './github-ports.ts';
import { LeaderElection, storageLeaderSeconds } from './leader-election.ts';
import { LeaderSignal } from './lease-storage/leader-signal.ts';
import type { LeaseStorage } from './lease-storage/lease-storage.ts';
import type { BotMetrics } from './metrics.ts';
import type { ReplicaCounter } from './replicas.ts';
import type { BotSettings } from './settings.ts';
import type { ReconcilerOptions } from './tracker/reconciler.ts';
import { Tracker } from './tracker/tracker.ts';

/** The tracker, which only the leader runs, and the election of the leader. */
export type Tracking = {
  leader: LeaderElection;
  tracker: Tracker;
  /** How other replicas wake the leader; undefined if it polls often enough without. */
  signal: LeaderSignal | undefined;
  /** The tracker as comments use it: what wakes it also wakes that of the leader, if another replica leads. */
  wakeable: Pick<Tracker, 'expectJob' | 'wake' | 'takeOver'>;
};

type TrackingServices = Omit<ReconcilerOptions, 'host' | 'ports' | 'isAnswered' | 'leader' | 'intervals'> & {
  metrics: BotMetrics;
  leases: Leases;
  leaseStorage: LeaseStorage | undefined;
  replicas: ReplicaCounter;
  threads: GitHubPortsFactory;
};

/** Creates the tracker and the election. None of them runs yet. */
export const createTracking = (
  { app, seconds, instance, github: { host } }: BotSettings,
  services: TrackingServices,
  clock: Clock,
): Tracking => {
  const { threads, leaseStorage, log } = services;
  const leader = new LeaderElection({
    ...services,
    leases: leaseStorage ?? services.leases,
    ...(leaseStorage && { seconds: storageLeaderSeconds }),
    name: `tracker/${app.id}`,
    holder: instance,
    onLead: () => tracker.wake(),
    clock,
  });
  services.replicas.leader = leader;
  const idle = seconds.trackerIdle === undefined ? {} : { idle: seconds.trackerIdle * 1_000 };
  const tracker = new Tracker(
    {
      ...services,
      host,
      ports: (target) => threads.forThread(target),
      isAnswered: (comment) => threads.isAnswered(comment),
      leader,
      intervals: { poll: seconds.tracker * 1_000, edit: seconds.edit * 1_000, ...idle },
    },
    clock,
  );
  const signal =
    leaseStorage &&
    new LeaderSignal({
      storage: leaseStorage,
      name: `wake/${app.id}`,
      leader,
      onSignal: () => (tracker.expectJob(), tracker.wake()),
      onFirstCheck: () => tracker.wake(),
      clock,
      log,
    });
  const wakeable = {
    expectJob: () => (tracker.expectJob(), signal?.send()),
    wake: () => (tracker.wake(), signal?.send()),
    takeOver: (comment: CommentId) => tracker.takeOver(comment),
  };
  return { leader, tracker, signal, wakeable };
};
