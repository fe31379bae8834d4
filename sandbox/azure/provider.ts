import type { EmulatedProvider } from '../protocol/provider.js';
import type { Requests } from '../requests.js';
import { checkArguments, openArguments } from './arguments.js';
import type { Cloud } from './cloud.js';
import { AzureSession } from './session.js';

/** The emulated `azure-native` provider. Its version is that of the SDK this repository uses. */
export function azureProvider(cloud: Cloud, requests: Requests): EmulatedProvider {
  return {
    name: 'azure-native',
    version: '3.28.0',
    replacingArguments: [],
    checkConfig: checkArguments,
    configure: (args) => Promise.resolve(args).then(openArguments).then((opened) => new AzureSession(cloud, requests, opened)),
  };
}
