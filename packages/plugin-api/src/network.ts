/** Where a TCP connection may be made to. */
export interface TcpAddress {
  /** An IP address; never looked up again, so that a name which changes its address gains nothing. */
  readonly address: string;
  readonly port: number;
}

/**
 * The way out for protocols other than HTTP, under the same policy: loopback, link-local and private addresses are
 * refused unless the operator allows the host. TLS is the caller's, with the host's name and not the address.
 */
export interface OutboundTcp {
  /**
   * The addresses to try, in this order. Rejects with `ADDRESS_REFUSED`, or with the resolver's own error, its `code`
   * among `ENOTFOUND`, `EAI_AGAIN` and their like.
   */
  route(host: string, port: number): Promise<readonly TcpAddress[]>;
}
