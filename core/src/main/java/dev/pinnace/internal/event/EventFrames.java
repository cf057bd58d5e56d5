package dev.pinnace.internal.event;

import dev.pinnace.event.Event.Action;
import dev.pinnace.linux.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frames of a file of events (docs/formats.md, <i>Events</i>), as they are appended. What was
 * torn by a full disk or a power failure is passed over. For one thread at a time.
 */
final class EventFrames implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventFrames.class);
  private static final int MAGIC = 0x56454E50;
  private static final int HEAD = 32;
  private static final int TAIL = 4;
  private static final int MOST = 1 << 20;

  private static final int PIECE = 64 * 1024;

  private final Fd file;
  private long position;
  private ByteBuffer unread = ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);

  /** Reads {@code file}, and closes it at last. */
  EventFrames(Fd file) {
    this.file = file;
  }

  /**
   * One event.
   *
   * @param action by its number, which may be one that a newer Pinnace knows
   * @param code exit code of an end
   * @param signal that ended it, 0 for none
   */
  record Frame(Instant time, int action, int code, int signal, EventText text) {}

  /** Bytes of one. */
  static byte[] encode(Instant time, Action action, byte[] text) {
    return ByteBuffer.allocate(HEAD + text.length + TAIL)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(MAGIC)
        .putInt(text.length)
        .putLong(time.getEpochSecond() * 1_000_000_000 + time.getNano())
        .putShort((short) action.number())
        .position(HEAD)
        .put(text)
        .putInt(text.length)
        .array();
  }

  /** Those that have been added since the last call. */
  List<Frame> more() {
    fill();
    List<Frame> frames = new ArrayList<>();
    while (unread.remaining() >= HEAD + TAIL) {
      int length = unread.getInt(unread.position() + 4);
      boolean begins = unread.getInt(unread.position()) == MAGIC && length >= 0 && length <= MOST;
      if (begins && unread.remaining() < HEAD + length + TAIL) {
        break;
      }
      if (begins && unread.getInt(unread.position() + HEAD + length) == length) {
        frame(length).ifPresent(frames::add);
        unread.position(unread.position() + HEAD + length + TAIL);
      } else {
        unread.position(unread.position() + 1);
      }
    }
    return frames;
  }

  private void fill() {
    byte[] piece = new byte[PIECE];
    int count = file.readAt(position, piece, 0, PIECE);
    while (count > 0) {
      position += count;
      unread =
          ByteBuffer.allocate(unread.remaining() + count)
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(unread)
              .put(piece, 0, count)
              .flip();
      count = file.readAt(position, piece, 0, PIECE);
    }
  }

  private Optional<Frame> frame(int length) {
    int at = unread.position();
    byte[] text = new byte[length];
    unread.get(at + HEAD, text);
    long nanos = unread.getLong(at + 8);
    try {
      return Optional.of(
          new Frame(
              Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000),
              unread.getShort(at + 16),
              unread.getInt(at + 20),
              unread.getInt(at + 24),
              EventText.decode(text)));
    } catch (IOException damaged) {
      LOG.debug("an event is damaged and left out", damaged);
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
