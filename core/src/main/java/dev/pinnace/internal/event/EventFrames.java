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
import java.util.function.IntPredicate;
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
   * @param action by its number
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

  /**
   * Those that have been added since the last call.
   *
   * @param piece for what is read
   * @param wanted the numbers of what is to be told; the others are passed over
   */
  List<Frame> more(byte[] piece, IntPredicate wanted) {
    List<Frame> frames = new ArrayList<>();
    while (fill(piece)) {
      parse(frames, wanted);
    }
    return frames;
  }

  private boolean fill(byte[] piece) {
    int count = file.readAt(position, piece, 0, piece.length);
    if (count <= 0) {
      return false;
    }
    position += count;
    unread =
        ByteBuffer.allocate(unread.remaining() + count)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(unread)
            .put(piece, 0, count)
            .flip();
    return true;
  }

  private void parse(List<Frame> frames, IntPredicate wanted) {
    int at = unread.position();
    while (unread.limit() - at >= HEAD + TAIL) {
      int length = length(at);
      if (length < 0) {
        at++;
      } else if (isWhole(at, length)) {
        if (wanted.test(unread.getShort(at + 16))) {
          frame(at, length).ifPresent(frames::add);
        }
        at += HEAD + length + TAIL;
      } else if (at + HEAD + length + TAIL > unread.limit() && !isFollowed(at)) {
        break; // the rest is yet to come
      } else {
        at++;
      }
    }
    unread.position(at);
  }

  /** The length of the text where a frame begins; negative where none does. */
  private int length(int at) {
    int length = unread.getInt(at + 4);
    return unread.getInt(at) == MAGIC && length <= MOST ? length : -1;
  }

  private boolean isWhole(int at, int length) {
    int end = at + HEAD + length;
    return end + TAIL <= unread.limit() && unread.getInt(end) == length;
  }

  /** Whether a whole frame comes later: then what begins at {@code at} is torn. */
  private boolean isFollowed(int at) {
    for (int later = at + 1; unread.limit() - later >= HEAD + TAIL; later++) {
      int length = length(later);
      if (length >= 0 && isWhole(later, length)) {
        return true;
      }
    }
    return false;
  }

  private Optional<Frame> frame(int at, int length) {
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
