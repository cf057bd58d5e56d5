package dev.pinnace.linux.net.route;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.netlink.AttributeWriter;
import dev.pinnace.linux.net.netlink.NetlinkMessage;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The interfaces of a namespace. As thread-safe as its socket. */
public final class Links {
  static final int IFLA_ADDRESS = 1;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_MTU = 4;
  static final int IFLA_MASTER = 10;
  static final int IFLA_LINKINFO = 18;
  static final int IFLA_STATS64 = 23;
  private static final int IFLA_NET_NS_FD = 28;
  static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_INFO_DATA = 2;
  private static final int VETH_INFO_PEER = 1;

  private static final int RTM_NEWLINK = 16;
  private static final int RTM_DELLINK = 17;
  private static final int RTM_GETLINK = 18;
  private static final int RTM_SETLINK = 19;

  /** IFNAMSIZ of if.h, without its NUL. */
  private static final int LONGEST_NAME = 15;

  private final NetlinkSocket socket;

  /** Those of the namespace that {@code socket} is in. */
  public Links(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** All of them, in the order of their indexes. */
  public List<Link> list() {
    NetlinkMessage all =
        NetlinkMessage.of(RTM_GETLINK, 0, "list the interfaces", w -> w.raw(structure(0, 0, 0)));
    return socket.dump(all).stream().map(Link::of).toList();
  }

  /** The one of that name. */
  public Optional<Link> find(String name) {
    return list().stream().filter(link -> link.name().equals(name)).findFirst();
  }

  /**
   * Makes a bridge.
   *
   * @throws dev.pinnace.linux.ErrnoException EEXIST where the name is taken
   */
  public void addBridge(String name) {
    add(name, "bridge", "add the bridge " + name, kind -> {});
  }

  /**
   * Makes a pair of interfaces, the second of which is in another namespace at once.
   *
   * @param peerNamespace where the second is
   */
  public void addVeth(String name, String peer, Fd peerNamespace) {
    requireName(peer);
    add(
        name,
        "veth",
        "add the veth pair " + name + " and " + peer,
        kind ->
            kind.nest(
                IFLA_INFO_DATA,
                data ->
                    data.nest(
                        VETH_INFO_PEER,
                        other ->
                            other
                                .raw(structure(0, 0, 0))
                                .putText(IFLA_IFNAME, peer)
                                .putInt(IFLA_NET_NS_FD, peerNamespace.number()))));
  }

  private void add(String name, String kind, String text, Consumer<AttributeWriter> data) {
    requireName(name);
    socket.change(
        NetlinkMessage.of(
            RTM_NEWLINK,
            NetlinkMessage.CREATE,
            text,
            w ->
                w.raw(structure(0, 0, 0))
                    .putText(IFLA_IFNAME, name)
                    .nest(IFLA_LINKINFO, info -> data.accept(info.putText(IFLA_INFO_KIND, kind)))));
  }

  /** Makes an interface a port of a bridge. */
  public void setMaster(int index, int bridge) {
    set(index, "put interface " + index + " on a bridge", w -> w.putInt(IFLA_MASTER, bridge));
  }

  /** Gives an interface another address, as in {@code 02:42:ac:11:00:02}. */
  public void setMac(int index, String mac) {
    set(
        index,
        "give interface " + index + " the address " + mac,
        w -> w.put(IFLA_ADDRESS, Link.bytes(mac)));
  }

  /** Gives an interface another largest packet, in bytes. */
  public void setMtu(int index, int mtu) {
    set(index, "give interface " + index + " an MTU of " + mtu, w -> w.putInt(IFLA_MTU, mtu));
  }

  /** Gives an interface, which must be down, another name. */
  public void setName(int index, String name) {
    requireName(name);
    set(index, "name interface " + index + " " + name, w -> w.putText(IFLA_IFNAME, name));
  }

  private void set(int index, String text, Consumer<AttributeWriter> what) {
    socket.change(
        NetlinkMessage.of(RTM_SETLINK, 0, text, w -> what.accept(w.raw(structure(index, 0, 0)))));
  }

  /** Switches an interface on. */
  public void up(int index) {
    socket.change(
        NetlinkMessage.of(
            RTM_SETLINK,
            0,
            "bring interface " + index + " up",
            w -> w.raw(structure(index, Link.IFF_UP, Link.IFF_UP))));
  }

  /** Removes an interface, and the other one of a pair. */
  public void remove(int index) {
    socket.change(
        NetlinkMessage.of(
            RTM_DELLINK, 0, "remove interface " + index, w -> w.raw(structure(index, 0, 0))));
  }

  private static void requireName(String name) {
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "the name of an interface has 1 to " + LONGEST_NAME + " characters: \"" + name + "\"");
    }
  }

  private static byte[] structure(int index, int flags, int change) {
    return ByteBuffer.allocate(Link.STRUCTURE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(4, index)
        .putInt(8, flags)
        .putInt(12, change)
        .array();
  }
}
