package dev.pinnace.linux.net.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** A message to the kernel: struct nlmsghdr and what follows it. Immutable. */
public final class NetlinkMessage {
  /** NLM_F_CREATE and NLM_F_EXCL: make it, and fail with EEXIST where it is. */
  public static final int CREATE = 0x400 | 0x200;

  static final int HEADER = 16;

  private final int type;
  private final int flags;
  private final byte[] payload;
  private final String text;

  private NetlinkMessage(int type, int flags, byte[] payload, String text) {
    this.type = type;
    this.flags = flags;
    this.payload = payload;
    this.text = text;
  }

  /**
   * A message whose content {@code content} writes.
   *
   * @param type of the family, such as RTM_NEWLINK
   * @param flags NLM_F_*, beside those that the socket sets
   * @param text what it asks for, in words, for messages about its failure
   */
  public static NetlinkMessage of(
      int type, int flags, String text, Consumer<AttributeWriter> content) {
    AttributeWriter writer = new AttributeWriter();
    content.accept(writer);
    return new NetlinkMessage(type, flags, writer.toBytes(), text);
  }

  String text() {
    return text;
  }

  byte[] encoded(int moreFlags, int sequence) {
    return ByteBuffer.allocate(HEADER + payload.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(HEADER + payload.length)
        .putShort((short) type)
        .putShort((short) (flags | moreFlags))
        .putInt(sequence)
        .putInt(0)
        .put(payload)
        .array();
  }
}
