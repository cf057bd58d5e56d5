package dev.pinnace.linux.net.route;

import java.net.InetAddress;

/**
 * An address of an interface.
 *
 * @param index the interface's
 * @param prefix how many bits of it are the network's
 */
public record InterfaceAddress(int index, InetAddress address, int prefix) {}
