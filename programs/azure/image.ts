/**
 * Ubuntu 24.04 of Canonical, Generation 2, newest at the time when a machine is made; which one that was, the machine says. Azure has no public parameter with the
 * number of the current one, as AWS has: who wants to know it lists the versions. https://documentation.ubuntu.com/azure/azure-how-to/instances/find-ubuntu-images/
 */
export const image = { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' } as const;
