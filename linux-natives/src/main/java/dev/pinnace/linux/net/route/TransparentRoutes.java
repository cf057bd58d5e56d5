package dev.pinnace.linux.net.route;

import dev.pinnace.linux.net.netlink.NetlinkMessage;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Routes by which marked packets, wherever they go, are taken for this namespace's own, so that a
 * transparent socket gets them (the kernel's networking/tproxy.rst). As thread-safe as its socket.
 */
public final class TransparentRoutes {
  private static final int RTM_NEWROUTE = 24;
  private static final int RTM_NEWRULE = 32;
  private static final int RTA_OIF = 4;
  private static final int RTN_LOCAL = 2;
  private static final int RTPROT_STATIC = 4;
  private static final int RT_SCOPE_HOST = 254;
  private static final int FRA_FWMARK = 10;
  private static final int FR_ACT_TO_TBL = 1;

  /** A table of its own; those from 253 on are the kernel's. */
  private static final int TABLE = 100;

  private final NetlinkSocket socket;

  /** Those of the namespace that {@code socket} is in. */
  public TransparentRoutes(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * Has packets with that mark delivered here.
   *
   * @param version of IP, 4 or 6
   * @param loopback the index of {@code lo}, which must be up
   * @throws dev.pinnace.linux.ErrnoException EEXIST where that is so already, EAFNOSUPPORT where
   *     the kernel has one table of routes alone, in which nothing is changed then
   */
  public void add(int version, int mark, int loopback) {
    byte family = (byte) (version == 4 ? Addresses.AF_INET : Addresses.AF_INET6);
    socket.change(
        NetlinkMessage.of(
            RTM_NEWRULE,
            NetlinkMessage.CREATE,
            "send what has the mark " + mark + " to table " + TABLE,
            w -> w.raw(structure(family, 0, 0, FR_ACT_TO_TBL)).putInt(FRA_FWMARK, mark)));
    socket.change(
        NetlinkMessage.of(
            RTM_NEWROUTE,
            NetlinkMessage.CREATE,
            "have everything delivered here, in table " + TABLE,
            w ->
                w.raw(structure(family, RTPROT_STATIC, RT_SCOPE_HOST, RTN_LOCAL))
                    .putInt(RTA_OIF, loopback)));
  }

  /** Struct rtmsg, and struct fib_rule_hdr, which has the same form. */
  private static byte[] structure(byte family, int protocol, int scope, int type) {
    return ByteBuffer.allocate(Routes.STRUCTURE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(family)
        .put(4, (byte) TABLE)
        .put(5, (byte) protocol)
        .put(6, (byte) scope)
        .put(7, (byte) type)
        .array();
  }
}
