package dev.pinnace.linux.net.netlink;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * What follows a message's header: a fixed structure, then attributes of struct nlattr, each padded
 * to four bytes. Numbers are in the machine's order, which is little-endian on both machines.
 */
public final class AttributeWriter {
  private static final int HEADER = 4;

  /** NLA_F_NESTED of linux/netlink.h. */
  private static final int NESTED = 0x8000;

  private static final int LONGEST = 0xFFFF - HEADER;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** Bytes that are no attribute: the fixed structure of a message's type. */
  public AttributeWriter raw(byte[] structure) {
    bytes.writeBytes(structure);
    pad();
    return this;
  }

  /**
   * An attribute.
   *
   * @throws IllegalArgumentException if it is longer than 65,531 bytes
   */
  public AttributeWriter put(int type, byte[] value) {
    if (value.length > LONGEST) {
      throw new IllegalArgumentException(
          "attribute " + type + " has " + value.length + " bytes; netlink takes " + LONGEST);
    }
    bytes.writeBytes(
        little(HEADER).putShort((short) (HEADER + value.length)).putShort((short) type).array());
    bytes.writeBytes(value);
    pad();
    return this;
  }

  public AttributeWriter putInt(int type, int value) {
    return put(type, little(Integer.BYTES).putInt(value).array());
  }

  /** A number in the network's order, as nftables has them. */
  public AttributeWriter putBig(int type, int value) {
    return put(type, ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
  }

  /** Text with its NUL. */
  public AttributeWriter putText(int type, String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    return put(type, Arrays.copyOf(text, text.length + 1));
  }

  /** An attribute that {@code content} fills with others. */
  public AttributeWriter nest(int type, Consumer<AttributeWriter> content) {
    AttributeWriter inner = new AttributeWriter();
    content.accept(inner);
    return put(type | NESTED, inner.toBytes());
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }

  private void pad() {
    while (bytes.size() % 4 != 0) {
      bytes.write(0);
    }
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
