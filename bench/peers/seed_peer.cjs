// The seed's loop: PostgreSQL row and whole-second Redis score at acceptance; a scheduler that
// looks every 2 s, removes what is due and publishes it without confirms; a worker that takes one
// message after another, with three statements for each task.
"use strict";
const crypto = require("crypto");
const http = require("http");
const { Pool, Client } = require("pg");
const Redis = require("ioredis");
const amqp = require("amqplib");
const { main, payload, record } = require("./peer.cjs");

const ZSET = "task_schedule";
const QUEUE = process.env.BENCH_QUEUE;
const pool = new Pool({ connectionString: process.env.BENCH_POSTGRES, max: 10 });
const openRedis = () => new Redis(process.env.BENCH_REDIS, { lazyConnect: false });

async function setup() {
  await pool.query(`CREATE TABLE tasks (id uuid PRIMARY KEY, type text NOT NULL, status text NOT NULL,
    payload bytea NOT NULL, execute_at timestamptz NOT NULL, created_at timestamptz NOT NULL DEFAULT now())`);
  await pool.end();
}

async function accept(redis, task, executeAt) {
  const id = crypto.randomUUID();
  await pool.query(
    "INSERT INTO tasks (id, type, status, payload, execute_at) VALUES ($1, $2, 'PENDING', $3, $4)",
    [id, "record", Buffer.from(JSON.stringify(task)), executeAt],
  );
  await redis.zadd(ZSET, Math.floor(executeAt.getTime() / 1000), id);
  return id;
}

async function add(dues) {
  const redis = openRedis();
  for (const due of dues) await accept(redis, payload(due), new Date(due * 1000));
}

// POST /schedule, as its API service answers it. Prints the port.
function serve() {
  const redis = openRedis();
  const server = http.createServer((request, response) => {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", async () => {
      const body = JSON.parse(Buffer.concat(pieces));
      const id = await accept(redis, body.payload, new Date(body.execute_at));
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ task_id: id, status: "scheduled" }));
    });
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
}

async function schedule(channel) {
  const redis = openRedis();
  setInterval(async () => {
    const ids = await redis.zrangebyscore(ZSET, "-inf", Math.floor(Date.now() / 1000));
    if (ids.length) await redis.zrem(ZSET, ids);
    for (const id of ids) channel.sendToQueue(QUEUE, Buffer.from(id), { persistent: true, contentType: "text/plain" });
  }, 2000);
}

async function consume(channel) {
  const database = new Client({ connectionString: process.env.BENCH_POSTGRES });
  await database.connect();
  let last = Promise.resolve();
  const one = async (message) => {
    const id = message.content.toString();
    await database.query("UPDATE tasks SET status = 'RUNNING' WHERE id = $1", [id]);
    const found = await database.query("SELECT type, payload FROM tasks WHERE id = $1", [id]);
    record(JSON.parse(found.rows[0].payload));
    await database.query("UPDATE tasks SET status = 'COMPLETED' WHERE id = $1", [id]);
    channel.ack(message);
  };
  await channel.consume(QUEUE, (message) => (last = last.then(() => one(message))));
}

async function part(start) {
  const connection = await amqp.connect(process.env.BENCH_AMQP);
  const channel = await connection.createChannel();
  await channel.assertQueue(QUEUE, { durable: true });
  await start(channel);
}

main({ add, setup, serve, work: () => part(consume), schedule: () => part(schedule) });
