/** The store in reading order: connection and its checks, the records, the queue and what wakes it, the embedded server. */
export { connect, connectForWorker } from './connection.js';
export { assertDurable } from './durability.js';
export { redisFacts, type RedisFacts } from './facts.js';
export { Store } from './store.js';
export * from './contract.js';
export { takeOverGraceMs, type TakeOver } from './leases.js';
export { queueOf, queueOptions, queuePrefix, wakeUpId, wakeUpSchema, workerOptions, type WakeUpData } from './queue.js';
export { OutboxRelay, type RelayLog, type WakeUpQueues } from './outbox.js';
export { startEmbeddedRedis, type EmbeddedRedis } from './embedded.js';
