import { Server, ServerCredentials } from '@grpc/grpc-js';
import services from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import { checkHandler } from './check.js';
import { configHandlers } from './config.js';
import { Connections } from './connections.js';
import { createHandler } from './create.js';
import { deleteHandler } from './delete.js';
import { diffHandler } from './diff.js';
import { invokeHandler } from './invoke.js';
import { lifecycleHandlers } from './lifecycle.js';
import type { EmulatedProvider } from './provider.js';
import { readHandler } from './read.js';
import { updateHandler } from './update.js';

/** A provider that listens. */
export interface ServedProvider {
  readonly name: string;
  readonly port: number;
  /** Interrupts waits and closes all connections. */
  close(): void;
}

// A launch template with its user data, or a chart with its values, can be larger than gRPC's 4 MiB.
const messageLimit = 400 * 1024 * 1024;

/**
 * Serves a provider on a free loopback port for engines that attach through `PULUMI_DEBUG_PROVIDERS=name:port`. Methods
 * of the protocol that have no handler here are answered UNIMPLEMENTED by the gRPC library.
 */
export async function serveProvider(provider: EmulatedProvider): Promise<ServedProvider> {
  const connections = new Connections();
  const server = new Server({ 'grpc.max_receive_message_length': messageLimit, 'grpc.max_send_message_length': messageLimit });
  server.addService(services.ResourceProviderService, {
    ...lifecycleHandlers(provider, connections),
    ...configHandlers(provider, connections),
    check: checkHandler(connections),
    diff: diffHandler(connections),
    create: createHandler(connections),
    read: readHandler(connections),
    update: updateHandler(connections),
    delete: deleteHandler(connections),
    invoke: invokeHandler(connections),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return {
    name: provider.name,
    port,
    close() {
      connections.abortAll();
      server.forceShutdown();
    },
  };
}
