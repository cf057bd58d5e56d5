/**
 * Networks: what is written about them (docs/formats.md, <i>Networks</i>), who has which address,
 * and the router, the namespace with their bridges.
 */
@NullMarked
package dev.pinnace.internal.network;

import org.jspecify.annotations.NullMarked;
