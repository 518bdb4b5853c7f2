// Async functions of Node.js that are called and awaited after one turn of the event loop.
import { giveWay, now, residentBytes, scaled, tell } from '../peer.mjs';

async function afterOneTurn() {
  await undefined;
}

const count = scaled(1_000_000);
const rounds = Math.max(Math.floor(count / 1000), 1);
let start = now();
for (let i = 0; i < rounds; ++i) {
  await Promise.all(Array.from({ length: 1000 }, afterOneTurn));
}
tell('by_thousand', (now() - start) / (rounds * 1000));

const before = residentBytes();
start = now();
const all = [];
for (let i = 0; i < count; ++i) all.push(afterOneTurn());
const bytes = residentBytes() - before;
for (const one of all) await one;
tell('at_once', (now() - start) / count);
tell('bytes', Math.max(bytes, 0) / count);
