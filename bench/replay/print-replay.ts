import { measureReplay, type Delivery, type JobCost } from './measure-replay.ts';

const sizes = [1_000, 10_000, 20_000];

const rows: { what: string; get: (cost: JobCost) => number; format: (value: number) => string }[] = [
  { what: 'seconds in all', get: ({ seconds }) => seconds, format: formatSeconds },
  { what: 'seconds of replay', get: ({ replaySeconds }) => replaySeconds, format: formatSeconds },
  { what: 'kB of history', get: ({ historyBytes }) => historyBytes / 1e3, format: formatCount },
  { what: 'kB replayed', get: ({ replayedBytes }) => replayedBytes / 1e3, format: formatCount },
  { what: 'executions', get: countAll, format: formatCount },
  { what: '  episodes of orchestrations', get: ({ episodes }) => episodes, format: formatCount },
  { what: '  activities', get: ({ activities }) => activities, format: formatCount },
  { what: '  by events and the start', get: ({ triggers }) => triggers, format: formatCount },
  { what: 'storage operations', get: ({ storageOperations }) => storageOperations, format: formatCount },
];

function countAll({ episodes, activities, triggers }: JobCost): number {
  return episodes + activities + triggers;
}

function formatSeconds(value: number): string {
  return value.toFixed(2);
}

function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

/**
 * Measures jobs of 1 000, 10 000 and 20 000 blocks at the embedded host, which replays the whole history in each episode, as on Azure.
 * Prints each figure, for the whole job and per block. The ratios count: what a block of the larger job costs, over one of the smaller.
 */
export const printReplay = async (): Promise<void> => {
  await printSizes('one event per delivery, as on Azure', 'single', sizes);
  await printSizes('events in groups, as on one machine', 'grouped', sizes.slice(0, 1));
};

const printSizes = async (
  what: string,
  delivery: Delivery,
  blockCounts: readonly number[],
): Promise<void> => {
  console.log(`full replay, ${what}`);
  const costs: { blocks: number; cost: JobCost }[] = [];
  for (const blocks of blockCounts) {
    const cost = await measureReplay(blocks, delivery);
    costs.push({ blocks, cost });
    console.log(`  ${formatCount(blocks)} blocks ran in ${cost.seconds.toFixed(0)} s`);
  }
  const ratios = blockCounts
    .slice(1)
    .map((blocks, n) => `${formatCount(blocks)} : ${formatCount(blockCounts[n] ?? 0)}`);
  const names = blockCounts.map((blocks) => `${formatCount(blocks)} blocks`);
  printRow('', [...names.flatMap((name) => [name, 'per block']), ...ratios]);
  for (const { what: row, get, format } of rows) {
    const perBlock = costs.map(({ blocks, cost }) => get(cost) / blocks);
    const values = costs.flatMap(({ cost }, n) => [format(get(cost)), (perBlock[n] ?? NaN).toPrecision(3)]);
    const compared = perBlock.slice(1).map((value, n) => (value / (perBlock[n] ?? NaN)).toFixed(2));
    printRow(row, [...values, ...compared]);
  }
};

const printRow = (what: string, cells: readonly string[]): void =>
  console.log(`  ${what.padEnd(30)}${cells.map((cell) => cell.padStart(16)).join('')}`);
