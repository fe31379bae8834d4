import { createServer, type Server, type Socket } from 'node:net';

/** Where a connection out of a network was meant to go, and whose it is. */
export interface Caller {
  readonly source: string;
  readonly destination: string;
  readonly port: number;
}

const longestLine = 107;

/** The sandbox's end of a network's exits: tells who comes, by the line that the gate puts in front, and hands the connection on as if it had come directly. */
export function openDoor(socket: string, serve: (connection: Socket, caller: Caller) => void): Server {
  return createServer({ allowHalfOpen: true }, (connection) => {
    connection.on('error', () => connection.destroy());
    let begun = Buffer.alloc(0);
    const onReadable = (): void => {
      const chunk = connection.read() as Buffer | null;
      if (chunk === null) return;
      begun = Buffer.concat([begun, chunk]);
      const end = begun.indexOf('\r\n');
      if (end < 0) {
        if (begun.length > longestLine) connection.destroy();
        return;
      }
      connection.off('readable', onReadable);
      const [, , source = '', destination = '', , port = ''] = begun.subarray(0, end).toString('latin1').split(' ');
      if (begun.length > end + 2) connection.unshift(begun.subarray(end + 2));
      serve(connection, { source, destination, port: Number(port) });
    };
    connection.on('readable', onReadable);
  }).listen(socket);
}
