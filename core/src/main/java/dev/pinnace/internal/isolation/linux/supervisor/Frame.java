package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.UnixSocket.Message;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A message between a client and a supervisor (docs/formats.md, <i>Supervisor protocol</i>).
 *
 * @param type what it is
 * @param id the request that it belongs to; 0 for none
 * @param payload the rest
 * @param descriptors that came with it, owned by whoever has the frame
 */
record Frame(int type, int id, ByteBuffer payload, List<Fd> descriptors) {
  static final int HELLO = 1;
  static final int START = 2;
  static final int EXEC = 3;
  static final int SIGNAL = 4;
  static final int STOP = 5;
  static final int WAIT = 6;
  static final int STATE = 7;
  static final int FOLLOW = 8;
  static final int POLICY = 9;
  static final int ATTACH = 10;
  static final int RESIZE = 11;
  static final int DETACH = 12;
  static final int LEAVE = 13;
  static final int EXEC_STARTED = 0x83;
  static final int EXEC_EXITED = 0x93;
  static final int EXIT = 0x96;
  static final int LOG = 0x98;
  static final int LAGGED = 0x9A;
  static final int RUN_STARTED = 0xA1;
  static final int RUN_FAILED = 0xA2;
  static final int REACHED = 0xA3;
  static final int ERROR = 0xE0;

  private static final int HEADER = 8;

  static Frame of(Message message) {
    ByteBuffer content = message.content();
    return new Frame(
        content.getInt(0),
        content.getInt(4),
        content.position(HEADER).slice().order(ByteOrder.LITTLE_ENDIAN),
        message.descriptors());
  }

  static byte[] encode(int type, int id, int... words) {
    ByteBuffer out =
        ByteBuffer.allocate(HEADER + 4 * words.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(type)
            .putInt(id);
    for (int word : words) {
      out.putInt(word);
    }
    return out.array();
  }

  void closeDescriptors() {
    descriptors.forEach(Fd::close);
  }
}
