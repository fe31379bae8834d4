import { tokenSubject, type ServiceAccount } from '../../service-accounts.js';

/** The audience of tokens that are exchanged for one of Microsoft Entra ID. https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations */
export const exchangeAudience = 'api://AzureADTokenExchange';

/** An identity that one service account of the cluster takes, with a token of the cluster's issuer for Microsoft Entra ID. */
export function federatedTrust(issuer: string, account: ServiceAccount) {
  return { issuer, subject: tokenSubject(account), audiences: [exchangeAudience] };
}
