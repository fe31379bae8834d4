import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../../programs/nodes/render.js';
import { nodeTemplates } from '../../../programs/nodes/templates.js';
import { factsOf, fileAt, runProgram } from '../../support/nodes.js';
import { specOf } from '../../support/infrastructure-input.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'metadata-fence-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A machine with a pod behind it and the cloud's host before it, each a network namespace of its own; gives what each of the two gets where, as lines. */
const world = String.raw`
set -eu
fence=$1
# PIDs whose namespaces these are.
unshare --net sleep 60 & pod=$!
unshare --net sleep 60 & cloud=$!
for pid in $pod $cloud; do until [ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done; done
in_pod() { nsenter --net=/proc/$pod/ns/net "$@"; }
in_cloud() { nsenter --net=/proc/$cloud/ns/net "$@"; }
ip link set lo up
ip link add pod type veth peer name eth0 netns $pod
ip link add eth0 type veth peer name host netns $cloud
ip address add 10.244.1.1/24 dev pod && ip link set pod up
ip address add 10.20.0.4/24 dev eth0 && ip link set eth0 up
in_pod ip address add 10.244.1.2/24 dev eth0 && in_pod ip link set eth0 up && in_pod ip route add default via 10.244.1.1
in_cloud ip link set lo up && in_cloud ip address add 10.20.0.1/24 dev host && in_cloud ip link set host up
for address in 169.254.169.254 168.63.129.16 192.0.2.1; do in_cloud ip address add $address/32 dev host; done
in_cloud ip route add 10.244.1.0/24 via 10.20.0.4
ip route add default via 10.20.0.1
echo 1 > /proc/sys/net/ipv4/ip_forward
nsenter --net=/proc/$cloud/ns/net node -e 'for (const port of [53, 80, 443, 32526]) require("node:net").createServer((socket) => socket.end()).listen(port, "0.0.0.0")' & server=$!
trap 'kill $pod $cloud $server' EXIT
# reach ADDRESS PORT [COMMAND...]: the command is what it runs in.
reach() { local place=/dev/tcp/$1/$2; shift 2; "$@" timeout 1 bash -c "exec 3<> $place" 2> /dev/null; }
for attempt in {1..100}; do if reach 192.0.2.1 80; then break; fi; sleep 0.1; done
# Twice, as at a second boot.
for boot in 1 2; do nft --file "$fence"; done
for place in '169.254.169.254 80' '168.63.129.16 80' '168.63.129.16 32526' '168.63.129.16 53' '192.0.2.1 80' '192.0.2.1 443'; do
  from_pod=no from_machine=no
  if reach $place nsenter --net=/proc/$pod/ns/net; then from_pod=yes; fi
  if reach $place; then from_machine=yes; fi
  echo "$place: pod $from_pod, machine $from_machine"
done
`;

describe('the fence of the metadata service under Flannel', () => {
  let fence: string;
  beforeAll(async () => {
    const { platform } = await specOf('production', { provider: 'azure' });
    const facts = await factsOf({ template: 'production', provider: 'azure', minor: '1.35', role: 'worker' }, { platform: { ...platform, cni: 'flannel' } });
    fence = path.join(folder, 'fence.nft');
    writeFileSync(fence, fileAt(nodeFiles(nodeTemplates(), facts), '/etc/clusterwright/metadata-fence.nft').content);
  });

  it('keeps pods out, but for name resolution, and nothing else from them nor anything from the machine', async () => {
    const { code, output } = await runProgram('unshare', ['--net', 'bash', '-c', world, 'world', fence]);

    expect(output.trim().split('\n')).toEqual([
      '169.254.169.254 80: pod no, machine yes',
      '168.63.129.16 80: pod no, machine yes',
      '168.63.129.16 32526: pod no, machine yes',
      '168.63.129.16 53: pod yes, machine yes',
      '192.0.2.1 80: pod yes, machine yes',
      '192.0.2.1 443: pod yes, machine yes',
    ]);
    expect(code).toBe(0);
  }, 60_000);
});
