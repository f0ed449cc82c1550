// graphile-worker, tuned: 24 jobs side by side, a local queue of 500, asks five times a second.
"use strict";
const { makeWorkerUtils, run } = require("graphile-worker");
const { main, payload, record } = require("./peer.cjs");

const connectionString = process.env.BENCH_POSTGRES;
const at = (due) => new Date(Math.ceil(due * 1000));

async function setup() {
  const utils = await makeWorkerUtils({ connectionString });
  await utils.migrate();
  await utils.release();
}

async function add(dues) {
  const utils = await makeWorkerUtils({ connectionString });
  for (const due of dues) await utils.addJob("record", payload(due), { runAt: at(due) });
}

async function bulk(dues) {
  const utils = await makeWorkerUtils({ connectionString });
  for (let i = 0; i < dues.length; i += 1000)
    await utils.addJobs(dues.slice(i, i + 1000).map((due) => ({ identifier: "record", payload: payload(due), runAt: at(due) })));
}

async function work() {
  await run({
    preset: { worker: { connectionString, concurrentJobs: 24, maxPoolSize: 10, pollInterval: 200, localQueue: { size: 500 } } },
    taskList: { record: async (task) => record(task) },
  });
}

main({ add, bulk, work, setup });
