package dev.pinnace.linux.compress;

import dev.pinnace.linux.internal.jna.Isal;
import dev.pinnace.linux.internal.jna.NativeMemory;
import java.util.zip.DataFormatException;

/**
 * Inflates raw deflate (RFC 1951) with ISA-L, which is about twice as fast as zlib. It exists where
 * {@code libisal.so.2} is installed and does what is expected of it: {@link #isAvailable}. Not
 * thread-safe.
 *
 * @see <a href="https://github.com/intel/isa-l/blob/master/include/igzip_lib.h">igzip_lib.h</a>
 */
public final class IsalInflater implements AutoCloseable {
  /** Offsets in struct inflate_state, the same on x86_64 and aarch64. */
  static final int NEXT_OUT = 0;

  static final int AVAIL_OUT = 8;
  static final int NEXT_IN = 16;
  static final int AVAIL_IN = 32;
  static final int READ_IN_LENGTH = 36;
  static final int BLOCK_STATE = 21_160;
  static final int CRC_FLAG = 21_172;
  static final int SIZE = 87_368;

  static final int ISAL_DEFLATE = 0;
  static final int ISAL_BLOCK_FINISH = 5;

  /** Room for what a later version of the library may append to the structure. */
  private static final int SPARE = 16 * 1024;

  private static final int BUFFER = 256 * 1024;

  private final NativeMemory state = NativeMemory.of(SIZE + SPARE);
  private final NativeMemory in = NativeMemory.of(BUFFER);
  private final NativeMemory out = NativeMemory.of(BUFFER);
  private byte[] source = new byte[0];
  private int from;
  private int left;

  private IsalInflater() {
    Isal.isal_inflate_init(state.address());
    state.putInt(CRC_FLAG, ISAL_DEFLATE);
  }

  /** Whether the library is here and works. */
  public static boolean isAvailable() {
    return Availability.TRIED;
  }

  /**
   * Begins.
   *
   * @throws IllegalStateException unless it {@linkplain #isAvailable is available}
   */
  public static IsalInflater open() {
    if (!isAvailable()) {
      throw new IllegalStateException("libisal.so.2 is not here: install libisal2");
    }
    return new IsalInflater();
  }

  private static final class Availability {
    /** "abcabcabc..." as deflate, and what follows it. */
    private static final byte[] SAMPLE = {
      0x4b, 0x4c, 0x4a, 0x4e, 0x1c, 0x45, (byte) 0xc4, 0x21, 0x00, 0x71, 0x72, 0x73
    };

    static final boolean TRIED = tried();

    private static boolean tried() {
      try (IsalInflater trial = new IsalInflater()) {
        java.util.zip.Inflater model = new java.util.zip.Inflater(true);
        byte[] expected = new byte[4096];
        model.setInput(SAMPLE);
        int length = model.inflate(expected);
        int follows = model.getRemaining();
        model.end();
        byte[] actual = new byte[4096];
        trial.setInput(SAMPLE, 0, SAMPLE.length);
        int got = trial.inflate(actual, 0, actual.length);
        return got == length
            && trial.finished()
            && trial.remaining() == follows
            && java.util.Arrays.equals(actual, expected);
      } catch (UnsatisfiedLinkError | NoClassDefFoundError missing) {
        return false; // The JDK's inflater does the same.
      } catch (DataFormatException wrong) {
        return false; // A library of that name that does something else.
      }
    }
  }

  /** Gives more input; all that was given before has been taken. The array is not copied. */
  public void setInput(byte[] bytes, int offset, int length) {
    source = bytes;
    from = offset;
    left = length;
  }

  /**
   * Inflates.
   *
   * @return how many bytes came out; 0 when it is {@linkplain #finished finished} or more input is
   *     needed
   * @throws DataFormatException if the data is damaged
   */
  public int inflate(byte[] into, int offset, int length) throws DataFormatException {
    int room = (int) Math.min(length, out.size());
    state.putLong(NEXT_OUT, out.address()).putInt(AVAIL_OUT, room);
    while (!finished()) {
      if (state.getInt(AVAIL_IN) == 0 && left > 0) {
        feed();
      }
      int before = state.getInt(AVAIL_IN);
      int answer = Isal.isal_inflate(state.address());
      if (answer < 0) {
        throw new DataFormatException("ISA-L answers " + answer);
      }
      int produced = room - state.getInt(AVAIL_OUT);
      boolean starved = state.getInt(AVAIL_IN) == 0 && left == 0;
      boolean stuck = produced == 0 && before > 0 && state.getInt(AVAIL_IN) == before;
      if (produced == room || starved || stuck) {
        break;
      }
    }
    int produced = room - state.getInt(AVAIL_OUT);
    out.getBytes(0, into, offset, produced);
    return produced;
  }

  private void feed() {
    int piece = (int) Math.min(left, in.size());
    in.putBytes(0, source, from, piece);
    state.putLong(NEXT_IN, in.address()).putInt(AVAIL_IN, piece);
    from += piece;
    left -= piece;
  }

  /** Whether the last block has ended and all of it came out. */
  public boolean finished() {
    return state.getInt(BLOCK_STATE) == ISAL_BLOCK_FINISH;
  }

  /**
   * How many of the bytes given follow the end; up to seven may be of the input before the last.
   */
  public int remaining() {
    return left + state.getInt(AVAIL_IN) + state.getInt(READ_IN_LENGTH) / 8;
  }

  /** Begins anew; input that was not taken is forgotten. */
  public void reset() {
    Isal.isal_inflate_reset(state.address());
    state.putInt(CRC_FLAG, ISAL_DEFLATE).putInt(AVAIL_IN, 0);
    left = 0;
  }

  /** Frees the memory. Closing twice does nothing. */
  @Override
  public void close() {
    state.close();
    in.close();
    out.close();
  }
}
