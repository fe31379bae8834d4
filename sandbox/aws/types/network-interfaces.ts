import { privateAddress } from '../addresses.js';
import { accountId, arn } from '../cloud.js';
import { ec2Id } from '../ids.js';
import type { ResourceType } from '../resource-type.js';
import { parentBy, referred, refers } from './references.js';
import * as tokens from './tokens.js';

/** An interface of its own, attached to nothing: those of machines, load balancers and endpoints come and go with them and are ids only. */
export const networkInterface: ResourceType = {
  token: tokens.networkInterface,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['subnetId', 'region'],
  defaults: { sourceDestCheck: true },
  references: [refers('subnetId', tokens.subnet), refers('securityGroups[]', tokens.securityGroup)],
  id: () => ec2Id('eni'),
  computed(request, id) {
    const subnet = referred(request, 'subnetId', tokens.subnet);
    return { arn: arn('ec2', request.region, `network-interface/${id}`), ownerId: accountId, privateIp: privateAddress(request.cloud.inventory, subnet), interfaceType: 'interface' };
  },
  parent: parentBy('subnetId', tokens.subnet),
};
