import { createHash } from 'node:crypto';
import type { DiskEncryption } from './key.js';

/** Azure makes this account on every machine; nobody can sign in to it. */
const administrator = 'clusterwright';

/** Trusted Launch, and nothing written to the host's disks in the clear. */
export const securityProfile = { securityType: 'TrustedLaunch', encryptionAtHost: true, uefiSettings: { secureBootEnabled: true, vTpmEnabled: true } } as const;

/** The serial console's output, kept by Azure: what a machine said that never reached the network. */
export const diagnosticsProfile = { bootDiagnostics: { enabled: true } } as const;

/** The part of the operating system's profile that all machines share, with the user data. */
export function osProfile(customData: string) {
  return {
    adminUsername: administrator,
    customData,
    linuxConfiguration: {
      disablePasswordAuthentication: true,
      ssh: { publicKeys: [{ path: `/home/${administrator}/.ssh/authorized_keys`, keyData: nobodysKey() }] },
      provisionVMAgent: true,
      // Unattended upgrades are the machine's own.
      patchSettings: { patchMode: 'ImageDefault', assessmentMode: 'ImageDefault' },
    },
  };
}

/** A Premium disk for the system, encrypted with the cluster's key. */
export function osDisk(diskSizeGB: number, encryption: DiskEncryption) {
  return { createOption: 'FromImage', caching: 'ReadWrite', diskSizeGB, deleteOption: 'Delete', managedDisk: { storageAccountType: 'Premium_LRS', diskEncryptionSet: { id: encryption } } } as const;
}

/** Whether a size has accelerated networking: all that pass as nodes but the burstable ones. https://learn.microsoft.com/azure/virtual-network/accelerated-networking-overview */
export function acceleratedNetworking(size: string): boolean {
  return !size.startsWith('Standard_B');
}

/**
 * Azure makes no machine without a password or a key. This one is nobody's: its 32 bytes are the hash of a sentence, so there is no private key to it that anybody
 * could know. Who may sign in over SSH, if anybody, stands in the user data.
 */
function nobodysKey(): string {
  const field = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const key = createHash('sha256').update('Nobody signs in to nodes of Clusterwright with this key').digest();
  return `ssh-ed25519 ${Buffer.concat([field(Buffer.from('ssh-ed25519')), field(key)]).toString('base64')} nobody`;
}
