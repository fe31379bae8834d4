import { azureMachineTypePattern } from '../../../model/clouds/azure.js';
import type { PropertyMap } from '../../protocol/values.js';
import { length, oneOf, pattern, range, rule, type Check } from '../../provider/checks.js';
import { flag, object, objects, text } from '../../provider/properties.js';

/** "The maximum length of the binary array is 65535 bytes" (Compute's interface); user data has the same limit. */
const longestData = 65_535;
/** https://learn.microsoft.com/azure/virtual-machines/linux/faq: names that an administrator may not have. */
const reservedUsers = [
  'administrator', 'admin', 'user', 'user1', 'test', 'user2', 'test1', 'user3', 'admin1', '1', '123', 'a', 'actuser', 'adm', 'admin2', 'aspnet', 'backup', 'console',
  'david', 'guest', 'john', 'owner', 'root', 'server', 'sql', 'support', 'support_388945a0', 'sys', 'test2', 'test3', 'user4', 'user5', 'video',
];

export const vmSizeForm = { form: azureMachineTypePattern, meaning: 'be a VM size such as Standard_D4s_v5' } as const;

function dataFault(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== value.replace(/\s|=+$/g, '')) return 'must be Base64';
  return bytes.length > longestData ? `is limited to ${longestData} bytes, has ${bytes.length}` : undefined;
}

function osFault(osProfile: PropertyMap): string | undefined {
  const linux = object(osProfile, 'linuxConfiguration');
  const keys = objects(object(linux, 'ssh'), 'publicKeys');
  if (reservedUsers.includes((text(osProfile, 'adminUsername') ?? '').toLowerCase())) return `The Admin Username ${text(osProfile, 'adminUsername') ?? ''} is not allowed`;
  if (osProfile['adminUsername'] === undefined) return 'adminUsername is required';
  if (keys.length === 0 && (flag(linux, 'disablePasswordAuthentication') || osProfile['adminPassword'] === undefined)) return 'authentication using either SSH or by user name and password must be enabled in Linux profile';
  const wrong = keys.find((key) => text(key, 'path') !== undefined && text(key, 'path') !== `/home/${text(osProfile, 'adminUsername') ?? ''}/.ssh/authorized_keys`);
  return wrong === undefined ? undefined : `destination path for SSH public keys is currently limited to its default value /home/${text(osProfile, 'adminUsername') ?? ''}/.ssh/authorized_keys due to a known issue in Linux provisioning agent`;
}

function storageFault(storage: PropertyMap): string | undefined {
  const image = object(storage, 'imageReference');
  const osDisk = object(storage, 'osDisk');
  const fromImage = text(osDisk, 'createOption') !== 'Attach';
  if (fromImage && image['id'] === undefined && ['publisher', 'offer', 'sku', 'version'].some((name) => image[name] === undefined)) return 'imageReference needs an id, or publisher, offer, sku and version';
  const units = objects(storage, 'dataDisks').map((disk) => disk['lun']);
  if (new Set(units).size < units.length) return 'data disks cannot share a lun';
  return objects(storage, 'dataDisks').some((disk) => (text(disk, 'createOption') === 'Attach') !== (object(disk, 'managedDisk')['id'] !== undefined)) ? 'a data disk with createOption Attach, and no other, names its managedDisk' : undefined;
}

/** What virtual machines and the machines of scale sets are checked for alike; `at` is where their profile is: empty, or a property with a dot. */
export function profileChecks(at: '' | 'virtualMachineProfile.'): Check[] {
  const top = at === '' ? (name: string): [string] => [name] : (): [string] => ['virtualMachineProfile'];
  const of = (inputs: PropertyMap): PropertyMap => (at === '' ? inputs : object(inputs, 'virtualMachineProfile'));
  return [
    oneOf(`${at}securityProfile.securityType`, ['Standard', 'TrustedLaunch', 'ConfidentialVM']),
    oneOf(`${at}storageProfile.osDisk.createOption`, ['FromImage', 'Attach', 'Empty', 'Copy', 'Restore']),
    oneOf(`${at}storageProfile.osDisk.caching`, ['None', 'ReadOnly', 'ReadWrite']),
    oneOf(`${at}storageProfile.osDisk.deleteOption`, ['Delete', 'Detach']),
    range(`${at}storageProfile.osDisk.diskSizeGB`, 1, 4095),
    range(`${at}storageProfile.dataDisks[].lun`, 0, 63),
    oneOf(`${at}storageProfile.dataDisks[].deleteOption`, ['Delete', 'Detach']),
    pattern(`${at}osProfile.adminUsername`, /^[a-z_][a-z0-9_-]{0,31}$/, 'be a Linux user name'),
    length(`${at}osProfile.linuxConfiguration.ssh.publicKeys`, 0, 100),
    rule(top('osProfile'), (inputs) => {
      const fault = dataFault(text(object(of(inputs), 'osProfile'), 'customData'));
      return fault === undefined ? undefined : `Custom data ${fault}`;
    }),
    rule(top('userData'), (inputs) => {
      const fault = dataFault(text(of(inputs), 'userData'));
      return fault === undefined ? undefined : `User data ${fault}`;
    }),
    rule(top('osProfile'), (inputs) => (of(inputs)['osProfile'] === undefined ? undefined : osFault(object(of(inputs), 'osProfile')))),
    rule(top('storageProfile'), (inputs) => (of(inputs)['storageProfile'] === undefined ? 'a storageProfile is required' : storageFault(object(of(inputs), 'storageProfile')))),
    rule(top('securityProfile'), (inputs) => {
      const security = object(of(inputs), 'securityProfile');
      return security['uefiSettings'] !== undefined && security['securityType'] === undefined ? 'uefiSettings need a securityType' : undefined;
    }),
  ];
}

/** A profile as Azure shows it: what could hold secrets is write-only. */
export function shownOsProfile(osProfile: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(osProfile).filter(([name]) => name !== 'customData' && name !== 'adminPassword'));
}
