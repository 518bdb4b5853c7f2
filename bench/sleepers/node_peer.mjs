// Async functions of Node.js that sleep from 1 to 1000 ms.
import { cpu, residentBytes, scaled, tell } from '../peer.mjs';

async function sleep(ms) {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

const count = scaled(300_000);
const before = residentBytes();
const start = cpu();
const all = [];
for (let i = 0; i < count; ++i) all.push(sleep(((i * 7919) % 1000) + 1));
const bytes = residentBytes() - before;
for (const one of all) await one;
tell('cpu', (cpu() - start) / count);
tell('bytes', Math.max(bytes, 0) / count);
