/**
 * What a cloud asks for the parts of a cluster: list prices in US dollars of its home region, and what other regions cost beside it. Good for an estimate before a
 * cluster is made, not for an invoice.
 */
export interface PriceList {
  /** Day of which the machines' prices are. */
  readonly asOf: string;
  /** What a region costs beside the home region; undefined for one that is not known. */
  factor(region: string): number | undefined;
  /** An hour of a machine type; undefined for one that is not known. */
  machineHour(machineType: string): number | undefined;
  /** A month of a disk of so many GiB; undefined where no disk is that large. */
  diskMonth(gib: number): number | undefined;
  readonly natGatewayHour: number;
  readonly loadBalancerHour: number;
  /** A private endpoint, in one zone. */
  readonly endpointHour: number;
  readonly publicAddressHour: number;
  readonly keyMonth: number;
  /** A private DNS zone. */
  readonly zoneMonth: number;
  /** Detailed metrics of one machine. */
  readonly monitoringMonth: number;
}
