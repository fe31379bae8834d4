import { randomUUID } from 'node:crypto';
import { sameValue } from '../../protocol/differences.js';
import type { PropertyMap } from '../../protocol/values.js';
import { length, oneOf, pattern, range, rule } from '../../provider/checks.js';
import { flag, number, object, objects, select, text, texts } from '../../provider/properties.js';
import { arm } from '../arm.js';
import { AzureError } from '../errors.js';
import type { Request, ResourceType } from '../resource-type.js';
import { requireWrapping } from './encryption.js';
import { identityShown, requireIdentities } from './identity.js';
import { profileChecks, shownOsProfile, vmSizeForm } from './machine-profile.js';
import { refers, requireParts } from './references.js';
import * as tokens from './tokens.js';

const interfaces = 'virtualMachineProfile.networkProfile.networkInterfaceConfigurations[]';
/** What Azure never changes of a set that is there. */
const fixed = ['orchestrationMode', 'virtualMachineProfile.osProfile.computerNamePrefix', 'virtualMachineProfile.osProfile.adminUsername', 'virtualMachineProfile.securityProfile.securityType', 'platformFaultDomainCount'];

/** Scale sets of the mode Uniform. Their instances are items of their own; a changed model touches no instance (upgradePolicy Manual). */
export const virtualMachineScaleSet: ResourceType = arm({
  token: tokens.virtualMachineScaleSet,
  path: 'Microsoft.Compute/virtualMachineScaleSets/{vmScaleSetName}',
  name: { least: 1, most: 64, form: /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/, meaning: 'contain letters, digits, hyphens and periods, and begin and end with a letter or digit' },
  latency: { create: 60, update: 20, delete: 60 },
  replaces: ['location'],
  defaults: { orchestrationMode: 'Uniform', overprovision: true, singlePlacementGroup: true, zoneBalance: false, doNotRunExtensionsOnOverprovisionedVMs: false },
  checks: [
    pattern('sku.name', vmSizeForm.form, vmSizeForm.meaning),
    range('sku.capacity', 0, 1000),
    oneOf('orchestrationMode', ['Uniform', 'Flexible']),
    oneOf('upgradePolicy.mode', ['Automatic', 'Manual', 'Rolling']),
    oneOf('zones[]', ['1', '2', '3']),
    range('platformFaultDomainCount', 1, 5),
    length('virtualMachineProfile.osProfile.computerNamePrefix', 1, 58),
    ...profileChecks('virtualMachineProfile.'),
    rule(['orchestrationMode', 'upgradePolicy'], (inputs) => {
      if (inputs['orchestrationMode'] === 'Flexible') return 'the sandbox imitates scale sets of the mode Uniform only';
      if (inputs['upgradePolicy'] === undefined) return 'a scale set of the mode Uniform needs an upgradePolicy';
      return text(object(inputs, 'upgradePolicy'), 'mode') === 'Manual' ? undefined : 'the sandbox imitates the upgradePolicy Manual only';
    }),
    rule(['overprovision'], (inputs) => (inputs['overprovision'] === false ? undefined : 'the sandbox imitates scale sets without overprovision only')),
    rule(['platformFaultDomainCount', 'zones'], (inputs) => {
      const count = number(inputs, 'platformFaultDomainCount');
      return texts(inputs, 'zones').length > 0 && count !== undefined && ![1, 5].includes(count) ? 'a set over zones has 1 or 5 fault domains' : undefined;
    }),
    rule(['singlePlacementGroup', 'sku'], (inputs) => (inputs['singlePlacementGroup'] !== false && (number(object(inputs, 'sku'), 'capacity') ?? 0) > 100 ? 'a single placement group holds at most 100 instances' : undefined)),
    rule(['virtualMachineProfile'], (inputs) => {
      const configurations = objects(object(object(inputs, 'virtualMachineProfile'), 'networkProfile'), 'networkInterfaceConfigurations');
      return configurations.filter((one) => flag(one, 'primary')).length === 1 ? undefined : 'exactly one network interface configuration is primary';
    }),
  ],
  references: [
    refers(`${interfaces}.ipConfigurations[].subnet.id`, tokens.subnet),
    refers(`${interfaces}.networkSecurityGroup.id`, tokens.networkSecurityGroup),
    refers('virtualMachineProfile.storageProfile.osDisk.managedDisk.diskEncryptionSet.id', tokens.diskEncryptionSet),
  ],
  admit(request) {
    const { inputs, existing, cloud } = request;
    requireIdentities(request);
    requireParts(request, `${interfaces}.ipConfigurations[].loadBalancerBackendAddressPools[].id`, tokens.loadBalancer);
    const [set] = select(inputs, 'virtualMachineProfile.storageProfile.osDisk.managedDisk.diskEncryptionSet.id');
    requireWrapping(cloud, typeof set?.value === 'string' ? set.value : undefined);
    if (existing === undefined) return;
    const changed = fixed.find((path) => !sameValue(select(existing.inputs, path)[0]?.value, select(inputs, path)[0]?.value));
    if (changed !== undefined) throw new AzureError('PropertyChangeNotAllowed', `Changing property '${changed}' is not allowed.`, 409);
    if (texts(existing.outputs, 'zones').some((zone) => !texts(inputs, 'zones').includes(zone))) {
      throw new AzureError('PropertyChangeNotAllowed', "Changing property 'zones' is not allowed: zones can be added only.", 409);
    }
  },
  computed: (request) => ({ ...shown(request), uniqueId: randomUUID(), timeCreated: request.cloud.clock.timestamp() }),
  recomputed: shown,
  volatile: ['sku'],
});

function shown(request: Request): PropertyMap {
  const { inputs, existing } = request;
  const profile = object(inputs, 'virtualMachineProfile');
  const { userData: _secret, ...visible } = profile;
  const sku = object(inputs, 'sku');
  return {
    ...identityShown(request),
    // Without a wish of its own the capacity stays where the autoscaler put it.
    sku: { tier: 'Standard', ...sku, capacity: number(sku, 'capacity') ?? number(object(existing?.outputs ?? {}, 'sku'), 'capacity') ?? 0 },
    virtualMachineProfile: { ...visible, osProfile: shownOsProfile(object(profile, 'osProfile')), timeCreated: text(object(existing?.outputs ?? {}, 'virtualMachineProfile'), 'timeCreated') ?? request.cloud.clock.timestamp() },
  };
}

/** An instance of a scale set: launched by the set, and taken from it by a deletion. */
export const virtualMachineScaleSetVm: ResourceType = arm({
  token: tokens.virtualMachineScaleSetVm,
  path: 'Microsoft.Compute/virtualMachineScaleSets/{vmScaleSetName}/virtualMachines/{instanceId}',
  inside: tokens.virtualMachineScaleSet,
  name: { least: 1, most: 10, form: /^\d+$/, meaning: 'be a number' },
  latency: { create: 45, update: 10, delete: 45 },
  admit({ existing }) {
    if (existing === undefined) throw new AzureError('OperationNotAllowed', 'Instances of a scale set of the mode Uniform are made by the set.', 409);
  },
});
