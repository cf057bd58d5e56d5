/**
 * The name server of networks: it answers what containers ask at their gateways, of itself or as
 * the host resolves (RFC 1035, 6891, 7766; docs/decisions/0017-names.md). One thread serves
 * everything; what it knows of containers and hosts it is told by {@link
 * dev.pinnace.internal.dns.Peers}. Of dnsjava only the wire format is used.
 */
@NullMarked
package dev.pinnace.internal.dns;

import org.jspecify.annotations.NullMarked;
