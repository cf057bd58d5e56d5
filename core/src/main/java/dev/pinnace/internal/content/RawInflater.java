package dev.pinnace.internal.content;

import dev.pinnace.linux.compress.IsalInflater;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates raw deflate (RFC 1951). Not thread-safe. */
interface RawInflater extends AutoCloseable {
  /** The most bytes before the last input that {@link #remaining} may count. */
  int HELD_BACK = 8;

  /** The fastest that there is on this host. */
  static RawInflater fastest() {
    return IsalInflater.isAvailable() ? isal() : jdk();
  }

  /** The JDK's. */
  static RawInflater jdk() {
    return new OfTheJdk(new Inflater(true));
  }

  /** ISA-L's, where the host has it. */
  static RawInflater isal() {
    return new OfIsal(IsalInflater.open());
  }

  /** Gives more input, which is not copied; all that was given before has been taken. */
  void setInput(byte[] bytes, int from, int length);

  /**
   * Inflates: how many bytes came out, 0 at the end or where more input is needed.
   *
   * @throws DataFormatException if the data is damaged
   */
  int inflate(byte[] into, int from, int length) throws DataFormatException;

  /** Whether the end was reached. */
  boolean finished();

  /** How many of the bytes given follow the end. */
  int remaining();

  /** Begins anew. */
  void reset();

  @Override
  void close();

  /** By zlib. */
  record OfTheJdk(Inflater inflater) implements RawInflater {
    @Override
    public void setInput(byte[] bytes, int from, int length) {
      inflater.setInput(bytes, from, length);
    }

    @Override
    public int inflate(byte[] into, int from, int length) throws DataFormatException {
      return inflater.inflate(into, from, length);
    }

    @Override
    public boolean finished() {
      return inflater.finished();
    }

    @Override
    public int remaining() {
      return inflater.getRemaining();
    }

    @Override
    public void reset() {
      inflater.reset();
    }

    @Override
    public void close() {
      inflater.end();
    }
  }

  /** By ISA-L. */
  record OfIsal(IsalInflater inflater) implements RawInflater {
    @Override
    public void setInput(byte[] bytes, int from, int length) {
      inflater.setInput(bytes, from, length);
    }

    @Override
    public int inflate(byte[] into, int from, int length) throws DataFormatException {
      return inflater.inflate(into, from, length);
    }

    @Override
    public boolean finished() {
      return inflater.finished();
    }

    @Override
    public int remaining() {
      return inflater.remaining();
    }

    @Override
    public void reset() {
      inflater.reset();
    }

    @Override
    public void close() {
      inflater.close();
    }
  }
}
