/** Tables, chains and rules of nftables (linux/netfilter/nf_tables.h), in one transaction. */
@NullMarked
package dev.pinnace.linux.net.nft;

import org.jspecify.annotations.NullMarked;
