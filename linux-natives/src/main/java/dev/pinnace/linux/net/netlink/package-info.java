/**
 * Netlink (netlink(7)): messages of attributes, and sockets that send them and hear the answers.
 */
@NullMarked
package dev.pinnace.linux.net.netlink;

import org.jspecify.annotations.NullMarked;
