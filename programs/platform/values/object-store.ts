/** Account and container out of a container's URL. Throws where it is none. */
export function containerOf(url: string): { account: string; container: string; endpoint: string } {
  const { hostname, pathname, origin } = new URL(url);
  const [account = ''] = hostname.split('.');
  const container = pathname.slice(1);
  if (account === '' || container === '') throw new RangeError(`${url} is no container of a storage account`);
  return { account, container, endpoint: origin };
}
