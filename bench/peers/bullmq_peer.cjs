// BullMQ: one worker that runs 50 jobs side by side, done jobs removed.
"use strict";
const { Queue, Worker } = require("bullmq");
const { main, payload, record } = require("./peer.cjs");

const url = new URL(process.env.BENCH_REDIS);
const connection = { host: url.hostname, port: Number(url.port), password: url.password, maxRetriesPerRequest: null };
const name = process.env.BENCH_QUEUE;
const options = (due) => ({ delay: Math.max(0, due * 1000 - Date.now()), removeOnComplete: true });

async function add(dues) {
  const queue = new Queue(name, { connection });
  for (const due of dues) await queue.add("record", payload(due), options(due));
}

async function bulk(dues) {
  const queue = new Queue(name, { connection });
  for (let i = 0; i < dues.length; i += 1000)
    await queue.addBulk(dues.slice(i, i + 1000).map((due) => ({ name: "record", data: payload(due), opts: options(due) })));
}

function work() {
  new Worker(name, async (job) => record(job.data), { connection, concurrency: 50 });
}

main({ add, bulk, work });
