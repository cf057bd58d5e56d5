package dev.pinnace.linux.net.route;

import dev.pinnace.linux.net.netlink.Attributes;
import dev.pinnace.linux.net.netlink.NetlinkMessage;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/** The addresses of a namespace's interfaces. As thread-safe as its socket. */
public final class Addresses {
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  private static final int RTM_NEWADDR = 20;
  private static final int RTM_DELADDR = 21;
  private static final int RTM_GETADDR = 22;
  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;

  /** Used at once: nobody else on the bridge is asked whether it has the address. */
  private static final int IFA_F_NODAD = 2;

  /** Struct ifaddrmsg of rtnetlink(7). */
  private static final int STRUCTURE = 8;

  private final NetlinkSocket socket;

  /** Those of the namespace that {@code socket} is in. */
  public Addresses(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * Gives an interface an address.
   *
   * @throws dev.pinnace.linux.ErrnoException EEXIST where it has it
   */
  public void add(InterfaceAddress address) {
    socket.change(
        NetlinkMessage.of(
            RTM_NEWADDR,
            NetlinkMessage.CREATE,
            "give interface " + address.index() + " the address " + text(address),
            w ->
                w.raw(structure(address))
                    .put(IFA_LOCAL, address.address().getAddress())
                    .put(IFA_ADDRESS, address.address().getAddress())));
  }

  /** Takes an address from an interface. */
  public void remove(InterfaceAddress address) {
    socket.change(
        NetlinkMessage.of(
            RTM_DELADDR,
            0,
            "take the address " + text(address) + " from interface " + address.index(),
            w -> w.raw(structure(address)).put(IFA_LOCAL, address.address().getAddress())));
  }

  /** All of them. */
  public List<InterfaceAddress> list() {
    NetlinkMessage all =
        NetlinkMessage.of(RTM_GETADDR, 0, "list the addresses", w -> w.raw(new byte[STRUCTURE]));
    return socket.dump(all).stream().map(Addresses::read).flatMap(Optional::stream).toList();
  }

  private static Optional<InterfaceAddress> read(ByteBuffer message) {
    ByteBuffer bytes = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int prefix = Byte.toUnsignedInt(bytes.get(1));
    int index = bytes.getInt(4);
    bytes.position(STRUCTURE);
    Attributes attributes = Attributes.of(bytes);
    return attributes
        .bytes(IFA_LOCAL)
        .or(() -> attributes.bytes(IFA_ADDRESS))
        .map(raw -> new InterfaceAddress(index, address(raw), prefix));
  }

  static InetAddress address(byte[] raw) {
    try {
      return InetAddress.getByAddress(raw);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address of " + raw.length + " bytes", e);
    }
  }

  static int family(InetAddress address) {
    return address instanceof Inet6Address ? AF_INET6 : AF_INET;
  }

  private static String text(InterfaceAddress address) {
    return address.address().getHostAddress() + "/" + address.prefix();
  }

  private static byte[] structure(InterfaceAddress address) {
    return ByteBuffer.allocate(STRUCTURE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) family(address.address()))
        .put((byte) address.prefix())
        .put((byte) IFA_F_NODAD)
        .put((byte) 0)
        .putInt(address.index())
        .array();
  }
}
