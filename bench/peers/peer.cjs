// What every peer written for Node does on its command line: see peer.py and record.py.
"use strict";
const fs = require("fs");

const SIZE = 100;
const file = fs.openSync(process.env.BENCH_STARTS, "a", 0o600);

function payload(due) {
  const bare = { due: due.toFixed(6), pad: "" };
  return { ...bare, pad: "x".repeat(SIZE - JSON.stringify(bare).length) };
}

function record(task) {
  const now = (performance.timeOrigin + performance.now()) / 1000;
  fs.writeSync(file, `${now.toFixed(6)} ${task.due}\n`);
}

async function main({ add, work, bulk, setup, ...more }) {
  const [command, count, first, span] = process.argv.slice(2);
  const other = { setup, work, ...more }[command];
  if (command === "setup" || other) {
    if (other) await other();
    return;
  }
  const dues = Array.from({ length: Number(count) }, (_, i) => Number(first) + (Number(span) * i) / Number(count));
  const began = performance.now();
  await (command === "bulk" && bulk ? bulk : add)(dues);
  console.log((performance.now() - began) / 1000);
  process.exit(0);
}

module.exports = { main, payload, record };
