#!/usr/bin/env node
// Delivers files: whatever is in COXSWAIN_OUTPUT_DIR when the script ends. It needs only Node.
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { deflateSync } = require('node:zlib');

const folder = process.env.COXSWAIN_OUTPUT_DIR ?? '.';
const days = Number(process.env.days ?? 14);
if (!(days >= 1 && days <= 366)) {
  console.error(`days: expected 1 to 366, received ${days}`);
  process.exit(2);
}

const visits = Array.from({ length: days }, (_, day) => {
  const date = new Date(Date.UTC(2026, 9, 1 + day));
  const isWeekend = date.getUTCDay() % 6 === 0;
  const count = Math.round((isWeekend ? 400 : 900) + 12 * day + 150 * Math.sin(day * 2.4));
  return { date: date.toISOString().slice(0, 10), isWeekend, count };
});

/** Returns a PNG of a bar chart. */
const drawChart = (width, height) => {
  const max = Math.max(...visits.map(({ count }) => count));
  const bar = width / visits.length;
  const pixels = Buffer.alloc(height * (1 + width * 3), 255);
  for (let y = 0; y < height; y += 1) {
    pixels[y * (1 + width * 3)] = 0;
    for (let x = 0; x < width; x += 1) {
      const { count, isWeekend } = visits[Math.floor(x / bar)];
      const isBar = x % bar < bar * 0.8 && height - y <= (count / max) * (height - 10);
      const isLine = y % 40 === 39;
      const color = isBar
        ? isWeekend
          ? [9, 105, 218]
          : [31, 136, 61]
        : isLine
          ? [225, 228, 232]
          : [255, 255, 255];
      pixels.set(color, y * (1 + width * 3) + 1 + x * 3);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunks = [
    toChunk('IHDR', header),
    toChunk('IDAT', deflateSync(pixels)),
    toChunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
};

const toChunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  chunk.set(body, 4);
  chunk.writeUInt32BE(computeCrc(body), body.length + 4);
  return chunk;
};

const computeCrc = (bytes) => {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
};

const sum = (part) => part.reduce((total, { count }) => total + count, 0);
const formatRow = (name, part) => {
  const total = sum(part);
  return `| ${name} | ${part.length} | ${total} | ${Math.round(total / Math.max(1, part.length))} |`;
};
const weekdays = visits.filter(({ isWeekend }) => !isWeekend);
const weekends = visits.filter(({ isWeekend }) => isWeekend);
const summary = `## ${sum(visits)} visits in ${days} days

| | Days | Visits | per day |
|:--|--:|--:|--:|
${formatRow('Weekdays', weekdays)}
${formatRow('Weekends', weekends)}

The chart shows weekdays in green and weekends in *blue*.
`;

const lines = visits.map(
  ({ date, isWeekend, count }) => `${date},${isWeekend ? 'weekend' : 'weekday'},${count}`,
);
writeFileSync(path.join(folder, 'summary.md'), summary);
writeFileSync(path.join(folder, 'visits.csv'), `${['date,kind,visits', ...lines].join('\n')}\n`);
writeFileSync(path.join(folder, 'visits.png'), drawChart(640, 200));
console.log(`Made up ${days} days.`);
