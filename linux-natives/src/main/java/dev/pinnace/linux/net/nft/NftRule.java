package dev.pinnace.linux.net.nft;

import dev.pinnace.linux.net.netlink.AttributeWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A rule: what a packet must be, one condition after the other, and what is done with it then. Not
 * thread-safe; each method returns the rule itself.
 */
public final class NftRule {
  private static final int NFTA_LIST_ELEM = 1;
  private static final int NFTA_EXPR_NAME = 1;
  private static final int NFTA_EXPR_DATA = 2;
  private static final int NFTA_META_DREG = 1;
  private static final int NFTA_META_KEY = 2;
  private static final int NFTA_META_SREG = 3;
  private static final int NFTA_CMP_SREG = 1;
  private static final int NFTA_CMP_OP = 2;
  private static final int NFTA_CMP_DATA = 3;
  private static final int NFTA_DATA_VALUE = 1;
  private static final int NFTA_DATA_VERDICT = 2;
  private static final int NFTA_VERDICT_CODE = 1;
  private static final int NFTA_PAYLOAD_DREG = 1;
  private static final int NFTA_PAYLOAD_BASE = 2;
  private static final int NFTA_PAYLOAD_OFFSET = 3;
  private static final int NFTA_PAYLOAD_LEN = 4;
  private static final int NFTA_BITWISE_SREG = 1;
  private static final int NFTA_BITWISE_DREG = 2;
  private static final int NFTA_BITWISE_LEN = 3;
  private static final int NFTA_BITWISE_MASK = 4;
  private static final int NFTA_BITWISE_XOR = 5;
  private static final int NFTA_IMMEDIATE_DREG = 1;
  private static final int NFTA_IMMEDIATE_DATA = 2;
  private static final int NFTA_TPROXY_FAMILY = 1;
  private static final int NFTA_TPROXY_REG_ADDR = 2;
  private static final int NFTA_TPROXY_REG_PORT = 3;
  private static final int NFT_META_MARK = 3;
  private static final int NFT_META_IIFNAME = 6;
  private static final int NFT_META_OIFNAME = 7;
  private static final int NFT_META_NFPROTO = 15;
  private static final int NFT_META_L4PROTO = 16;
  private static final int NFT_CMP_EQ = 0;
  private static final int NFT_CMP_NEQ = 1;
  private static final int NFT_PAYLOAD_NETWORK_HEADER = 1;
  private static final int NFT_REG_VERDICT = 0;
  private static final int NFT_REG_1 = 1;
  private static final int NFT_REG_2 = 2;
  private static final int NFPROTO_IPV4 = 2;
  private static final int NFPROTO_IPV6 = 10;
  private static final int IFNAMSIZ = 16;

  /** Where a header of IPv4 and IPv6 has the addresses (RFC 791, RFC 8200). */
  private static final int SOURCE4 = 12;

  private static final int DESTINATION4 = 16;
  private static final int SOURCE6 = 8;
  private static final int DESTINATION6 = 24;

  private final List<Consumer<AttributeWriter>> expressions = new ArrayList<>();

  /** It came by that interface. */
  public NftRule from(String link) {
    return meta(NFT_META_IIFNAME).compare(NFT_CMP_EQ, name(link));
  }

  /** It came by another interface. */
  public NftRule notFrom(String link) {
    return meta(NFT_META_IIFNAME).compare(NFT_CMP_NEQ, name(link));
  }

  /** It leaves by that interface. */
  public NftRule to(String link) {
    return meta(NFT_META_OIFNAME).compare(NFT_CMP_EQ, name(link));
  }

  /** It leaves by another interface. */
  public NftRule notTo(String link) {
    return meta(NFT_META_OIFNAME).compare(NFT_CMP_NEQ, name(link));
  }

  /** It is of that protocol, a number of IANA: 6 for TCP, 17 for UDP. */
  public NftRule protocol(int number) {
    return meta(NFT_META_L4PROTO).compare(NFT_CMP_EQ, new byte[] {(byte) number});
  }

  /** Its sender is in a network. */
  public NftRule source(InetAddress network, int prefix) {
    return address(network, prefix, SOURCE4, SOURCE6, NFT_CMP_EQ);
  }

  /** It is of the network's kind of IP, and its sender is not in it. */
  public NftRule notSource(InetAddress network, int prefix) {
    return address(network, prefix, SOURCE4, SOURCE6, NFT_CMP_NEQ);
  }

  /** It is for somebody in a network. */
  public NftRule destination(InetAddress network, int prefix) {
    return address(network, prefix, DESTINATION4, DESTINATION6, NFT_CMP_EQ);
  }

  /** It is of the network's kind of IP, and for somebody who is not in it. */
  public NftRule notDestination(InetAddress network, int prefix) {
    return address(network, prefix, DESTINATION4, DESTINATION6, NFT_CMP_NEQ);
  }

  /** It is of that version of IP, 4 or 6. */
  public NftRule version(int version) {
    return meta(NFT_META_NFPROTO).compare(NFT_CMP_EQ, new byte[] {(byte) family(version)});
  }

  private NftRule address(InetAddress network, int prefix, int at4, int at6, int operation) {
    byte[] address = network.getAddress();
    boolean fourth = address.length == 4;
    byte[] mask = mask(address.length, prefix);
    for (int i = 0; i < address.length; i++) {
      address[i] &= mask[i];
    }
    version(fourth ? 4 : 6);
    payload(fourth ? at4 : at6, address.length);
    expression(
        "bitwise",
        w ->
            w.putBig(NFTA_BITWISE_SREG, NFT_REG_1)
                .putBig(NFTA_BITWISE_DREG, NFT_REG_1)
                .putBig(NFTA_BITWISE_LEN, mask.length)
                .nest(NFTA_BITWISE_MASK, d -> d.put(NFTA_DATA_VALUE, mask))
                .nest(NFTA_BITWISE_XOR, d -> d.put(NFTA_DATA_VALUE, new byte[mask.length])));
    return compare(operation, address);
  }

  private static byte[] mask(int length, int prefix) {
    if (prefix < 0 || prefix > length * Byte.SIZE) {
      throw new IllegalArgumentException("a prefix of " + prefix + " bits");
    }
    byte[] mask = new byte[length];
    for (int bit = 0; bit < prefix; bit++) {
      mask[bit / Byte.SIZE] |= (byte) (0x80 >> bit % Byte.SIZE);
    }
    return mask;
  }

  private NftRule payload(int offset, int length) {
    return expression(
        "payload",
        w ->
            w.putBig(NFTA_PAYLOAD_DREG, NFT_REG_1)
                .putBig(NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER)
                .putBig(NFTA_PAYLOAD_OFFSET, offset)
                .putBig(NFTA_PAYLOAD_LEN, length));
  }

  /**
   * Hands it to the transparent socket on that port of this namespace, for IPv4 (4) or IPv6 (6);
   * the rule must have a {@link #protocol}.
   */
  public NftRule toTransparent(int version, int port) {
    port(port);
    return expression(
        "tproxy",
        w -> w.putBig(NFTA_TPROXY_FAMILY, family(version)).putBig(NFTA_TPROXY_REG_PORT, NFT_REG_1));
  }

  /** The same for one that is bound to that address, which need not be the interface's. */
  public NftRule toTransparent(InetSocketAddress socket) {
    byte[] address = socket.getAddress().getAddress();
    port(socket.getPort());
    immediate(NFT_REG_2, address);
    return expression(
        "tproxy",
        w ->
            w.putBig(NFTA_TPROXY_FAMILY, family(address.length == 4 ? 4 : 6))
                .putBig(NFTA_TPROXY_REG_ADDR, NFT_REG_2)
                .putBig(NFTA_TPROXY_REG_PORT, NFT_REG_1));
  }

  private void port(int port) {
    immediate(NFT_REG_1, new byte[] {(byte) (port >> Byte.SIZE), (byte) port});
  }

  private static int family(int version) {
    return version == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
  }

  /** Marks it for rules of routing. */
  public NftRule mark(int mark) {
    immediate(
        NFT_REG_1,
        new byte[] {(byte) mark, (byte) (mark >> 8), (byte) (mark >> 16), (byte) (mark >> 24)});
    return expression(
        "meta", w -> w.putBig(NFTA_META_KEY, NFT_META_MARK).putBig(NFTA_META_SREG, NFT_REG_1));
  }

  /** Replaces its sender by this machine's address on the interface by which it leaves. */
  public NftRule masquerade() {
    return expression("masq", w -> {});
  }

  /** No further rule of the chain is asked. */
  public NftRule verdict(NftVerdict verdict) {
    return expression(
        "immediate",
        w ->
            w.putBig(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT)
                .nest(
                    NFTA_IMMEDIATE_DATA,
                    data ->
                        data.nest(
                            NFTA_DATA_VERDICT, v -> v.putBig(NFTA_VERDICT_CODE, verdict.code()))));
  }

  private NftRule immediate(int register, byte[] value) {
    return expression(
        "immediate",
        w ->
            w.putBig(NFTA_IMMEDIATE_DREG, register)
                .nest(NFTA_IMMEDIATE_DATA, data -> data.put(NFTA_DATA_VALUE, value)));
  }

  private NftRule meta(int key) {
    return expression("meta", w -> w.putBig(NFTA_META_KEY, key).putBig(NFTA_META_DREG, NFT_REG_1));
  }

  private NftRule compare(int operation, byte[] value) {
    return expression(
        "cmp",
        w ->
            w.putBig(NFTA_CMP_SREG, NFT_REG_1)
                .putBig(NFTA_CMP_OP, operation)
                .nest(NFTA_CMP_DATA, data -> data.put(NFTA_DATA_VALUE, value)));
  }

  private NftRule expression(String name, Consumer<AttributeWriter> data) {
    expressions.add(
        w ->
            w.nest(
                NFTA_LIST_ELEM,
                element -> element.putText(NFTA_EXPR_NAME, name).nest(NFTA_EXPR_DATA, data)));
    return this;
  }

  void write(AttributeWriter list) {
    expressions.forEach(expression -> expression.accept(list));
  }

  private static byte[] name(String link) {
    byte[] bytes = link.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length >= IFNAMSIZ) {
      throw new IllegalArgumentException("\"" + link + "\" is no name of an interface");
    }
    return Arrays.copyOf(bytes, IFNAMSIZ);
  }
}
