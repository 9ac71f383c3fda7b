// date.mjs - microseconds per phrase: th_date_find beside chrono-node's parse, function against function, in one run over the
// texts of tests/date. Both run warm and once cold (the first pass of a fresh process), since a tool call is a first pass.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cases = join(dirname(fileURLToPath(import.meta.url)), '../../date');
const rounds = 9;
const texts = readdirSync(cases)
  .filter((name) => name.endsWith('.jsonl'))
  .flatMap((name) => readFileSync(join(cases, name), 'utf8').split('\n').filter(Boolean))
  .map((line) => JSON.parse(line).text.replaceAll('\n', ' '));

function ours() {
  const done = spawnSync(process.env.TH_DATE_BENCH, [], { input: texts.join('\n') + '\n', encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`date_bench: ${done.error ?? done.stderr}`);
  return done.stdout.trim().split(' ').map(Number);
}

function theirs(chrono) {
  const at = new Date('2026-11-25T10:00:00Z');
  const began = process.hrtime.bigint();
  for (const text of texts) chrono.parse(text, at, { forwardDate: true });
  return Number(process.hrtime.bigint() - began) / 1000 / texts.length;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const chrono = await import('chrono-node');
const cold = theirs(chrono);
const warm = [];
for (let round = 0; round < rounds; round++) warm.push(theirs(chrono));
const [first, mine] = ours();
const row = (name, a, b) =>
  console.log(`  ${name.padEnd(12)} tallyhost ${a.toFixed(2).padStart(6)}   chrono-node ${b.toFixed(2).padStart(6)}   ${(b / a).toFixed(0)}x`);
console.log(`dates: ${texts.length} texts, microseconds per text, median of ${rounds} rounds`);
row('warm', mine, median(warm));
row('first pass', first, cold);
