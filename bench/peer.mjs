// What the peers in JavaScript share: how much to do, and how a figure is told.
import { readFileSync } from 'node:fs';

const smoke = process.argv.includes('--smoke');

/** How often to do something; a hundredth in a smoke run. */
export const scaled = (count) => (smoke ? Math.max(Math.floor(count / 100), 10) : count);

export const tell = (figure, value) => console.log('node', figure, value.toPrecision(6));

/** Nanoseconds on a clock that only goes forward. */
export const now = () => Number(process.hrtime.bigint());

/** Nanoseconds of processor time that the process has used. */
export const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};

/** Bytes of the process that are in memory now. */
export const residentBytes = () =>
  Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]) * 4096;

/** Resumes in the next turn of the event loop. */
export const giveWay = () => new Promise((resolve) => setImmediate(resolve));
