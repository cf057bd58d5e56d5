package dev.pinnace.linux.net.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Attributes as they were received, by their type; of two of a type the later counts. */
public final class Attributes {
  private static final int HEADER = 4;
  private static final int TYPE = 0x3FFF;

  private final Map<Integer, ByteBuffer> values = new HashMap<>();

  /** What remains of {@code bytes}; one that claims more than there is ends them. */
  public static Attributes of(ByteBuffer bytes) {
    Attributes attributes = new Attributes();
    ByteBuffer rest = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    while (rest.remaining() >= HEADER) {
      int length = Short.toUnsignedInt(rest.getShort(rest.position()));
      if (length < HEADER || length > rest.remaining()) {
        break;
      }
      int type = rest.getShort(rest.position() + 2) & TYPE;
      attributes.values.put(
          type,
          rest.slice(rest.position() + HEADER, length - HEADER).order(ByteOrder.LITTLE_ENDIAN));
      rest.position(Math.min(rest.limit(), rest.position() + ((length + 3) & ~3)));
    }
    return attributes;
  }

  /** The attribute's bytes; empty where there is none. */
  public Optional<ByteBuffer> find(int type) {
    return Optional.ofNullable(values.get(type))
        .map(found -> found.duplicate().order(ByteOrder.LITTLE_ENDIAN));
  }

  public Optional<byte[]> bytes(int type) {
    return find(type)
        .map(
            found -> {
              byte[] copy = new byte[found.remaining()];
              found.get(copy);
              return copy;
            });
  }

  public OptionalInt integer(int type) {
    return find(type)
        .filter(found -> found.remaining() >= Integer.BYTES)
        .map(found -> OptionalInt.of(found.getInt(0)))
        .orElseGet(OptionalInt::empty);
  }

  /** Text without its NUL. */
  public Optional<String> text(int type) {
    return bytes(type)
        .map(found -> new String(found, StandardCharsets.UTF_8))
        .map(text -> text.indexOf('\0') < 0 ? text : text.substring(0, text.indexOf('\0')));
  }

  /** Those within an attribute; none where there is no such attribute. */
  public Attributes nested(int type) {
    return find(type).map(Attributes::of).orElseGet(Attributes::new);
  }
}
