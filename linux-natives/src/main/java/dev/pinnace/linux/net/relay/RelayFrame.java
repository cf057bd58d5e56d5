package dev.pinnace.linux.net.relay;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.UnixSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A frame of a relay's protocol: docs/formats.md, <i>Relay protocol</i>. */
record RelayFrame(int type, int id, ByteBuffer payload, List<Fd> descriptors) {
  static final int HELLO = 1;
  static final int HOLD = 2;
  static final int NAMESPACE = 3;
  static final int SOCKET = 4;
  static final int PUBLISH = 5;
  static final int UNPUBLISH = 6;
  static final int RETARGET = 7;
  static final int STATE = 8;
  static final int OUTBOUND = 9;

  static final int ANSWER = 0x80;
  static final int STARTED = 0xA1;
  static final int FAILED = 0xA2;
  static final int ERROR = 0xE0;

  private static final int HEAD = 8;
  private static final int ADDRESS = 24;
  private static final int INET = 2;
  private static final int INET6 = 10;

  static RelayFrame of(UnixSocket.Message message) {
    ByteBuffer content = message.content();
    ByteBuffer payload = content.position(HEAD).slice().order(ByteOrder.LITTLE_ENDIAN);
    return new RelayFrame(content.getInt(0), content.getInt(4), payload, message.descriptors());
  }

  static byte[] encode(int type, int id, byte[] payload) {
    ByteBuffer out = ByteBuffer.allocate(HEAD + payload.length).order(ByteOrder.LITTLE_ENDIAN);
    return out.putInt(type).putInt(id).put(payload).array();
  }

  static byte[] words(int... words) {
    ByteBuffer out = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      out.putInt(word);
    }
    return out.array();
  }

  /** Words, and then an address; one without host is none. */
  static byte[] words(Place place, int... words) {
    ByteBuffer out = ByteBuffer.allocate(4 * words.length + ADDRESS).order(ByteOrder.LITTLE_ENDIAN);
    out.put(words(words));
    InetAddress host = place.host();
    if (host != null) {
      out.putShort((short) (host instanceof Inet6Address ? INET6 : INET));
      out.putShort((short) place.port());
      out.putInt(host instanceof Inet6Address sixth ? sixth.getScopeId() : 0)
          .put(host.getAddress());
    }
    return out.array();
  }

  int word(int index) {
    return payload.getInt(4 * index);
  }

  /** Closes what came along. */
  void drop() {
    descriptors.forEach(Fd::close);
  }

  /** An address in a frame. */
  record Place(@org.jspecify.annotations.Nullable InetAddress host, int port) {
    static final Place NONE = new Place(null, 0);

    static Place of(InetSocketAddress address) {
      if (address.getAddress() == null || address.getPort() == 0) {
        throw new IllegalArgumentException(
            "a target has an address that is resolved, and a port: " + address);
      }
      return new Place(address.getAddress(), address.getPort());
    }
  }
}
