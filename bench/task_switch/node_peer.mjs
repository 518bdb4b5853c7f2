// Async functions of Node.js that give way to the event loop.
import { giveWay, now, scaled, tell } from '../peer.mjs';

async function giveWayOften(times) {
  for (let i = 0; i < times; ++i) await giveWay();
}

const count = scaled(500_000);
let start = now();
await giveWayOften(count);
tell('one_task', (now() - start) / count);

const each = Math.max(Math.floor((2 * count) / 1000), 1);
start = now();
await Promise.all(Array.from({ length: 1000 }, () => giveWayOften(each)));
tell('thousand_tasks', (now() - start) / (each * 1000));
