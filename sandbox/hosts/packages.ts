import { createServer, type Server } from 'node:http';
import express from 'express';

/** Where hosts find the sandbox's mirror of packages: a spec's `machines.packageMirror` is `https://` and this. */
export const packagesHost = 'packages.sandbox.clusterwright.io';

/** Serves a folder with repositories for apt. */
export function packageMirror(folder: string): Server {
  return createServer(express().use(express.static(folder)));
}
